package org.ipex4j.engine.autograd;

import static org.ipex4j.engine.autograd.GradientCheck.check;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.util.Random;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Gradients of programs of several ops against libtorch's for the same ops. */
class ProgramGradientTest {
    private final NDManager manager = IpexEngine.instance().newBaseManager();
    private final Random random = new Random(5);

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray draw(long... sizes) {
        Shape shape = new Shape(sizes);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, shape);
    }

    @Test
    void broadcastArithmetic() {
        check(
                "broadcast",
                in -> {
                    NDArray a = in.get(0);
                    NDArray b = in.get(1);
                    NDArray c = in.get(2);
                    return new NDList(
                            a.mul(b).add(c).div(b.square().add(1)).sub(a).mul(0.5f).sum());
                },
                new NDList(draw(7, 1, 13), draw(3, 1), draw(1)));
    }

    @Test
    void everythingMeetsAgain() {
        check(
                "diamond",
                in -> {
                    NDArray x = in.get(0);
                    NDArray y = x.tanh();
                    NDArray z = y.mul(y).add(x.exp().mul(y)).add(y);
                    return new NDList(z.mul(x).add(y));
                },
                new NDList(draw(33)));
    }

    @Test
    void viewsOfAllKinds() {
        check(
                "views",
                in -> {
                    NDArray x = in.get(0);
                    NDArray turned = x.transpose(2, 0, 1);
                    NDArray flat = turned.reshape(-1);
                    NDArray part = x.get(new NDIndex("1:5:2, :, -1"));
                    NDArray wide = x.get(0).expandDims(0).broadcast(new Shape(4, 3, 5));
                    NDList pieces = x.split(new long[] {2}, 0);
                    return new NDList(
                            flat.square()
                                    .sum()
                                    .add(part.exp().sum())
                                    .add(wide.mul(wide).sum())
                                    .add(pieces.get(1).sin().sum())
                                    .add(x.squeeze().flatten().get(7).mul(3)));
                },
                new NDList(draw(7, 3, 5)));
    }

    @Test
    void unusedPiecesOfASplitGetZeros() {
        check(
                "split",
                in -> new NDList(in.get(0).split(3, 1).get(1).square()),
                new NDList(draw(5, 9)));
    }

    @Test
    void matrixProducts() {
        check(
                "products",
                in -> {
                    NDArray a = in.get(0);
                    NDArray b = in.get(1);
                    NDArray w = in.get(2);
                    NDArray c = NDArrays.dot(a, b);
                    NDArray d =
                            c.expandDims(0).matMul(w.expandDims(0).broadcast(new Shape(2, 7, 4)));
                    return new NDList(d.mul(d).sum().add(a.transpose().dot(a).sum()));
                },
                100,
                new NDList(draw(5, 13), draw(13, 7), draw(7, 4)));
    }

    @Test
    void inverses() {
        NDArray x = draw(3, 4, 4);
        x.addi(manager.eye(4).mul(5));
        NDArray y = x.duplicate();
        y.setRequiresGradient(true);
        try (IpexGradientCollector collector = IpexEngine.instance().newGradientCollector()) {
            collector.backward(y.inverse().square());
        }
        NDArray found = y.getGradient();
        // Central differences in FP64.
        double h = 1e-5;
        for (int i = 0; i < 48; i += 7) {
            double[] values = x.toType(DataType.FLOAT64, false).toDoubleArray();
            values[i] += h;
            double up = sumOfSquares(values);
            values[i] -= 2 * h;
            double down = sumOfSquares(values);
            org.assertj.core.api.Assertions.assertThat((double) found.reshape(-1).getFloat(i))
                    .isCloseTo((up - down) / (2 * h), org.assertj.core.data.Offset.offset(1e-4));
        }
    }

    private double sumOfSquares(double[] values) {
        return manager.create(values, new Shape(3, 4, 4)).inverse().square().sum().getDouble();
    }

    @Test
    void reductionsAndExtremes() {
        check(
                "reductions",
                in -> {
                    NDArray x = in.get(0);
                    return new NDList(
                            x.mean(new int[] {0}, true)
                                    .sub(x)
                                    .square()
                                    .sum(new int[] {1})
                                    .sqrt()
                                    .sum()
                                    .add(x.max(new int[] {1}).sum())
                                    .add(x.prod(new int[] {1}).sum())
                                    .add(x.cumSum(0).mul(x).sum())
                                    .add(x.abs().maximum(0.3).norm()));
                },
                100,
                new NDList(draw(13, 5)));
    }

    @Test
    void softmaxCrossEntropyAsDjlWritesIt() {
        NDArray labels = manager.create(new long[] {3, 0, 6, 1, 1});
        check(
                "softmax",
                in -> {
                    NDArray p = in.get(0).logSoftmax(-1);
                    NDArray picked = p.get(new NDIndex("{}, {}", manager.arange(5), labels)).neg();
                    return new NDList(picked.mean().add(in.get(0).softmax(0).square().sum()));
                },
                new NDList(draw(5, 7)));
    }

    @Test
    void selectionAndIndexing() {
        NDArray index = manager.create(new long[] {2, 2, 0, 6}, new Shape(2, 2));
        check(
                "indexing",
                in -> {
                    NDArray x = in.get(0);
                    NDArray taken = x.get(index);
                    NDArray rows =
                            x.getNDArrayInternal()
                                    .embedding(index, in.get(1), SparseFormat.DENSE)
                                    .singletonOrThrow();
                    NDArray where = NDArrays.where(x.gt(0), x.square(), x.mul(in.get(1)));
                    return new NDList(
                            taken.square()
                                    .sum()
                                    .add(rows.exp().sum())
                                    .add(where.sum())
                                    .add(x.sort().get(1).sum()));
                },
                new NDList(draw(7, 3), draw(7, 3)));
    }

    @Test
    void concatenationAndPadding() {
        check(
                "joins",
                in -> {
                    NDArray a = in.get(0);
                    NDArray b = in.get(1);
                    NDArray c = NDArrays.concat(new NDList(a, b, a), 1);
                    NDArray d = NDArrays.stack(new NDList(b, b.mul(2)));
                    return new NDList(
                            c.square()
                                    .sum()
                                    .add(d.exp().sum())
                                    .add(a.tile(2).mul(a.tile(2)).sum())
                                    .add(a.flip(1).mul(a).sum()));
                },
                new NDList(draw(3, 4), draw(3, 2)));
    }

    @Test
    void mixedTypes() {
        check(
                "types",
                in -> {
                    NDArray x = in.get(0);
                    NDArray d = x.toType(DataType.FLOAT64, false);
                    return new NDList(
                            d.mul(in.get(1)).add(x).mul(in.get(2)).toType(DataType.FLOAT32, false));
                },
                new NDList(
                        draw(9),
                        draw(9).toType(DataType.FLOAT64, false),
                        manager.create(new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9})));
    }

    @Test
    void activations() {
        check(
                "activations",
                in -> {
                    NDArray x = in.get(0);
                    var ex = x.getNDArrayInternal();
                    return new NDList(
                            ex.relu()
                                    .add(ex.sigmoid())
                                    .add(ex.tanh())
                                    .add(ex.softPlus())
                                    .add(ex.softSign())
                                    .add(ex.leakyRelu(0.1f))
                                    .add(ex.elu(0.7f))
                                    .add(ex.selu())
                                    .add(ex.gelu())
                                    .add(ex.swish(1.3f))
                                    .add(ex.mish()));
                },
                new NDList(draw(31)));
    }

    @Test
    void layersWithoutConvolution() {
        check(
                "layers",
                in -> {
                    NDArray x = in.get(0);
                    var ex = x.getNDArrayInternal();
                    NDArray linear = ex.linear(x, in.get(1), in.get(2)).singletonOrThrow();
                    NDArray normed =
                            ex.layerNorm(linear, new Shape(6), in.get(3), in.get(4), 1e-5f)
                                    .singletonOrThrow();
                    NDArray image = normed.reshape(2, 2, 4, 6);
                    NDArray pooled =
                            image.getNDArrayInternal()
                                    .maxPool(
                                            new Shape(3, 3),
                                            new Shape(2, 2),
                                            new Shape(1, 1),
                                            false);
                    NDArray averaged =
                            image.getNDArrayInternal()
                                    .avgPool(
                                            new Shape(2, 2),
                                            new Shape(2, 2),
                                            new Shape(0, 0),
                                            false,
                                            true);
                    return new NDList(
                            pooled.square()
                                    .sum()
                                    .add(averaged.exp().sum())
                                    .add(
                                            image.getNDArrayInternal()
                                                    .globalAvgPool()
                                                    .square()
                                                    .sum()));
                },
                100,
                new NDList(draw(16, 5), draw(6, 5), draw(6), draw(6), draw(6)));
    }

    @Test
    void batchNormInTraining() {
        NDArray mean = manager.zeros(new Shape(3));
        NDArray variance = manager.ones(new Shape(3));
        check(
                "batch norm",
                in -> {
                    NDArray x = in.get(0);
                    NDArray y =
                            x.getNDArrayInternal()
                                    .batchNorm(
                                            x, mean, variance, in.get(1), in.get(2), 1, 0.9f, 1e-5f,
                                            true)
                                    .singletonOrThrow();
                    return new NDList(y.getNDArrayInternal().relu().square());
                },
                100,
                new NDList(draw(4, 3, 5, 7), draw(3), draw(3)));
    }
}
