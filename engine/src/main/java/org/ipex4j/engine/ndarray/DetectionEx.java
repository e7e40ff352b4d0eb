package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.ipex4j.ir.DType;

/**
 * The steps of single-shot detection around the network, on the host. Boxes are left, top, right,
 * bottom.
 */
interface DetectionEx extends ExOps {
    @Override
    default NDList multiBoxTarget(
            NDList inputs,
            float iouThreshold,
            float ignoreLabel,
            float negativeMiningRatio,
            float negativeMiningThreshold,
            int minNegativeSamples) {
        throw unsupported("multiBoxTarget", "training comes in a later version");
    }

    /** Anchors of a feature map [N, C, H, W]: [1, anchors, 4]. */
    @Override
    default NDList multiBoxPrior(
            List<Float> sizes,
            List<Float> ratios,
            List<Float> steps,
            List<Float> offsets,
            boolean clip) {
        if (getArray().sizes().rank() != 4) {
            throw new IllegalArgumentException(
                    "multiBoxPrior: [N, C, H, W] expected, got shape " + getArray().getShape());
        }
        int height = (int) getArray().sizes().get(2);
        int width = (int) getArray().sizes().get(3);
        float[] boxes = MultiBox.priors(height, width, sizes, ratios, steps, offsets, clip);
        return new NDList(getArray().getManager().create(boxes, new Shape(1, boxes.length / 4, 4)));
    }

    /**
     * Decodes and filters predictions: class probabilities [N, classes, anchors] (class 0 is
     * background), offsets [N, anchors * 4], anchors [1, anchors, 4]. The result is [N, anchors,
     * 6]: class, score, box; rows of suppressed or background boxes have class -1.
     */
    @Override
    default NDList multiBoxDetection(
            NDList inputs,
            boolean clip,
            float threshold,
            int backgroundId,
            float nmsThreshold,
            boolean forceSuppress,
            int nmsTopK) {
        IpexNDArray self = getArray();
        IpexNDArray scores = self.own(inputs.get(0));
        if (inputs.size() != 3 || scores.sizes().rank() != 3) {
            throw new IllegalArgumentException(
                    "multiBoxDetection: probabilities [N, classes, anchors], offsets and anchors expected, got "
                            + inputs);
        }
        float[] probabilities = floats(scores);
        float[] offsets = floats(self.own(inputs.get(1)));
        float[] anchors = floats(self.own(inputs.get(2)));
        int batch = (int) scores.sizes().get(0);
        int classes = (int) scores.sizes().get(1);
        int count = (int) scores.sizes().get(2);
        if (anchors.length != 4 * count || offsets.length != 4 * count * batch) {
            throw new IllegalArgumentException(
                    "multiBoxDetection: "
                            + count
                            + " anchors expected, got "
                            + inputs.get(1).getShape()
                            + " and "
                            + inputs.get(2).getShape());
        }
        MultiBox.Options options =
                new MultiBox.Options(
                        clip, threshold, backgroundId, nmsThreshold, forceSuppress, nmsTopK);
        float[] out = new float[batch * count * 6];
        for (int n = 0; n < batch; n++) {
            MultiBox.detect(
                    probabilities,
                    n * classes * count,
                    classes,
                    count,
                    offsets,
                    n * count * 4,
                    anchors,
                    options,
                    out,
                    n * count * 6);
        }
        return new NDList(self.getManager().create(out, new Shape(batch, count, 6)));
    }

    private static float[] floats(IpexNDArray array) {
        if (array.type().dtype() != DType.FLOAT32) {
            throw new IllegalArgumentException(
                    "multiBoxDetection: FLOAT32 arrays expected, got " + array.type());
        }
        return HostCopy.toFloats(array.tensor("NDArrayEx.multiBoxDetection"));
    }
}
