package org.ipex4j.compiler.autodiff;

import java.util.List;
import org.ipex4j.ir.graph.Graph;

/**
 * Forward and backward as one graph.
 *
 * @param graph its inputs are the forward's, then one tangent per entry of {@code
 *     outputsWithGradient}; its outputs are the forward's, then one gradient per entry of {@code
 *     inputsToDifferentiate}
 * @param forwardInputs how many inputs are the forward's
 * @param forwardOutputs how many outputs are the forward's
 */
public record JointGraph(
        Graph graph,
        int forwardInputs,
        int forwardOutputs,
        List<Integer> outputsWithGradient,
        List<Integer> inputsToDifferentiate) {
    public JointGraph {
        outputsWithGradient = List.copyOf(outputsWithGradient);
        inputsToDifferentiate = List.copyOf(inputsToDifferentiate);
    }
}
