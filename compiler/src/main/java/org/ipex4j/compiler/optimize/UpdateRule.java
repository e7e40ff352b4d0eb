package org.ipex4j.compiler.optimize;

import java.util.List;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/**
 * How one optimizer changes one parameter. What stays the same from step to step (momentum, weight
 * decay, …) is part of the rule and of its equality; what may change is a number given at each
 * step, so that a learning-rate schedule compiles nothing anew.
 */
public interface UpdateRule {
    /** Names of the tensors kept between steps, each of the parameter's type. */
    List<String> state();

    /** What a state tensor holds before the first step. */
    default double initial(String slot) {
        return 0;
    }

    /** Names of the numbers given at each step. */
    List<String> numbers();

    /**
     * Builds the update from pointwise ops.
     *
     * @param parameter floating, of any sizes
     * @param gradient of the parameter's type
     * @param state as {@link #state()} names them, of the parameter's type
     * @param numbers as {@link #numbers()} names them, FP32 of rank 0
     * @return the new parameter and the new state
     */
    Updated apply(
            Emitter e, Value parameter, Value gradient, List<Value> state, List<Value> numbers);

    /** What an update leaves, in the order of {@link #state()}. */
    record Updated(Value parameter, List<Value> state) {
        public Updated {
            state = List.copyOf(state);
        }

        static Updated of(Value parameter, Value... state) {
            return new Updated(parameter, List.of(state));
        }
    }
}
