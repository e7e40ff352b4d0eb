package org.ipex4j.compiler.reference;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/** Runs graphs node by node on the reference. */
public final class Interpreter {
    private Interpreter() {}

    /**
     * The outputs of a graph.
     *
     * @param inputs one tensor per graph input, in graph order, of exactly its type
     */
    public static List<RefTensor> run(Graph graph, List<RefTensor> inputs) {
        if (inputs.size() != graph.inputs().size()) {
            throw new IllegalArgumentException(
                    "the graph takes " + graph.inputs().size() + " inputs, got " + inputs.size());
        }
        Map<Value, RefTensor> values = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            Value v = graph.inputs().get(i).value();
            if (!inputs.get(i).type().equals(v.type())) {
                throw new IllegalArgumentException(
                        "input \""
                                + graph.inputs().get(i).name()
                                + "\" is "
                                + inputs.get(i).type()
                                + ", expected "
                                + v.type());
            }
            values.put(v, inputs.get(i));
        }
        for (Node node : graph.nodes()) {
            List<RefTensor> results =
                    ReferenceTable.evaluate(node.op(), node.args().map(values::get));
            for (int i = 0; i < results.size(); i++) {
                values.put(node.results().get(i), results.get(i));
            }
        }
        return graph.outputs().stream().map(values::get).toList();
    }
}
