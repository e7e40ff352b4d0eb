package org.ipex4j.compiler.pass;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/** Checks that a pass left a sound graph: SSA order, inferred types, unchanged inputs and output types. */
public final class GraphVerifier {
    private GraphVerifier() {}

    /**
     * Verifies a graph.
     *
     * @param after the pass that made it, for the message
     * @param original the graph whose inputs and output types must have been kept
     * @throws IllegalStateException naming the node and the pass
     */
    public static void verify(Graph graph, String after, Graph original) {
        Set<Value> defined = new HashSet<>();
        Set<Integer> ids = new HashSet<>();
        for (Input in : graph.inputs()) {
            define(in.value(), defined, ids, "input " + in.name(), after);
        }
        for (Node node : graph.nodes()) {
            for (Value v : node.operands()) {
                if (!defined.contains(v)) {
                    throw new IllegalStateException("after " + after + ": " + node + " reads " + v + " before it is made");
                }
            }
            List<TensorType> inferred = node.op().infer(node.argTypes());
            List<TensorType> stated = node.results().stream().map(Value::type).toList();
            if (!inferred.equals(stated)) {
                throw new IllegalStateException("after " + after + ": " + node + " states " + stated + ", inferred " + inferred);
            }
            node.results().forEach(r -> define(r, defined, ids, node.toString(), after));
        }
        for (Value v : graph.outputs()) {
            if (!defined.contains(v)) {
                throw new IllegalStateException("after " + after + ": output " + v + " is never made");
            }
        }
        sameInterface(graph, after, original);
    }

    private static void sameInterface(Graph graph, String after, Graph original) {
        List<String> inputs = graph.inputs().stream().map(GraphVerifier::describe).toList();
        List<String> before = original.inputs().stream().map(GraphVerifier::describe).toList();
        if (!inputs.equals(before)) {
            throw new IllegalStateException("after " + after + ": inputs changed from " + before + " to " + inputs);
        }
        List<TensorType> outputs = graph.outputs().stream().map(Value::type).toList();
        List<TensorType> wanted = original.outputs().stream().map(Value::type).toList();
        if (!outputs.equals(wanted)) {
            throw new IllegalStateException("after " + after + ": output types changed from " + wanted + " to " + outputs);
        }
    }

    private static String describe(Input in) {
        return in.role().text() + " " + in.name() + ": " + in.value().type();
    }

    private static void define(Value v, Set<Value> defined, Set<Integer> ids, String by, String after) {
        if (!defined.add(v) || !ids.add(v.id())) {
            throw new IllegalStateException("after " + after + ": " + v + " is made twice, again by " + by);
        }
    }
}
