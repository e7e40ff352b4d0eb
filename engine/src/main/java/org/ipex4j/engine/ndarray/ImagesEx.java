package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.ipex4j.ir.DType;

/** Image transforms of [height, width, channels] arrays, or batches of them. */
interface ImagesEx extends ExOps {
    private int imageRank(String method) {
        int rank = getArray().sizes().rank();
        if (rank != 3 && rank != 4) {
            throw new IllegalArgumentException(
                    method
                            + ": [H, W, C] or [N, H, W, C] expected, got shape "
                            + getArray().getShape());
        }
        return rank;
    }

    /** [H, W, C] in 0 … 255 to FP32 [C, H, W] in 0 … 1; batches likewise. */
    @Override
    default NDArray toTensor() {
        int[] order = imageRank("toTensor") == 3 ? new int[] {2, 0, 1} : new int[] {0, 3, 1, 2};
        try (IpexNDArray turned = call("aten.permute", getArray(), order);
                IpexNDArray floats = turned.cast(DType.FLOAT32)) {
            return floats.div(
                    255f); // ops write their results row-major, whatever strides they read
        }
    }

    /** (x - mean) / std for each channel of [C, H, W] or [N, C, H, W]. */
    @Override
    default NDArray normalize(float[] mean, float[] std) {
        IpexNDArray x = getArray();
        int rank = imageRank("normalize");
        if (mean.length != std.length || x.sizes().get(rank - 3) != mean.length) {
            throw new IllegalArgumentException(
                    "normalize: "
                            + mean.length
                            + " means and "
                            + std.length
                            + " deviations for shape "
                            + x.getShape());
        }
        IpexNDManager manager = x.getManager();
        try (NDArray means =
                        manager.create(mean, new ai.djl.ndarray.types.Shape(mean.length, 1, 1));
                NDArray deviations =
                        manager.create(std, new ai.djl.ndarray.types.Shape(std.length, 1, 1));
                NDArray centred = x.sub(means)) {
            return centred.div(deviations);
        }
    }

    /** Resizes images; other types than FP32 are resized in FP32 and converted back. */
    @Override
    default NDArray resize(int width, int height, int interpolation) {
        int rank = imageRank("resize");
        if (getArray().isEmpty()) {
            throw new IllegalArgumentException(
                    "resize: empty image of shape " + getArray().getShape());
        }
        DataType type = getArray().getDataType();
        IpexNDManager target = getArray().getManager();
        try (IpexNDManager scope = target.newSubManager()) {
            NDArray x = call("aten.alias", getArray());
            x.attach(scope);
            x = x.toType(DataType.FLOAT32, false);
            x = rank == 3 ? x.expandDims(0) : x;
            NDArray planes = x.transpose(0, 3, 1, 2);
            NDArray resized =
                    planes.getNDArrayInternal()
                            .interpolation(new long[] {height, width}, interpolation, false);
            NDArray turned = resized.transpose(0, 2, 3, 1);
            turned = rank == 3 ? turned.squeeze(0) : turned;
            NDArray result = turned.toType(type, true);
            result.attach(target);
            return result;
        }
    }

    @Override
    default NDArray randomFlipLeftRight() {
        return randomFlip(imageRank("randomFlipLeftRight") - 2);
    }

    @Override
    default NDArray randomFlipTopBottom() {
        return randomFlip(imageRank("randomFlipTopBottom") - 3);
    }

    private NDArray randomFlip(int axis) {
        IpexNDArray x = getArray();
        try (NDArray coin = x.getManager().randomUniform(0, 1, new ai.djl.ndarray.types.Shape())) {
            return coin.getFloat() < 0.5f ? x.flip(axis) : x.duplicate();
        }
    }

    @Override
    default NDArray randomBrightness(float brightness) {
        throw unsupported("randomBrightness", "training augmentations come in a later version");
    }

    @Override
    default NDArray randomHue(float hue) {
        throw unsupported("randomHue", "training augmentations come in a later version");
    }

    @Override
    default NDArray randomColorJitter(
            float brightness, float contrast, float saturation, float hue) {
        throw unsupported("randomColorJitter", "training augmentations come in a later version");
    }
}
