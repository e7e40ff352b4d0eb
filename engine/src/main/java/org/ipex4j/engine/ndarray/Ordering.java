package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.ipex4j.engine.dispatch.Autocasting;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;

/** Sorting, order statistics, and methods whose result sizes depend on the numbers. */
interface Ordering extends ArrayOps {
    @Override
    default NDArray argSort(int axis, boolean ascending) {
        return call("aten.argsort", this, axis, !ascending);
    }

    @Override
    default NDArray sort() {
        return sort(-1);
    }

    @Override
    default NDArray sort(int axis) {
        IpexNDArray[] sorted = callAll("aten.sort", this, axis, false);
        sorted[1].close();
        return sorted[0];
    }

    @Override
    default NDList topK(int k, int axis, boolean largest, boolean sorted) {
        return new NDList(callAll("aten.topk", this, k, axis, largest, sorted));
    }

    /** Along the last axis, as DJL's PyTorch engine does. */
    @Override
    default NDArray percentile(Number percentile) {
        return percentile(percentile, new int[] {-1});
    }

    /** The percentile along one axis, linear between neighbours; the result is floating. */
    @Override
    default NDArray percentile(Number percentile, int[] axes) {
        double p = percentile.doubleValue();
        if (!(p >= 0 && p <= 100)) {
            throw new IllegalArgumentException(
                    "NDArray.percentile: expected 0 to 100, got " + percentile);
        }
        int axis = onlyAxis("percentile", axes);
        long last = self().sizes().rank() == 0 ? 0 : self().sizes().get(axis) - 1;
        double position = p / 100 * last;
        long low = (long) Math.floor(position);
        IpexNDArray x = Autocasting.operand("aten.quantile", self(), false, getManager());
        try (IpexNDArray sorted = (IpexNDArray) x.sort(axis);
                IpexNDArray a = sorted.nth(axis, low);
                IpexNDArray b = sorted.nth(axis, Math.min(low + 1, last));
                NDArray step = b.sub(a);
                NDArray part = step.mul(position - low)) {
            return closing(x, (IpexNDArray) a.add(part));
        }
    }

    @Override
    default NDArray median() {
        return median(new int[] {-1});
    }

    /** The lower of the two middle elements along one axis, as {@code torch.median}. */
    @Override
    default NDArray median(int[] axes) {
        int axis = onlyAxis("median", axes);
        long last = self().sizes().rank() == 0 ? 0 : self().sizes().get(axis) - 1;
        try (IpexNDArray sorted = (IpexNDArray) sort(axis);
                IpexNDArray middle = sorted.nth(axis, last / 2)) {
            return middle.duplicate();
        }
    }

    private int onlyAxis(String method, int[] axes) {
        if (axes.length != 1) {
            throw unsupported(method, "one axis expected, got " + axes.length);
        }
        int axis = self().sizes().wrap(axes[0]);
        if (self().sizes().numel() == 0) {
            throw new IllegalArgumentException(
                    "NDArray." + method + ": empty array of shape " + getShape());
        }
        return axis;
    }

    /** The slice at an index of an axis; the array itself, viewed, if it is a scalar. */
    default IpexNDArray nth(int axis, long index) {
        return isScalar() ? call("aten.alias", this) : call("aten.select.int", this, axis, index);
    }

    @Override
    default NDArray nonzero() {
        return call("aten.nonzero", this);
    }

    @Override
    default NDArray countNonzero() {
        try (NDArray nonzero = neq(0)) {
            return nonzero.sum();
        }
    }

    @Override
    default NDArray countNonzero(int axis) {
        try (NDArray nonzero = neq(0)) {
            return nonzero.sum(new int[] {axis});
        }
    }

    /**
     * The distinct elements (or slices along {@code dim}); then, if asked for, inverse and counts.
     */
    @Override
    default NDList unique(
            Integer dim, boolean sorted, boolean returnInverse, boolean returnCounts) {
        IpexNDArray[] all =
                dim == null
                        ? callAll("aten._unique2", this, sorted, returnInverse, returnCounts)
                        : callAll(
                                "aten.unique_dim", this, dim, sorted, returnInverse, returnCounts);
        NDList result = new NDList(all[0]);
        boolean[] wanted = {true, returnInverse, returnCounts};
        for (int i = 1; i < 3; i++) {
            if (wanted[i]) {
                result.add(all[i]);
            } else {
                all[i].close();
            }
        }
        return result;
    }

    /**
     * 1 at the index each element names, along a new last axis; an index outside [0, depth) gives a
     * row without a 1.
     */
    @Override
    default NDArray oneHot(
            int depth, float onValue, float offValue, ai.djl.ndarray.types.DataType dataType) {
        DType wanted = DataTypes.toIr(dataType);
        try (IpexNDArray last = call("aten.unsqueeze", this, -1);
                NDArray classes =
                        getManager().arange(0, depth, 1, DataTypes.toDjl(self().type().dtype()));
                IpexNDArray hit = (IpexNDArray) last.eq(classes)) {
            if (onValue == 1 && offValue == 0) {
                return hit.cast(wanted);
            }
            try (IpexNDArray on = getManager().scalar((double) onValue);
                    IpexNDArray onTyped = on.call("aten._to_copy", on, wanted);
                    IpexNDArray off = getManager().scalar((double) offValue);
                    IpexNDArray offTyped = off.call("aten._to_copy", off, wanted)) {
                return call("aten.where.self", hit, onTyped, offTyped);
            }
        }
    }

    @Override
    default NDArray sequenceMask(NDArray sequenceLength) {
        return sequenceMask(sequenceLength, 0);
    }

    /** Replaces what lies past each sequence's length by {@code value}; axes are batch, time, … */
    @Override
    default NDArray sequenceMask(NDArray sequenceLength, float value) {
        int rank = self().sizes().rank();
        if (rank < 2
                || sequenceLength.getShape().dimension() != 1
                || sequenceLength.getShape().get(0) != self().sizes().get(0)) {
            throw new IllegalArgumentException(
                    "NDArray.sequenceMask: shape [batch, time, …] and lengths [batch] expected, got "
                            + getShape()
                            + " and "
                            + sequenceLength.getShape());
        }
        long[] batch = new long[rank];
        long[] time = new long[rank];
        java.util.Arrays.fill(batch, 1);
        java.util.Arrays.fill(time, 1);
        batch[0] = self().sizes().get(0);
        time[1] = self().sizes().get(1);
        try (NDArray lengths = own(sequenceLength).reshape(batch);
                NDArray flat =
                        getManager().arange(0, (int) time[1], 1, sequenceLength.getDataType());
                NDArray steps = flat.reshape(time);
                NDArray past = steps.gte(lengths)) {
            return call("aten.masked_fill.Scalar", this, past, Scalar.of((double) value));
        }
    }
}
