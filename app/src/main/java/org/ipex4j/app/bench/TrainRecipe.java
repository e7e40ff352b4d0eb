package org.ipex4j.app.bench;

/** What every worker that trains does alike. */
final class TrainRecipe {
    /** Stochastic gradient descent's learning rate. */
    static final float RATE = 0.001f;

    /** Stochastic gradient descent's momentum. */
    static final float MOMENTUM = 0.9f;

    /**
     * Batches held in memory at a time, as many as a loader that works ahead keeps. First steps
     * each take a new one, so that the loss stays what rounding does not matter much to; then steps
     * take those in turn.
     */
    static final int HELD = 2;

    /** Classes of the models, and labels. */
    static final int CLASSES = 1000;

    private TrainRecipe() {}
}
