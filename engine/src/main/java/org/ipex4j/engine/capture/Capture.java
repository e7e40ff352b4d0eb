package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import java.util.List;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.runtime.Tensor;

/**
 * A whole forward as one graph, and how its inputs and outputs map to those of the block.
 *
 * @param feeds what each graph input is
 * @param results what each array of the returned list is
 * @param writes inputs of the block that the forward changes in place
 * @param statistics parameters that it changes in place; only in training
 */
record Capture(
        Graph graph,
        List<Feed> feeds,
        List<Result> results,
        List<Write> writes,
        List<ParameterWrite> statistics) {
    /** What a graph input is. */
    sealed interface Feed {
        /** The block's i-th input. */
        record Argument(int index) implements Feed {}

        /** A parameter's array. */
        record OfParameter(Parameter parameter) implements Feed {}

        /** Always this tensor. */
        record Constant(Tensor tensor) implements Feed {}
    }

    /** What an array of the returned list is. */
    sealed interface Result {
        /** A new array. */
        record Computed(int output, String name) implements Result {}

        /** The caller's own array. */
        record Given(int argument) implements Result {}

        /** A parameter's own array. */
        record OfParameter(Parameter parameter) implements Result {}

        /** The same array as an earlier result. */
        record Again(int result) implements Result {}
    }

    /** The block's i-th input takes the numbers of a graph output. */
    record Write(int argument, int output) {}

    /** A parameter takes the numbers of a graph output. */
    record ParameterWrite(Parameter parameter, int output) {}

    /**
     * Makes the list that a forward returns, and carries out its writes to inputs.
     *
     * @param computed the outputs of the graph; the arrays own them from here on
     */
    static NDList results(
            Tensor[] computed,
            List<Result> results,
            List<Write> writes,
            NDList inputs,
            IpexNDManager manager) {
        for (Write w : writes) {
            OpRunner.copy(computed[w.output()], ((IpexNDArray) inputs.get(w.argument())).tensor());
        }
        boolean[] given = new boolean[computed.length];
        NDList list = new NDList(results.size());
        for (Result r : results) {
            list.add(
                    switch (r) {
                        case Result.Computed(int output, String name) -> {
                            given[output] = true;
                            IpexNDArray array = IpexNDArray.of(manager, computed[output]);
                            if (name != null) {
                                array.setName(name);
                            }
                            yield array;
                        }
                        case Result.Given(int argument) -> inputs.get(argument);
                        case Result.OfParameter(Parameter p) -> p.getArray();
                        case Result.Again(int result) -> list.get(result);
                    });
        }
        for (int i = 0; i < computed.length; i++) {
            if (!given[i] && computed[i] != null) {
                computed[i].close();
            }
        }
        return list;
    }
}
