package org.ipex4j.compiler.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Trait;

/**
 * Linear layers of one input, whose weights depend on parameters alone, become one layer with the
 * weights one below the other, whose result is cut up again. The joined weights are made once, with
 * all else that depends on parameters alone.
 */
public final class ConcatLinear {
    private ConcatLinear() {}

    /** What layers must have in common. */
    private record Kind(Value input, DType weight, DType bias) {}

    /** The graph with such layers joined; itself where there are none. */
    public static Graph run(Graph graph) {
        Set<Value> parameters = new HashSet<>();
        for (Input in : graph.inputs()) {
            if (in.role() == Input.Role.PARAMETER) {
                parameters.add(in.value());
            }
        }
        Set<Node> prepared = new HashSet<>();
        Map<Kind, List<Node>> layers = new LinkedHashMap<>();
        for (Node n : graph.nodes()) {
            if (!n.operands().isEmpty()
                    && parameters.containsAll(n.operands())
                    && !n.op().is(Trait.RANDOM)) {
                prepared.add(n);
                parameters.addAll(n.results());
            } else if (isLayer(n) && parameters.containsAll(weights(n))) {
                layers.computeIfAbsent(kind(n), k -> new ArrayList<>()).add(n);
            }
        }
        layers.values().removeIf(same -> same.size() < 2);
        return layers.isEmpty() ? graph : joined(graph, prepared, layers);
    }

    /** With a row of the weight, and at most a number of the bias, for each feature. */
    private static boolean isLayer(Node n) {
        if (!n.is("aten.linear")) {
            return false;
        }
        Sizes weight = n.args().tensor("weight").type().sizes();
        return weight.rank() == 2
                && (n.args().isNone("bias")
                        || n.args().tensor("bias").type().sizes().equals(Sizes.of(weight.get(0))));
    }

    private static List<Value> weights(Node linear) {
        Args<Value> a = linear.args();
        return a.isNone("bias")
                ? List.of(a.tensor("weight"))
                : List.of(a.tensor("weight"), a.tensor("bias"));
    }

    private static Kind kind(Node linear) {
        Args<Value> a = linear.args();
        return new Kind(
                a.tensor("input"),
                a.tensor("weight").type().dtype(),
                a.isNone("bias") ? null : a.tensor("bias").type().dtype());
    }

    private static Graph joined(Graph graph, Set<Node> prepared, Map<Kind, List<Node>> layers) {
        GraphBuilder out = new GraphBuilder();
        Map<Value, Value> map = new HashMap<>();
        for (Input in : graph.inputs()) {
            map.put(in.value(), out.input(in.role(), in.name(), in.value().type()));
        }
        // First, so that all weights are there where the first of several layers stands.
        for (Node n : graph.nodes()) {
            if (prepared.contains(n)) {
                copy(n, map, out);
            }
        }
        for (Node n : graph.nodes()) {
            List<Node> same = isLayer(n) ? layers.get(kind(n)) : null;
            if (same != null && same.contains(n)) {
                if (same.getFirst() == n) {
                    join(same, map, out);
                }
            } else if (!prepared.contains(n)) {
                copy(n, map, out);
            }
        }
        return out.build(graph.outputs().stream().map(map::get).toList());
    }

    private static void copy(Node n, Map<Value, Value> map, GraphBuilder out) {
        List<Value> results = out.at(n.source()).call(n.op(), n.args().map(map::get));
        for (int i = 0; i < results.size(); i++) {
            map.put(n.results().get(i), results.get(i));
        }
    }

    private static void join(List<Node> layers, Map<Value, Value> map, GraphBuilder out) {
        Node first = layers.getFirst();
        out.at(first.source());
        List<Value> weights = new ArrayList<>();
        List<Value> biases = new ArrayList<>();
        for (Node n : layers) {
            weights.add(map.get(n.args().tensor("weight")));
            if (!n.args().isNone("bias")) {
                biases.add(map.get(n.args().tensor("bias")));
            }
        }
        Args<Value> args =
                first.args()
                        .map(map::get)
                        .with("weight", new Arg.Tensor<>(out.call("aten.cat", weights, 0L)));
        if (!biases.isEmpty()) {
            args = args.with("bias", new Arg.Tensor<>(out.call("aten.cat", biases, 0L)));
        }
        Value all = out.call(first.op(), args).getFirst();
        long at = 0;
        for (Node n : layers) {
            long rows = n.args().tensor("weight").type().sizes().get(0);
            map.put(n.result(), out.call("aten.narrow", all, -1L, at, rows));
            at += rows;
        }
    }
}
