package org.ipex4j.zoo.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Transform;
import ai.djl.util.RandomUtils;
import java.util.Random;

/**
 * A transform of a batch of pictures, [N, H, W, C] or [N, C, H, W], whose random choices are made
 * beforehand: so that it can be captured and compiled with the transforms beside it.
 */
public interface BatchTransform extends Transform {
    /** How many arrays {@link #draw} gives. */
    default int drawn() {
        return 0;
    }

    /**
     * Chooses at random for each picture of a batch.
     *
     * @param batch the shape that {@link #transform(NDArray, NDList)} is given
     */
    default NDList draw(NDManager manager, Shape batch, Random random) {
        return new NDList();
    }

    /**
     * Transforms a batch. Depends on its arguments alone.
     *
     * @param drawn what {@link #draw} gave
     */
    NDArray transform(NDArray batch, NDList drawn);

    /** Transforms one picture, with choices from DJL's random numbers. */
    @Override
    default NDArray transform(NDArray picture) {
        NDArray batch = picture.expandDims(0);
        NDList drawn = draw(picture.getManager(), batch.getShape(), RandomUtils.RANDOM);
        return transform(batch, drawn).squeeze(0);
    }
}
