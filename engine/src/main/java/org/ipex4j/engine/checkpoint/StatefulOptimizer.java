package org.ipex4j.engine.checkpoint;

/**
 * An optimizer whose state can be saved and restored. Optimizers of DJL that are not of this type
 * are looked into by {@link DjlOptimizerState}.
 */
public interface StatefulOptimizer {
    /** The state as it is now; the arrays stay the optimizer's and change with its next update. */
    OptimizerState state();

    /**
     * Replaces the state.
     *
     * @param state its arrays become the optimizer's
     * @throws IllegalArgumentException if it has slots that the optimizer does not know
     */
    void restore(OptimizerState state);
}
