package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;

/**
 * MobileNetV3 of torchvision, width 1: depthwise convolutions, hardswish, squeeze and excitation.
 * Howard et al., Searching for MobileNetV3, 2019.
 */
public final class MobileNetV3 extends ImageClassifier {
    /**
     * Kernel, expanded channels, output channels, squeeze-excitation (1) or not, hardswish (1) or
     * relu, stride.
     */
    private static final int[][] LARGE = {
        {3, 16, 16, 0, 0, 1},
        {3, 64, 24, 0, 0, 2},
        {3, 72, 24, 0, 0, 1},
        {5, 72, 40, 1, 0, 2},
        {5, 120, 40, 1, 0, 1},
        {5, 120, 40, 1, 0, 1},
        {3, 240, 80, 0, 1, 2},
        {3, 200, 80, 0, 1, 1},
        {3, 184, 80, 0, 1, 1},
        {3, 184, 80, 0, 1, 1},
        {3, 480, 112, 1, 1, 1},
        {3, 672, 112, 1, 1, 1},
        {5, 672, 160, 1, 1, 2},
        {5, 960, 160, 1, 1, 1},
        {5, 960, 160, 1, 1, 1},
    };

    private static final int[][] SMALL = {
        {3, 16, 16, 1, 0, 2},
        {3, 72, 24, 0, 0, 2},
        {3, 88, 24, 0, 0, 1},
        {5, 96, 40, 1, 1, 2},
        {5, 240, 40, 1, 1, 1},
        {5, 240, 40, 1, 1, 1},
        {5, 120, 48, 1, 1, 1},
        {5, 144, 48, 1, 1, 1},
        {5, 288, 96, 1, 1, 2},
        {5, 576, 96, 1, 1, 1},
        {5, 576, 96, 1, 1, 1},
    };

    private final Sequence features = new Sequence();
    private final Block pool = Layers.globalAveragePool();
    private final Sequence classifier;

    private MobileNetV3(String name, int[][] stages, int hidden, int classes) {
        super(name);
        features.add(convNorm(16, 3, 2, 1, Layers.hardswish()));
        int in = 16;
        for (int[] s : stages) {
            features.add(new InvertedResidual(in, s));
            in = s[2];
        }
        features.add(convNorm(in * 6, 1, 1, 1, Layers.hardswish()));
        addChildBlock("features", features);
        classifier =
                addChildBlock(
                        "classifier",
                        Sequence.of(
                                Layers.linear(hidden, 0.01f),
                                Layers.hardswish(),
                                Layers.dropout(0.2f),
                                Layers.linear(classes, 0.01f)));
    }

    public static MobileNetV3 large(int classes) {
        return new MobileNetV3("mobilenet_v3_large", LARGE, 1280, classes);
    }

    public static MobileNetV3 small(int classes) {
        return new MobileNetV3("mobilenet_v3_small", SMALL, 1024, classes);
    }

    private static Sequence convNorm(
            int out, int kernel, int stride, int groups, Block activation) {
        Sequence s =
                Sequence.of(
                        Layers.conv(out, kernel, stride, groups), Layers.batchNorm(1e-3f, 0.01f));
        return activation == null ? s : s.add(activation);
    }

    /** torchvision rounds channel counts to a multiple of 8, never below nine tenths. */
    private static int divisibleBy8(double v) {
        int rounded = Math.max(8, (int) (v + 4) / 8 * 8);
        return rounded < 0.9 * v ? rounded + 8 : rounded;
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

    private static final class InvertedResidual extends TorchModule {
        private final Sequence block = new Sequence();
        private final boolean shortcut;

        InvertedResidual(int in, int[] s) {
            int expanded = s[1];
            if (expanded != in) {
                block.add(convNorm(expanded, 1, 1, 1, activation(s)));
            }
            block.add(convNorm(expanded, s[0], s[5], expanded, activation(s)));
            if (s[3] == 1) {
                block.add(new SqueezeExcitation(expanded, divisibleBy8(expanded / 4.0)));
            }
            block.add(convNorm(s[2], 1, 1, 1, null));
            addChildBlock("block", block);
            shortcut = s[5] == 1 && in == s[2];
        }

        private static Block activation(int[] s) {
            return s[4] == 1 ? Layers.hardswish() : Layers.relu();
        }

        @Override
        NDArray forward(Run run, NDArray x) {
            NDArray y = run.through(block, x);
            return shortcut ? y.add(x) : y;
        }

        @Override
        Shape walk(Shape in, Step step) {
            return step.visit(block, in);
        }
    }

    /** Scales each channel by a function of all channels' means. */
    private static final class SqueezeExcitation extends TorchModule {
        private final Block pool = Layers.globalAveragePool();
        private final Block fc1;
        private final Block relu = Layers.relu();
        private final Block fc2;
        private final Block gate = Layers.hardsigmoid();

        SqueezeExcitation(int channels, int squeezed) {
            fc1 = addChildBlock("fc1", Layers.conv(squeezed, 1, 1, 0, 1, true));
            fc2 = addChildBlock("fc2", Layers.conv(channels, 1, 1, 0, 1, true));
        }

        @Override
        NDArray forward(Run run, NDArray x) {
            NDArray s = run.through(relu, run.through(fc1, run.through(pool, x)));
            return x.mul(run.through(gate, run.through(fc2, s)));
        }

        @Override
        Shape walk(Shape in, Step step) {
            Shape pooled = pool.getOutputShapes(new Shape[] {in})[0];
            step.visit(fc2, step.visit(fc1, pooled));
            return in;
        }
    }
}
