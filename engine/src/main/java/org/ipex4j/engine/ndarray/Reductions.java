package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import org.ipex4j.engine.dispatch.Autocasting;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;

/**
 * Methods that combine elements along axes. Sums of integers and booleans are INT64, as in PyTorch.
 */
interface Reductions extends ArrayOps {
    int[] ALL_AXES = {};

    @Override
    default NDArray max() {
        return max(ALL_AXES, false);
    }

    @Override
    default NDArray max(int[] axes, boolean keepDims) {
        return call("aten.amax", this, axes, keepDims);
    }

    @Override
    default NDArray min() {
        return min(ALL_AXES, false);
    }

    @Override
    default NDArray min(int[] axes, boolean keepDims) {
        return call("aten.amin", this, axes, keepDims);
    }

    @Override
    default NDArray sum() {
        return call("aten.sum", this);
    }

    @Override
    default NDArray sum(int[] axes, boolean keepDims) {
        return call("aten.sum.dim_IntList", this, axes, keepDims);
    }

    @Override
    default NDArray mean() {
        return call("aten.mean", this);
    }

    @Override
    default NDArray mean(int[] axes, boolean keepDims) {
        return call("aten.mean.dim", this, axes, keepDims);
    }

    @Override
    default NDArray prod() {
        return call("aten.prod", this);
    }

    @Override
    default NDArray prod(int[] axes, boolean keepDims) {
        if (axes.length == 0) {
            throw new IllegalArgumentException(
                    "NDArray.prod: no axes given for shape " + getShape());
        }
        int[] sorted = Arrays.stream(axes).map(a -> self().sizes().wrap(a)).sorted().toArray();
        IpexNDArray result = self();
        for (int i = sorted.length - 1; i >= 0; i--) {
            result = closing(result, result.call("aten.prod.dim_int", result, sorted[i], keepDims));
        }
        return result;
    }

    @Override
    default NDArray all() {
        return call("aten.all", this);
    }

    @Override
    default NDArray any() {
        return call("aten.any", this);
    }

    @Override
    default NDArray none() {
        try (NDArray any = any()) {
            return any.logicalNot();
        }
    }

    @Override
    default NDArray cumProd(int axis) {
        return call("aten.cumprod", this, axis);
    }

    @Override
    default NDArray cumProd(int axis, DataType dataType) {
        return call("aten.cumprod", this, axis, dataType == null ? null : DataTypes.toIr(dataType));
    }

    /** Sums along axis 0, as DJL's PyTorch engine does. */
    @Override
    default NDArray cumSum() {
        return isScalar() ? reshape(1) : cumSum(0);
    }

    @Override
    default NDArray cumSum(int axis) {
        return call("aten.cumsum", this, axis);
    }

    @Override
    default NDArray argMax() {
        return call("aten.argmax", this);
    }

    @Override
    default NDArray argMax(int axis) {
        return call("aten.argmax", this, axis, false);
    }

    @Override
    default NDArray argMin() {
        return call("aten.argmin", this);
    }

    @Override
    default NDArray argMin(int axis) {
        return call("aten.argmin", this, axis, false);
    }

    @Override
    default NDArray softmax(int axis) {
        return call("aten.softmax.int", this, axis);
    }

    @Override
    default NDArray logSoftmax(int axis) {
        return call("aten.log_softmax.int", this, axis);
    }

    @Override
    default NDArray norm(boolean keepDims) {
        return norm(2, ALL_AXES, keepDims);
    }

    @Override
    default NDArray norm(int ord, int[] axes, boolean keepDims) {
        return call(
                "aten.linalg_vector_norm",
                this,
                Scalar.of((long) ord),
                axes.length == 0 ? null : axes,
                keepDims);
    }

    /** Divides by the norm along {@code dim}, or by {@code eps} where that is greater. */
    @Override
    default NDArray normalize(double exponent, long dim, double eps) {
        try (IpexNDArray norm =
                        call(
                                "aten.linalg_vector_norm",
                                this,
                                Scalar.of(exponent),
                                new long[] {dim},
                                true);
                IpexNDArray divisor = norm.call("aten.clamp_min", norm, Scalar.of(eps))) {
            return div(divisor);
        }
    }

    @Override
    default NDArray trace(int offset, int axis1, int axis2) {
        IpexNDArray x = Autocasting.operand("aten.trace", self(), false, getManager());
        try (NDArray diagonal = x.diagonal(offset, axis1, axis2)) {
            return closing(x, (IpexNDArray) diagonal.sum(new int[] {-1}));
        }
    }

    /** Differences of neighbours along {@code dim}, taken {@code n} times. */
    @Override
    default NDArray diff(int n, int dim) {
        if (n < 0) {
            throw new IllegalArgumentException(
                    "NDArray.diff: order expected to be at least 0, got " + n);
        }
        int d = self().sizes().wrap(dim);
        IpexNDArray result = n == 0 ? (IpexNDArray) duplicate() : self();
        for (int i = 0; i < n; i++) {
            long size = result.sizes().get(d);
            try (IpexNDArray high =
                            result.call(
                                    "aten.slice.Tensor", result, d, Math.min(1, size), size, 1);
                    IpexNDArray low =
                            result.call(
                                    "aten.slice.Tensor", result, d, 0, Math.max(0, size - 1), 1)) {
                boolean bool = result.type().dtype() == DType.BOOL;
                result =
                        closing(
                                result,
                                high.call(
                                        bool ? "aten.logical_xor" : "aten.sub.Tensor", high, low));
            }
        }
        return result;
    }
}
