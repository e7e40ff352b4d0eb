package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;

/**
 * MobileNetV2 of torchvision, width 1. Sandler et al., MobileNetV2: Inverted Residuals and Linear
 * Bottlenecks, 2018.
 */
public final class MobileNetV2 extends ImageClassifier {
    /** Expansion, output channels, repeats, first stride. */
    private static final int[][] STAGES = {
        {1, 16, 1, 1},
        {6, 24, 2, 2},
        {6, 32, 3, 2},
        {6, 64, 4, 2},
        {6, 96, 3, 1},
        {6, 160, 3, 2},
        {6, 320, 1, 1}
    };

    private final Sequence features = new Sequence();
    private final Block pool = Layers.globalAveragePool();
    private final Sequence classifier;

    private MobileNetV2(int classes) {
        super("mobilenet_v2");
        features.add(convNormRelu6(32, 3, 2, 1));
        int in = 32;
        for (int[] stage : STAGES) {
            for (int i = 0; i < stage[2]; i++) {
                features.add(new InvertedResidual(in, stage[1], i == 0 ? stage[3] : 1, stage[0]));
                in = stage[1];
            }
        }
        features.add(convNormRelu6(1280, 1, 1, 1));
        addChildBlock("features", features);
        classifier =
                addChildBlock(
                        "classifier",
                        Sequence.of(Layers.dropout(0.2f), Layers.linear(classes, 0.01f)));
    }

    public static MobileNetV2 mobilenetV2() {
        return mobilenetV2(1000);
    }

    public static MobileNetV2 mobilenetV2(int classes) {
        return new MobileNetV2(classes);
    }

    private static Sequence convNormRelu6(int out, int kernel, int stride, int groups) {
        return Sequence.of(
                Layers.conv(out, kernel, stride, groups), Layers.batchNorm(), Layers.relu6());
    }

    @Override
    NDArray forward(Run run, NDArray x) {
        x = run.through(pool, run.through(features, x));
        return run.through(classifier, Layers.flatten(x));
    }

    @Override
    Shape walk(Shape in, Step step) {
        Shape x = step.visit(features, in);
        return step.visit(classifier, new Shape(x.get(0), x.get(1)));
    }

    /** Widen, filter each channel, narrow; the input is added where shapes allow. */
    private static final class InvertedResidual extends TorchModule {
        private final Sequence conv = new Sequence();
        private final boolean shortcut;

        InvertedResidual(int in, int out, int stride, int expansion) {
            int hidden = in * expansion;
            if (expansion != 1) {
                conv.add(convNormRelu6(hidden, 1, 1, 1));
            }
            conv.add(convNormRelu6(hidden, 3, stride, hidden));
            conv.add(Layers.conv(out, 1, 1, 1));
            conv.add(Layers.batchNorm());
            addChildBlock("conv", conv);
            shortcut = stride == 1 && in == out;
        }

        @Override
        NDArray forward(Run run, NDArray x) {
            NDArray y = run.through(conv, x);
            return shortcut ? x.add(y) : y;
        }

        @Override
        Shape walk(Shape in, Step step) {
            return step.visit(conv, in);
        }
    }
}
