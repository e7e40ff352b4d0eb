package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.initializer.XavierInitializer.FactorType;
import ai.djl.training.initializer.XavierInitializer.RandomType;

/** The layers that the models are made of, with torchvision's defaults and initial weights. */
final class Layers {
    private Layers() {}

    /** A convolution without bias, padded so that stride 1 keeps the size (odd kernels). */
    static Block conv(int out, int kernel, int stride, int groups) {
        return conv(out, kernel, stride, (kernel - 1) / 2, groups, false);
    }

    static Block conv(int out, int kernel, int stride, int padding, int groups, boolean bias) {
        Block conv =
                Conv2d.builder()
                        .setFilters(out)
                        .setKernelShape(new Shape(kernel, kernel))
                        .optStride(new Shape(stride, stride))
                        .optPadding(new Shape(padding, padding))
                        .optGroups(groups)
                        .optBias(bias)
                        .build();
        // torchvision: kaiming_normal_(mode="fan_out", nonlinearity="relu"), whose gain is sqrt(2).
        conv.setInitializer(
                new XavierInitializer(RandomType.GAUSSIAN, FactorType.OUT, 2),
                Parameter.Type.WEIGHT);
        return conv;
    }

    static Block batchNorm() {
        return BatchNorm.builder().build();
    }

    /**
     * @param momentum PyTorch's: the weight of the new value (DJL's is the weight of the old one)
     */
    static Block batchNorm(float epsilon, float momentum) {
        return BatchNorm.builder().optEpsilon(epsilon).optMomentum(1 - momentum).build();
    }

    static Block linear(int out, float standardDeviation) {
        Block linear = Linear.builder().setUnits(out).build();
        linear.setInitializer(new NormalInitializer(standardDeviation), Parameter.Type.WEIGHT);
        return linear;
    }

    static Block dropout(float rate) {
        return Dropout.builder().optRate(rate).build();
    }

    static Block relu() {
        return Lambda.pointwise(Activation::relu);
    }

    static Block relu6() {
        return Lambda.pointwise(Activation::relu6);
    }

    static Block gelu() {
        return Lambda.pointwise(Activation::gelu);
    }

    /** x * relu6(x + 3) / 6, as torch.nn.Hardswish. */
    static Block hardswish() {
        return Lambda.pointwise(x -> x.mul(Activation.relu6(x.add(3f))).div(6f));
    }

    /** relu6(x + 3) / 6, as torch.nn.Hardsigmoid. */
    static Block hardsigmoid() {
        return Lambda.pointwise(x -> Activation.relu6(x.add(3f)).div(6f));
    }

    static Block maxPool(int kernel, int stride, int padding) {
        Shape k = new Shape(kernel, kernel);
        Shape s = new Shape(stride, stride);
        Shape p = new Shape(padding, padding);
        return Lambda.of(
                x -> Pool.maxPool2d(x, k, s, p, false),
                in ->
                        new Shape(
                                in.get(0),
                                in.get(1),
                                pooled(in.get(2), kernel, stride, padding),
                                pooled(in.get(3), kernel, stride, padding)));
    }

    private static long pooled(long size, int kernel, int stride, int padding) {
        return (size + 2L * padding - kernel) / stride + 1;
    }

    /** AdaptiveAvgPool2d(1): the mean over height and width, kept as dimensions of size 1. */
    static Block globalAveragePool() {
        return Lambda.of(
                x -> x.mean(new int[] {2, 3}, true), in -> new Shape(in.get(0), in.get(1), 1, 1));
    }

    /** [N, …] to [N, rest]. */
    static NDArray flatten(NDArray x) {
        return x.reshape(x.getShape().get(0), -1);
    }
}
