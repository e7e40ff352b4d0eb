package org.ipex4j.zoo.data;

import ai.djl.modality.cv.transform.Crop;
import ai.djl.modality.cv.transform.Normalize;
import ai.djl.modality.cv.transform.RandomFlipLeftRight;
import ai.djl.modality.cv.transform.RandomFlipTopBottom;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.translate.Transform;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;

/**
 * Transforms of whole batches, compiled and fused: bytes are read once and finished inputs written
 * once. On other engines the same transforms run op by op, on batches too.
 */
final class BatchPipeline {
    /** Transforms of DJL that treat a batch as they treat one picture. */
    private static final Set<Class<? extends Transform>> BATCHABLE =
            Set.of(Resize.class, ToTensor.class, Normalize.class, Crop.class);

    private final List<BatchTransform> transforms;
    private final Block block = new Transforms();
    final Block compiled = Ipex.compile(block);
    private List<Shape> pictureShapes;

    private BatchPipeline(List<BatchTransform> transforms) {
        this.transforms = transforms;
    }

    /** The first transform that is known for single pictures only, if there is one. */
    static Optional<Transform> unknown(List<Transform> transforms) {
        return transforms.stream().filter(t -> batched(t).isEmpty()).findFirst();
    }

    /**
     * The batch form of transforms, none of which is {@link #unknown}.
     *
     * <p>DJL's random flips throw the mirrored picture away (0.38), so that they change nothing;
     * here they do what their documentation says.
     */
    static BatchPipeline of(List<Transform> transforms) {
        return new BatchPipeline(transforms.stream().map(t -> batched(t).orElseThrow()).toList());
    }

    private static Optional<BatchTransform> batched(Transform t) {
        return switch (t) {
            case BatchTransform b -> Optional.of(b);
            case RandomFlipLeftRight _ -> Optional.of(RandomFlip.leftRight());
            case RandomFlipTopBottom _ -> Optional.of(RandomFlip.topBottom());
            default ->
                    BATCHABLE.contains(t.getClass())
                            ? Optional.of((batch, _) -> t.transform(batch))
                            : Optional.empty();
        };
    }

    /**
     * Transforms pictures.
     *
     * @param planes [N, C, H, W], bytes
     * @param manager gets the result
     */
    NDArray run(NDManager manager, NDArray planes, Random random) {
        try (NDManager scope = manager.newSubManager()) {
            NDList inputs = new NDList(planes);
            inputs.addAll(draw(scope, planes, random));
            boolean ours = IpexEngine.NAME.equals(manager.getEngine().getEngineName());
            NDList out =
                    (ours ? compiled : block)
                            .forward(new ParameterStore(scope, false), inputs, false);
            out.attach(manager);
            return out.singletonOrThrow();
        }
    }

    /** Lets each transform choose. */
    private NDList draw(NDManager scope, NDArray planes, Random random) {
        NDList all = new NDList();
        if (transforms.stream().noneMatch(t -> t.drawn() > 0)) {
            return all;
        }
        List<Shape> shapes = shapes(scope, planes);
        for (int i = 0; i < transforms.size(); i++) {
            long[] batch = shapes.get(i).getShape().clone();
            batch[0] = planes.size(0);
            all.addAll(transforms.get(i).draw(scope, new Shape(batch), random));
        }
        return all;
    }

    /** What shape each transform is given, which one empty picture going through them tells. */
    private synchronized List<Shape> shapes(NDManager scope, NDArray planes) {
        if (pictureShapes == null) {
            Shape s = planes.getShape();
            NDArray x = scope.zeros(new Shape(1, s.get(2), s.get(3), s.get(1)), DataType.UINT8);
            List<Shape> out = new ArrayList<>();
            for (BatchTransform t : transforms) {
                out.add(x.getShape());
                x = t.transform(x, t.draw(scope, x.getShape(), new Random(0)));
            }
            pictureShapes = out;
        }
        return pictureShapes;
    }

    /** The transforms as a block. Inputs: the planes, then what each transform chose. */
    private final class Transforms extends AbstractBlock {
        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                PairList<String, Object> params) {
            NDArray x = inputs.get(0).transpose(0, 2, 3, 1);
            int at = 1;
            for (BatchTransform t : transforms) {
                List<NDArray> drawn = new ArrayList<>(inputs.subList(at, at + t.drawn()));
                at += t.drawn();
                x = t.transform(x, new NDList(drawn));
            }
            return new NDList(x);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            throw new UnsupportedOperationException("transforms have shapes when they run");
        }
    }
}
