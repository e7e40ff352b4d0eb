package org.ipex4j.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;

/**
 * How a trainer does the parts of a training step, in the order in which DJL's training loop asks
 * for them. {@link IpexTrainer#eagerSteps} runs them as they come; a compiled form replaces some.
 */
public interface TrainingSteps {
    /** The collector that the forward runs in. */
    GradientCollector newGradientCollector();

    /** The model's forward in training. */
    NDList forward(NDList data);

    /** The model's forward in training, labels being known. */
    NDList forward(NDList data, NDList labels);

    /**
     * The loss of predictions that {@link #forward(NDList, NDList)} has returned, if it was
     * computed along with them; else null.
     */
    default NDArray loss(NDList labels, NDList predictions) {
        return null;
    }

    /** The model's forward in inference, for validation. */
    NDList evaluate(NDList data);

    /** Updates the parameters by their gradients. */
    void step();
}
