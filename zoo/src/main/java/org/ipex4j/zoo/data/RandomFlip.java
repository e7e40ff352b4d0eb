package org.ipex4j.zoo.data;

import ai.djl.modality.cv.util.NDImageUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;

/** Mirrors each picture with probability one half. */
public final class RandomFlip implements BatchTransform {
    private final boolean leftRight;

    private RandomFlip(boolean leftRight) {
        this.leftRight = leftRight;
    }

    public static RandomFlip leftRight() {
        return new RandomFlip(true);
    }

    public static RandomFlip topBottom() {
        return new RandomFlip(false);
    }

    @Override
    public int drawn() {
        return 1;
    }

    @Override
    public NDList draw(NDManager manager, Shape batch, Random random) {
        boolean[] flips = new boolean[Math.toIntExact(batch.get(0))];
        for (int i = 0; i < flips.length; i++) {
            flips[i] = random.nextBoolean();
        }
        return new NDList(manager.create(flips).reshape(new Shape(flips.length, 1, 1, 1)));
    }

    @Override
    public NDArray transform(NDArray batch, NDList drawn) {
        int height = NDImageUtils.isCHW(batch.getShape()) ? 2 : 1;
        NDArray mirrored = batch.flip(leftRight ? height + 1 : height);
        return NDArrays.where(drawn.singletonOrThrow(), mirrored, batch);
    }
}
