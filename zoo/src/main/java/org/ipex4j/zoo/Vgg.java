package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;

/**
 * VGG of torchvision, with and without BatchNorm. Simonyan and Zisserman, Very Deep Convolutional
 * Networks for Large-Scale Image Recognition, 2014. The classifier needs feature maps of 7x7, that
 * is images of 224x224 to 255x255 (torchvision's adaptive pooling is the identity there).
 */
public final class Vgg extends ImageClassifier {
    private static final int POOL = 0;
    private static final int[] A = {
        64, POOL, 128, POOL, 256, 256, POOL, 512, 512, POOL, 512, 512, POOL
    };
    private static final int[] B = {
        64, 64, POOL, 128, 128, POOL, 256, 256, POOL, 512, 512, POOL, 512, 512, POOL
    };
    private static final int[] D = {
        64, 64, POOL, 128, 128, POOL, 256, 256, 256, POOL, 512, 512, 512, POOL, 512, 512, 512, POOL
    };
    private static final int[] E = {
        64, 64, POOL, 128, 128, POOL, 256, 256, 256, 256, POOL, 512, 512, 512, 512, POOL, 512, 512,
        512, 512, POOL
    };

    private final Sequence features = new Sequence();
    private final Sequence classifier;

    private Vgg(String name, int[] widths, boolean norm, int classes) {
        super(norm ? name + "_bn" : name);
        for (int w : widths) {
            if (w == POOL) {
                features.add(Layers.maxPool(2, 2, 0));
                continue;
            }
            features.add(Layers.conv(w, 3, 1, 1, 1, true));
            if (norm) {
                features.add(Layers.batchNorm());
            }
            features.add(Layers.relu());
        }
        addChildBlock("features", features);
        classifier =
                addChildBlock(
                        "classifier",
                        Sequence.of(
                                Layers.linear(4096, 0.01f),
                                Layers.relu(),
                                Layers.dropout(0.5f),
                                Layers.linear(4096, 0.01f),
                                Layers.relu(),
                                Layers.dropout(0.5f),
                                Layers.linear(classes, 0.01f)));
    }

    public static Vgg vgg11(boolean batchNorm, int classes) {
        return new Vgg("vgg11", A, batchNorm, classes);
    }

    public static Vgg vgg13(boolean batchNorm, int classes) {
        return new Vgg("vgg13", B, batchNorm, classes);
    }

    public static Vgg vgg16(boolean batchNorm, int classes) {
        return new Vgg("vgg16", D, batchNorm, classes);
    }

    public static Vgg vgg19(boolean batchNorm, int classes) {
        return new Vgg("vgg19", E, batchNorm, classes);
    }

    @Override
    NDArray forward(Run run, NDArray x) {
        x = run.through(features, x);
        requireSevenBySeven(x.getShape());
        return run.through(classifier, Layers.flatten(x));
    }

    @Override
    Shape walk(Shape in, Step step) {
        Shape x = step.visit((Block) features, in);
        requireSevenBySeven(x);
        return step.visit(classifier, new Shape(x.get(0), x.get(1) * 49));
    }

    private void requireSevenBySeven(Shape x) {
        if (x.get(2) != 7 || x.get(3) != 7) {
            throw new IllegalArgumentException(
                    name()
                            + ": the feature map is "
                            + x
                            + ", expected height and width 7: give images of 224x224");
        }
    }
}
