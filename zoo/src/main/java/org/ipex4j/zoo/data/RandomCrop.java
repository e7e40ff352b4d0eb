package org.ipex4j.zoo.data;

import ai.djl.modality.cv.util.NDImageUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;

/**
 * Cuts a square out of each picture at a random place, after padding it with zeros on all sides:
 * torchvision's RandomCrop, the usual augmentation of CIFAR-10 with size 32 and padding 4.
 */
public final class RandomCrop implements BatchTransform {
    private final int size;
    private final int padding;

    /**
     * @param size of each side of what is cut out
     * @param padding pixels on each side
     */
    public RandomCrop(int size, int padding) {
        if (size < 1 || padding < 0) {
            throw new IllegalArgumentException("RandomCrop: size " + size + ", padding " + padding);
        }
        this.size = size;
        this.padding = padding;
    }

    @Override
    public int drawn() {
        return 4;
    }

    /** For rows and for columns: which to take, and whether it is one of the picture's. */
    @Override
    public NDList draw(NDManager manager, Shape batch, Random random) {
        int pictures = Math.toIntExact(batch.get(0));
        int axis = NDImageUtils.isCHW(batch) ? 2 : 1;
        NDList out = new NDList(drawn());
        for (int d = axis; d < axis + 2; d++) {
            long length = batch.get(d);
            int places = Math.toIntExact(length) + 2 * padding - size + 1;
            if (places < 1) {
                throw new IllegalArgumentException(
                        "RandomCrop: size "
                                + size
                                + " with padding "
                                + padding
                                + " does not fit pictures of shape "
                                + batch);
            }
            long[] index = new long[pictures * size];
            boolean[] inside = new boolean[index.length];
            for (int n = 0; n < pictures; n++) {
                int start = random.nextInt(places) - padding;
                for (int i = 0; i < size; i++) {
                    inside[n * size + i] = start + i >= 0 && start + i < length;
                    index[n * size + i] = Math.clamp(start + i, 0, length - 1);
                }
            }
            long[] along = {pictures, 1, 1, 1};
            along[d] = size;
            out.add(manager.create(index).reshape(along));
            out.add(manager.create(inside).reshape(along));
        }
        return out;
    }

    @Override
    public NDArray transform(NDArray batch, NDList drawn) {
        int axis = NDImageUtils.isCHW(batch.getShape()) ? 2 : 1;
        NDArray rows = take(batch, drawn.get(0), axis);
        NDArray taken = take(rows, drawn.get(2), axis + 1);
        NDArray inside = drawn.get(1).logicalAnd(drawn.get(3));
        NDArray zero = batch.getManager().zeros(new Shape(1), batch.getDataType());
        return NDArrays.where(inside, taken, zero);
    }

    private static NDArray take(NDArray x, NDArray index, int axis) {
        long[] shape = x.getShape().getShape().clone();
        shape[axis] = index.size(axis);
        return x.gather(index.broadcast(shape), axis);
    }
}
