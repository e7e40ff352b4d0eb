package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.Map;
import org.ipex4j.engine.weights.StateDict;

/**
 * ResNet of torchvision ("v1.5": the stride of a bottleneck is on its 3x3 convolution), with the
 * same {@code state_dict} keys. He et al., Deep Residual Learning for Image Recognition, 2015;
 * ResNeXt: Xie et al., 2016; wide: Zagoruyko and Komodakis, 2016. Input [N, 3, H, W], output [N,
 * classes].
 */
public final class ResNet extends ImageClassifier {
    private final Block conv1;
    private final Block bn1;
    private final Block relu;
    private final Block maxpool;
    private final Block layer1;
    private final Block layer2;
    private final Block layer3;
    private final Block layer4;
    private final Block avgpool;
    private final Block fc;

    private ResNet(
            String name,
            boolean bottleneck,
            int[] depths,
            int groups,
            int widthPerGroup,
            int classes) {
        super(name);
        conv1 = addChildBlock("conv1", Layers.conv(64, 7, 2, 1));
        bn1 = addChildBlock("bn1", Layers.batchNorm());
        relu = addChildBlock("relu", Layers.relu());
        maxpool = addChildBlock("maxpool", Layers.maxPool(3, 2, 1));
        Stages stages = new Stages(bottleneck, groups, widthPerGroup);
        layer1 = addChildBlock("layer1", stages.layer(64, depths[0], 1));
        layer2 = addChildBlock("layer2", stages.layer(128, depths[1], 2));
        layer3 = addChildBlock("layer3", stages.layer(256, depths[2], 2));
        layer4 = addChildBlock("layer4", stages.layer(512, depths[3], 2));
        avgpool = addChildBlock("avgpool", Layers.globalAveragePool());
        fc = addChildBlock("fc", Layers.linear(classes, 0.01f));
    }

    public static ResNet resnet18() {
        return resnet18(1000);
    }

    public static ResNet resnet18(int classes) {
        return new ResNet("resnet18", false, new int[] {2, 2, 2, 2}, 1, 64, classes);
    }

    public static ResNet resnet34() {
        return resnet34(1000);
    }

    public static ResNet resnet34(int classes) {
        return new ResNet("resnet34", false, new int[] {3, 4, 6, 3}, 1, 64, classes);
    }

    public static ResNet resnet50() {
        return resnet50(1000);
    }

    public static ResNet resnet50(int classes) {
        return new ResNet("resnet50", true, new int[] {3, 4, 6, 3}, 1, 64, classes);
    }

    public static ResNet resnet101() {
        return resnet101(1000);
    }

    public static ResNet resnet101(int classes) {
        return new ResNet("resnet101", true, new int[] {3, 4, 23, 3}, 1, 64, classes);
    }

    public static ResNet resnet152() {
        return resnet152(1000);
    }

    public static ResNet resnet152(int classes) {
        return new ResNet("resnet152", true, new int[] {3, 8, 36, 3}, 1, 64, classes);
    }

    public static ResNet resnext50(int classes) {
        return new ResNet("resnext50_32x4d", true, new int[] {3, 4, 6, 3}, 32, 4, classes);
    }

    public static ResNet wideResnet50(int classes) {
        return new ResNet("wide_resnet50_2", true, new int[] {3, 4, 6, 3}, 1, 128, classes);
    }

    /**
     * Lets each residual branch begin at zero, by the scale of its last norm: torchvision's {@code
     * zero_init_residual}. Learning from nothing is steadier then (Goyal et al., Accurate, Large
     * Minibatch SGD, 2017). Comes before initialising.
     */
    public ResNet zeroInitResidual() {
        Map<String, Parameter> parameters = StateDict.of(this);
        parameters.forEach(
                (name, parameter) -> {
                    String last = name.replaceFirst("\\.bn[23]\\.weight$", "");
                    boolean bottleneck = parameters.containsKey(last + ".bn3.weight");
                    if (name.equals(last + (bottleneck ? ".bn3.weight" : ".bn2.weight"))) {
                        parameter.setInitializer(Initializer.ZEROS);
                    }
                });
        return this;
    }

    @Override
    NDArray forward(Run run, NDArray x) {
        for (Block b :
                new Block[] {conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool}) {
            x = run.through(b, x);
        }
        return run.through(fc, Layers.flatten(x));
    }

    @Override
    Shape walk(Shape x, Step step) {
        for (Block b :
                new Block[] {conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool}) {
            x = step.visit(b, x);
        }
        return step.visit(fc, new Shape(x.get(0), x.get(1)));
    }

    /** Builds the stages; remembers how many channels have left the last one. */
    private static final class Stages {
        private final boolean bottleneck;
        private final int groups;
        private final int widthPerGroup;
        private int channels = 64;

        Stages(boolean bottleneck, int groups, int widthPerGroup) {
            this.bottleneck = bottleneck;
            this.groups = groups;
            this.widthPerGroup = widthPerGroup;
        }

        Block layer(int planes, int depth, int stride) {
            Sequence layer = new Sequence();
            for (int i = 0; i < depth; i++) {
                layer.add(block(planes, i == 0 ? stride : 1));
            }
            return layer;
        }

        private Block block(int planes, int stride) {
            int out = bottleneck ? planes * 4 : planes;
            Block downsample =
                    stride == 1 && channels == out
                            ? null
                            : Sequence.of(Layers.conv(out, 1, stride, 1), Layers.batchNorm());
            channels = out;
            Block[] convs;
            if (bottleneck) {
                int width = planes * widthPerGroup / 64 * groups;
                convs =
                        new Block[] {
                            Layers.conv(width, 1, 1, 1),
                            Layers.conv(width, 3, stride, groups),
                            Layers.conv(out, 1, 1, 1)
                        };
            } else {
                convs = new Block[] {Layers.conv(out, 3, stride, 1), Layers.conv(out, 3, 1, 1)};
            }
            return new Residual(convs, downsample);
        }
    }

    /**
     * BasicBlock or Bottleneck: convolutions with BatchNorm and ReLU, and the input added before
     * the last ReLU.
     */
    private static final class Residual extends TorchModule {
        private final Block[] convs;
        private final Block[] norms;
        private final Block relu;
        private final Block downsample;

        Residual(Block[] convs, Block downsample) {
            this.convs = convs;
            norms = new Block[convs.length];
            for (int i = 0; i < convs.length; i++) {
                addChildBlock("conv" + (i + 1), convs[i]);
                norms[i] = addChildBlock("bn" + (i + 1), Layers.batchNorm());
            }
            relu = addChildBlock("relu", Layers.relu());
            this.downsample = downsample == null ? null : addChildBlock("downsample", downsample);
        }

        @Override
        NDArray forward(Run run, NDArray input) {
            NDArray x = input;
            for (int i = 0; i < convs.length; i++) {
                x = run.through(norms[i], run.through(convs[i], x));
                if (i < convs.length - 1) {
                    x = run.through(relu, x);
                }
            }
            NDArray shortcut = downsample == null ? input : run.through(downsample, input);
            return run.through(relu, x.add(shortcut));
        }

        @Override
        Shape walk(Shape input, Step step) {
            Shape x = input;
            for (int i = 0; i < convs.length; i++) {
                x = step.visit(relu, step.visit(norms[i], step.visit(convs[i], x)));
            }
            if (downsample != null) {
                step.visit(downsample, input);
            }
            return x;
        }
    }
}
