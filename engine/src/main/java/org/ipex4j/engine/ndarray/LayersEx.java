package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.recurrent.RNN;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.ipex4j.engine.dispatch.Autocasting;
import org.ipex4j.ir.Sizes;

/** Convolutions, pools, norms, embeddings and recurrent layers. */
interface LayersEx extends ExOps {
    /** Spatial dimensions of an input of shape [N, C, …]. */
    private int spatial(String method) {
        int n = getArray().sizes().rank() - 2;
        if (n < 1 || n > 3) {
            throw new IllegalArgumentException(
                    method
                            + ": input of 3 to 5 dimensions expected, got shape "
                            + getArray().getShape());
        }
        return n;
    }

    private long[] spatialDims(String method) {
        int n = spatial(method);
        return IntStream.range(2, n + 2).asLongStream().toArray();
    }

    @Override
    default NDArray maxPool(Shape kernelShape, Shape stride, Shape padding, boolean ceilMode) {
        long[] ones = new long[kernelShape.dimension()];
        Arrays.fill(ones, 1);
        return call(
                "aten.max_pool" + spatial("maxPool") + "d",
                getArray(),
                kernelShape.getShape(),
                stride.getShape(),
                padding.getShape(),
                ones,
                ceilMode);
    }

    @Override
    default NDArray globalMaxPool() {
        return global("aten.amax", "globalMaxPool", "aten.adaptive_max_pool3d");
    }

    @Override
    default NDArray avgPool(
            Shape kernelShape,
            Shape stride,
            Shape padding,
            boolean ceilMode,
            boolean countIncludePad) {
        return call(
                "aten.avg_pool" + spatial("avgPool") + "d",
                getArray(),
                kernelShape.getShape(),
                stride.getShape(),
                padding.getShape(),
                ceilMode,
                countIncludePad);
    }

    @Override
    default NDArray globalAvgPool() {
        return global("aten.mean.dim", "globalAvgPool", "aten.adaptive_avg_pool3d");
    }

    /** To autocast these are adaptive pools, which it knows in three dimensions. */
    private IpexNDArray global(String reduction, String method, String autocastAs) {
        IpexNDArray x = getArray();
        IpexNDArray cast =
                spatial(method) == 3
                        ? Autocasting.operand(autocastAs, x, false, x.getManager())
                        : x;
        return x.closing(cast, call(reduction, cast, spatialDims(method), false));
    }

    /** The p-norm over each window: (sum of x^p)^(1/p). */
    @Override
    default NDArray lpPool(
            float normType, Shape kernelShape, Shape stride, Shape padding, boolean ceilMode) {
        try (IpexNDArray powers = (IpexNDArray) getArray().pow(normType);
                NDArray means =
                        powers.getNDArrayInternal()
                                .avgPool(kernelShape, stride, padding, ceilMode, true);
                NDArray sums = means.mul(kernelShape.size())) {
            return sums.pow(1.0 / normType);
        }
    }

    @Override
    default NDArray globalLpPool(float normType) {
        try (NDArray powers = getArray().pow(normType);
                NDArray sums =
                        powers.sum(IntStream.range(2, spatial("globalLpPool") + 2).toArray())) {
            return sums.pow(1.0 / normType);
        }
    }

    @Override
    default NDList convolution(
            NDArray input,
            NDArray weight,
            NDArray bias,
            Shape stride,
            Shape padding,
            Shape dilation,
            int groups) {
        return convolution(
                input,
                weight,
                bias,
                stride,
                padding,
                dilation,
                false,
                new long[stride.dimension()],
                groups);
    }

    @Override
    default NDList deconvolution(
            NDArray input,
            NDArray weight,
            NDArray bias,
            Shape stride,
            Shape padding,
            Shape outPadding,
            Shape dilation,
            int groups) {
        return convolution(
                input,
                weight,
                bias,
                stride,
                padding,
                dilation,
                true,
                outPadding.getShape(),
                groups);
    }

    private NDList convolution(
            NDArray input,
            NDArray weight,
            NDArray bias,
            Shape stride,
            Shape padding,
            Shape dilation,
            boolean transposed,
            long[] outPadding,
            int groups) {
        IpexNDArray self = getArray();
        return new NDList(
                call(
                        "aten.convolution",
                        self.own(input),
                        self.own(weight),
                        self.own(bias),
                        stride.getShape(),
                        padding.getShape(),
                        dilation.getShape(),
                        transposed,
                        outPadding,
                        groups));
    }

    @Override
    default NDList linear(NDArray input, NDArray weight, NDArray bias) {
        IpexNDArray self = getArray();
        return new NDList(call("aten.linear", self.own(input), self.own(weight), self.own(bias)));
    }

    /**
     * Rows of {@code weight}; the sparse format asks for a kind of gradient and is of no matter
     * here.
     */
    @Override
    default NDList embedding(NDArray input, NDArray weight, SparseFormat sparse) {
        IpexNDArray indices = getArray().indices(input);
        NDList rows = new NDList(call("aten.embedding", getArray().own(weight), indices));
        if (indices != input) {
            indices.close();
        }
        return rows;
    }

    @Override
    default NDList prelu(NDArray input, NDArray alpha) {
        return new NDList(call("aten.prelu", getArray().own(input), getArray().own(alpha)));
    }

    /**
     * In inference the input itself, viewed; in training zeros with probability {@code rate}, the
     * rest scaled.
     */
    @Override
    default NDList dropout(NDArray input, float rate, boolean training) {
        IpexNDArray x = getArray().own(input);
        if (!training || rate == 0) {
            return new NDList(call("aten.alias", x));
        }
        if (!(rate > 0 && rate <= 1)) {
            throw new IllegalArgumentException("dropout: rate expected in [0, 1], got " + rate);
        }
        IpexNDManager manager = getArray().getManager();
        try (NDArray uniform = manager.randomUniform(0, 1, x.getShape(), DataType.FLOAT32);
                NDArray kept = uniform.gte(rate);
                NDArray scaled = x.mul(rate == 1 ? 0.0 : 1 / (1 - (double) rate))) {
            return new NDList(scaled.mul(kept));
        }
    }

    @Override
    default NDList layerNorm(
            NDArray input, Shape normalizedShape, NDArray gamma, NDArray beta, float eps) {
        IpexNDArray self = getArray();
        return new NDList(
                call(
                        "aten.layer_norm",
                        self.own(input),
                        normalizedShape.getShape(),
                        self.own(gamma),
                        self.own(beta),
                        eps));
    }

    /**
     * Normalises each channel of {@code axis} (-1: axis 1). In training by the batch's own mean and
     * variance, and the running ones move: new = old * momentum + batch's * (1 - momentum).
     */
    @Override
    default NDList batchNorm(
            NDArray input,
            NDArray runningMean,
            NDArray runningVar,
            NDArray gamma,
            NDArray beta,
            int axis,
            float momentum,
            float eps,
            boolean training) {
        IpexNDArray self = getArray();
        IpexNDArray x = self.own(input);
        boolean swap = axis != -1 && axis != 1;
        IpexNDArray source = swap ? call("aten.transpose.int", x, 1, axis) : x;
        IpexNDArray mean = self.own(runningMean);
        IpexNDArray variance = self.own(runningVar);
        IpexNDArray result;
        if (training) {
            IpexNDArray[] all =
                    self.callAll(
                            "aten._native_batch_norm_legit_functional",
                            source,
                            self.own(gamma),
                            self.own(beta),
                            mean,
                            variance,
                            true,
                            1.0 - momentum,
                            eps);
            result = all[0];
            IpexIndexer.assign(mean, all[3]);
            IpexIndexer.assign(variance, all[4]);
            for (int i = 1; i < all.length; i++) {
                all[i].close();
            }
        } else {
            result =
                    call(
                            "aten.batch_norm",
                            source,
                            self.own(gamma),
                            self.own(beta),
                            mean,
                            variance,
                            false,
                            1.0 - momentum,
                            eps,
                            false);
        }
        if (!swap) {
            return new NDList(result);
        }
        source.close();
        try (result) {
            return new NDList(call("aten.transpose.int", result, 1, axis));
        }
    }

    @Override
    default NDList rnn(
            NDArray input,
            NDArray state,
            NDList params,
            boolean hasBiases,
            int numLayers,
            RNN.Activation activation,
            double dropRate,
            boolean training,
            boolean bidirectional,
            boolean batchFirst) {
        Recurrent.Cell cell =
                activation == RNN.Activation.RELU
                        ? Recurrent.Cell.RNN_RELU
                        : Recurrent.Cell.RNN_TANH;
        return new Recurrent(
                        cell,
                        params,
                        hasBiases,
                        numLayers,
                        dropRate,
                        training,
                        bidirectional,
                        batchFirst)
                .run(getArray().own(input), new NDList(state));
    }

    @Override
    default NDList gru(
            NDArray input,
            NDArray state,
            NDList params,
            boolean hasBiases,
            int numLayers,
            double dropRate,
            boolean training,
            boolean bidirectional,
            boolean batchFirst) {
        return new Recurrent(
                        Recurrent.Cell.GRU,
                        params,
                        hasBiases,
                        numLayers,
                        dropRate,
                        training,
                        bidirectional,
                        batchFirst)
                .run(getArray().own(input), new NDList(state));
    }

    @Override
    default NDList lstm(
            NDArray input,
            NDList states,
            NDList params,
            boolean hasBiases,
            int numLayers,
            double dropRate,
            boolean training,
            boolean bidirectional,
            boolean batchFirst) {
        return new Recurrent(
                        Recurrent.Cell.LSTM,
                        params,
                        hasBiases,
                        numLayers,
                        dropRate,
                        training,
                        bidirectional,
                        batchFirst)
                .run(getArray().own(input), states);
    }

    /** Resizes [N, C, L] or [N, C, H, W]; modes are those of DJL's {@code Image.Interpolation}. */
    @Override
    default NDArray interpolation(long[] size, int mode, boolean alignCorners) {
        IpexNDArray x = getArray();
        int n = spatial("interpolation");
        if (n == 3 || size.length != n) {
            throw new IllegalArgumentException(
                    "interpolation: [N, C, L] or [N, C, H, W] and as many sizes expected, got "
                            + x.getShape()
                            + " and "
                            + Arrays.toString(size));
        }
        if (!x.type().dtype().isFloating() && mode != 0) {
            throw new IllegalArgumentException(
                    "interpolation: a floating type expected, got " + x.type());
        }
        if (n == 1) {
            Sizes s = x.sizes();
            try (NDArray wide = x.reshape(s.get(0), s.get(1), 1, s.get(2));
                    NDArray resized =
                            wide.getNDArrayInternal()
                                    .interpolation(new long[] {1, size[0]}, mode, alignCorners)) {
                return resized.squeeze(2);
            }
        }
        return switch (mode) {
            case 0 -> call("aten.upsample_nearest2d", x, size);
            case 1 -> call("aten.upsample_bilinear2d", x, size, alignCorners);
            case 2 -> call("aten.adaptive_avg_pool2d", x, size);
            default ->
                    throw unsupported(
                            "interpolation",
                            "mode " + mode + " (0 nearest, 1 bilinear and 2 area are)");
        };
    }
}
