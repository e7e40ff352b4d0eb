package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.ipex4j.ir.Scalar;

/**
 * Methods that change sizes and order. Where strides can express the result it is a view, which
 * shares this array's storage; else a copy.
 */
interface Views extends ArrayOps {
    @Override
    default NDArray reshape(Shape shape) {
        return call("aten.reshape", this, shape.getShape());
    }

    @Override
    default NDArray flatten() {
        return flatten(0, -1);
    }

    @Override
    default NDArray flatten(int startDim, int endDim) {
        return call("aten.flatten.using_ints", this, startDim, endDim);
    }

    /** A view through which no gradient flows. */
    @Override
    default NDArray stopGradient() {
        return call("aten.detach", this);
    }

    @Override
    default NDArray expandDims(int axis) {
        return call("aten.unsqueeze", this, axis);
    }

    @Override
    default NDArray squeeze() {
        return call("aten.squeeze", this);
    }

    /**
     * Leaves an axis that has not size 1 alone, as PyTorch does; DJL's GhostBatchNorm relies on it.
     */
    @Override
    default NDArray squeeze(int axis) {
        return call("aten.squeeze.dim", this, axis);
    }

    @Override
    default NDArray squeeze(int[] axes) {
        for (int axis : axes) {
            int d = self().sizes().wrap(axis);
            if (!isScalar() && self().sizes().get(d) != 1) {
                throw new IllegalArgumentException(
                        "NDArray.squeeze: axis "
                                + axis
                                + " of shape "
                                + getShape()
                                + " has not size 1");
            }
        }
        return call("aten.squeeze.dims", this, axes);
    }

    @Override
    default NDArray swapAxes(int axis1, int axis2) {
        return call("aten.transpose.int", this, axis1, axis2);
    }

    @Override
    default NDArray transpose() {
        int rank = self().sizes().rank();
        return transpose(IntStream.range(0, rank).map(i -> rank - 1 - i).toArray());
    }

    @Override
    default NDArray transpose(int... axes) {
        return call("aten.permute", this, axes);
    }

    @Override
    default NDArray broadcast(Shape shape) {
        return call("aten.expand", this, shape.getShape());
    }

    @Override
    default NDArray diagonal() {
        return diagonal(0, 0, 1);
    }

    @Override
    default NDArray diagonal(int offset) {
        return diagonal(offset, 0, 1);
    }

    @Override
    default NDArray diagonal(int offset, int axis1, int axis2) {
        return call("aten.diagonal", this, offset, axis1, axis2);
    }

    @Override
    default NDList split(long sections, int axis) {
        int d = self().sizes().wrap(axis);
        long size = self().sizes().get(d);
        if (sections <= 0 || size % sections != 0) {
            throw new IllegalArgumentException(
                    "NDArray.split: axis "
                            + axis
                            + " of shape "
                            + getShape()
                            + " does not divide into "
                            + sections
                            + " equal sections");
        }
        return new NDList(callAll("aten.chunk", this, sections, d));
    }

    /** Cuts before each index: indices {2, 5} of an axis of size 7 give sizes 2, 3 and 2. */
    @Override
    default NDList split(long[] indices, int axis) {
        int d = self().sizes().wrap(axis);
        long size = self().sizes().get(d);
        // A leading 0 names the first section's start, as the sections of the other overload do.
        long[] cuts =
                indices.length > 0 && indices[0] == 0
                        ? Arrays.copyOfRange(indices, 1, indices.length)
                        : indices;
        long[] sizes = new long[cuts.length + 1];
        long from = 0;
        for (int i = 0; i < sizes.length; i++) {
            long to = i < cuts.length ? cuts[i] : size;
            if (to < from || to > size) {
                throw new IllegalArgumentException(
                        "NDArray.split: indices "
                                + Arrays.toString(indices)
                                + " must not decrease nor exceed "
                                + size
                                + " (axis "
                                + axis
                                + " of shape "
                                + getShape()
                                + ")");
            }
            sizes[i] = to - from;
            from = to;
        }
        return new NDList(callAll("aten.split_with_sizes", this, sizes, d));
    }

    @Override
    default NDArray flip(int... axes) {
        return call("aten.flip", this, axes);
    }

    @Override
    default NDArray rotate90(int times, int[] axes) {
        if (axes.length != 2) {
            throw new IllegalArgumentException(
                    "NDArray.rotate90: 2 axes expected, got " + Arrays.toString(axes));
        }
        return call("aten.rot90", this, times, axes);
    }

    /**
     * Pads with {@code value}; amounts are before and after the last axis, then the one before it,
     * …
     */
    @Override
    default NDArray pad(Shape padding, double value) {
        return call("aten.constant_pad_nd", this, padding.getShape(), Scalar.of(value));
    }

    @Override
    default NDArray tile(long repeats) {
        long[] each = new long[Math.max(1, self().sizes().rank())];
        Arrays.fill(each, repeats);
        return tile(each);
    }

    @Override
    default NDArray tile(int axis, long repeats) {
        long[] each = new long[Math.max(1, self().sizes().rank())];
        Arrays.fill(each, 1);
        each[self().sizes().wrap(axis)] = repeats;
        return tile(each);
    }

    @Override
    default NDArray tile(long[] repeats) {
        return call("aten.tile", this, repeats);
    }

    @Override
    default NDArray tile(Shape desiredShape) {
        return tile(timesToReach(desiredShape, "tile"));
    }

    @Override
    default NDArray repeat(long repeats) {
        long[] each = new long[Math.max(1, self().sizes().rank())];
        Arrays.fill(each, repeats);
        return repeat(each);
    }

    @Override
    default NDArray repeat(int axis, long repeats) {
        return call("aten.repeat_interleave.self_int", this, repeats, axis);
    }

    @Override
    default NDArray repeat(long[] repeats) {
        if (repeats.length > Math.max(1, self().sizes().rank())) {
            throw new IllegalArgumentException(
                    "NDArray.repeat: " + repeats.length + " counts for shape " + getShape());
        }
        IpexNDArray result = self();
        for (int d = 0; d < repeats.length; d++) {
            result =
                    closing(
                            result,
                            result.call("aten.repeat_interleave.self_int", result, repeats[d], d));
        }
        return result == this ? duplicate() : result;
    }

    @Override
    default NDArray repeat(Shape desiredShape) {
        return repeat(timesToReach(desiredShape, "repeat"));
    }

    private long[] timesToReach(Shape desired, String method) {
        long[] current = self().sizes().toArray();
        long[] wanted = desired.getShape();
        if (wanted.length > current.length) {
            throw new IllegalArgumentException(
                    "NDArray."
                            + method
                            + ": shape "
                            + desired
                            + " has more dimensions than "
                            + getShape());
        }
        long[] times = new long[current.length];
        Arrays.fill(times, 1);
        int skipped = current.length - wanted.length;
        for (int i = 0; i < wanted.length; i++) {
            long size = current[skipped + i];
            if (size == 0 || wanted[i] % size != 0) {
                throw new IllegalArgumentException(
                        "NDArray."
                                + method
                                + ": shape "
                                + desired
                                + " is no multiple of "
                                + getShape());
            }
            times[skipped + i] = wanted[i] / size;
        }
        return times;
    }
}
