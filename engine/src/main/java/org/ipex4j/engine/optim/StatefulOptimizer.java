package org.ipex4j.engine.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/** What an optimizer remembers from step to step, for checkpoints. */
public interface StatefulOptimizer {
    /**
     * Names parameters in {@link #state} and {@link #restore}; those not named go by their ids,
     * which differ from run to run.
     *
     * @param names by {@code Parameter.getId()}
     */
    void nameParameters(Map<String, String> names);

    /**
     * The state of every parameter updated or restored so far: {@code <parameter>/<slot>} (as
     * {@code layer1.0.conv1.weight/momentum}), and its number of updates, {@code
     * <parameter>/updates}, an INT64 scalar.
     *
     * @param manager of the arrays returned, which are copies
     */
    Map<String, NDArray> state(NDManager manager);

    /**
     * Goes on from a state that {@link #state} returned, of an optimizer of the same kind. The
     * arrays are copied.
     *
     * @throws IllegalArgumentException if a name is no {@code <parameter>/<slot>} of a known
     *     parameter, an array is not what its slot holds, or an updated parameter is missing; slots
     *     of parameters not yet updated are checked at their first update
     */
    void restore(Map<String, ? extends NDArray> state);
}
