package org.ipex4j.engine.checkpoint;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * What an optimizer remembers from step to step.
 *
 * @param slots by kind ({@code momentumStates}, {@code means}, …): an array of the parameter's
 *     shape for each {@link ai.djl.nn.Parameter#getId() parameter} that has been updated
 * @param updates how often each parameter has been updated
 */
public record OptimizerState(
        Map<String, Map<String, NDArray>> slots, Map<String, Integer> updates) {}
