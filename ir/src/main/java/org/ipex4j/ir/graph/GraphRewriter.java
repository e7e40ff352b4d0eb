package org.ipex4j.ir.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.op.Args;

/**
 * Rebuilds a graph node by node. A {@link Rule} sees each node with operands already replaced,
 * appends what it likes to the builder and returns what stands for the node's results; or returns
 * null to keep the node.
 */
public final class GraphRewriter {
    /** What becomes of a node. */
    @FunctionalInterface
    public interface Rule {
        /**
         * The values that replace {@code old}'s results, or null to copy the node.
         *
         * @param old the node in the old graph
         * @param args its arguments in the new graph
         * @param out the new graph so far
         */
        List<Value> rewrite(Node old, Args<Value> args, GraphBuilder out);
    }

    private GraphRewriter() {}

    /** The rewritten graph. Inputs are kept, all of them and in order. */
    public static Graph rewrite(Graph graph, Rule rule) {
        GraphBuilder out = new GraphBuilder();
        Map<Value, Value> map = new HashMap<>();
        for (Input in : graph.inputs()) {
            map.put(in.value(), out.input(in.role(), in.name(), in.value().type()));
        }
        for (Node node : graph.nodes()) {
            Args<Value> args = node.args().map(map::get);
            out.at(node.source());
            List<Value> replaced = rule.rewrite(node, args, out);
            if (replaced == null) {
                replaced = out.call(node.op(), args);
            }
            if (replaced.size() != node.results().size()) {
                throw new IllegalStateException(
                        node.op()
                                + ": rewritten to "
                                + replaced.size()
                                + " values, expected "
                                + node.results().size());
            }
            for (int i = 0; i < replaced.size(); i++) {
                if (!replaced.get(i).type().equals(node.results().get(i).type())) {
                    throw new IllegalStateException(
                            node.op()
                                    + ": rewritten from "
                                    + node.results().get(i).type()
                                    + " to "
                                    + replaced.get(i).type());
                }
                map.put(node.results().get(i), replaced.get(i));
            }
        }
        return out.build(graph.outputs().stream().map(map::get).toList());
    }
}
