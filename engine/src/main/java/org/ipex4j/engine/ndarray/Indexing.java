package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;

/**
 * Methods that take elements by arrays of indices. {@code get} and {@code set} are {@link
 * IpexIndexer}'s.
 */
interface Indexing extends ArrayOps {
    /** The array as INT64, for the index arguments of ATen's ops; the array itself if it is. */
    default IpexNDArray indices(NDArray index) {
        return own(index).cast(DType.INT64);
    }

    /** Calls an op with an index argument, and closes what the cast of the index made. */
    private IpexNDArray withIndices(
            NDArray index, java.util.function.Function<IpexNDArray, IpexNDArray> body) {
        IpexNDArray converted = indices(index);
        IpexNDArray result = body.apply(converted);
        if (converted != index) {
            converted.close();
        }
        return result;
    }

    @Override
    default NDArray gather(NDArray index, int axis) {
        return withIndices(index, i -> call("aten.gather", this, axis, i));
    }

    /**
     * Elements named by the rows of {@code index}: index[0] holds positions on axis 0, and so on.
     */
    @Override
    default NDArray gatherNd(NDArray index) {
        int depth = Math.toIntExact(index.getShape().get(0));
        if (depth > self().sizes().rank()) {
            throw new IllegalArgumentException(
                    "NDArray.gatherNd: index of shape "
                            + index.getShape()
                            + " names "
                            + depth
                            + " axes of shape "
                            + getShape());
        }
        return withIndices(
                index,
                all -> {
                    IpexNDArray[] each = all.callAll("aten.unbind.int", all, 0);
                    IpexNDArray result = call("aten.index.Tensor", this, List.of(each));
                    for (IpexNDArray i : each) {
                        i.close();
                    }
                    return result;
                });
    }

    /** Elements at positions of the flattened array. */
    @Override
    default NDArray take(NDManager manager, NDArray index) {
        IpexNDArray taken = withIndices(index, i -> call("aten.take", this, i));
        if (manager != getManager()) {
            taken.attach(manager);
        }
        return taken;
    }

    /** A copy with {@code value} at positions of the flattened array. */
    @Override
    default NDArray put(NDArray index, NDArray value) {
        return withIndices(index, i -> call("aten.put", this, i, own(value)));
    }

    /** A copy with {@code value} at the positions that {@code index} names along an axis. */
    @Override
    default NDArray scatter(NDArray index, NDArray value, int axis) {
        return withIndices(index, i -> call("aten.scatter.src", this, axis, i, own(value)));
    }

    /**
     * Elements where {@code mask} is true. The mask covers as many axes as it has, from {@code
     * axis} on; they become one axis of the selected elements.
     */
    @Override
    default NDArray booleanMask(NDArray mask, int axis) {
        Sizes sizes = self().sizes();
        Shape covered = mask.getShape();
        int from = covered.dimension() == sizes.rank() ? 0 : sizes.wrap(axis);
        int end = from + covered.dimension();
        boolean fits =
                end <= sizes.rank()
                        && Arrays.equals(
                                Arrays.copyOfRange(
                                        sizes.toArray(), from, Math.min(end, sizes.rank())),
                                covered.getShape());
        if (!fits) {
            throw new IllegalArgumentException(
                    "NDArray.booleanMask: mask of shape "
                            + covered
                            + " does not cover shape "
                            + getShape()
                            + " from axis "
                            + axis);
        }
        IpexNDArray bool = own(mask).cast(DType.BOOL);
        try (IpexNDArray positions = bool.call("aten.nonzero", bool)) {
            List<IpexNDArray> indices = new ArrayList<>();
            for (int d = 0; d < from; d++) {
                indices.add(null);
            }
            IpexNDArray[] each = positions.callAll("aten.unbind.int", positions, 1);
            indices.addAll(List.of(each));
            IpexNDArray result = call("aten.index.Tensor", this, indices);
            for (IpexNDArray i : each) {
                i.close();
            }
            return result;
        } finally {
            if (bool != mask) {
                bool.close();
            }
        }
    }
}
