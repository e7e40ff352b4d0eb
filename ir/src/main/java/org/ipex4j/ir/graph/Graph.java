package org.ipex4j.ir.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A captured computation in SSA form: inputs, nodes in an order that respects their dependencies,
 * and outputs. Immutable; passes build new graphs with {@link GraphBuilder} or {@link
 * GraphRewriter}.
 */
public final class Graph {
    private final List<Input> inputs;
    private final List<Node> nodes;
    private final List<Value> outputs;
    private Map<Value, Node> producers;
    private Map<Value, List<Node>> users;

    public Graph(List<Input> inputs, List<Node> nodes, List<Value> outputs) {
        this.inputs = List.copyOf(inputs);
        this.nodes = List.copyOf(nodes);
        this.outputs = List.copyOf(outputs);
    }

    public List<Input> inputs() {
        return inputs;
    }

    public List<Node> nodes() {
        return nodes;
    }

    public List<Value> outputs() {
        return outputs;
    }

    /** The node that makes a value; null for graph inputs. */
    public synchronized Node producer(Value value) {
        if (producers == null) {
            producers = new HashMap<>();
            for (Node n : nodes) {
                for (Value r : n.results()) {
                    producers.put(r, n);
                }
            }
        }
        return producers.get(value);
    }

    /** The nodes that read a value, each once, in graph order. */
    public synchronized List<Node> users(Value value) {
        if (users == null) {
            users = new HashMap<>();
            for (Node n : nodes) {
                for (Value v : new HashSet<>(n.operands())) {
                    users.computeIfAbsent(v, k -> new ArrayList<>()).add(n);
                }
            }
        }
        return users.getOrDefault(value, List.of());
    }

    public boolean isOutput(Value value) {
        return outputs.contains(value);
    }

    /** The values that parameters and constants alone determine, inputs included. */
    public Set<Value> invariantValues() {
        Set<Value> known = new HashSet<>();
        for (Input in : inputs) {
            if (in.role().isInvariant()) {
                known.add(in.value());
            }
        }
        for (Node n : nodes) {
            boolean pure =
                    !n.op().is(org.ipex4j.ir.op.Trait.RANDOM)
                            && !n.op().is(org.ipex4j.ir.op.Trait.MUTATION);
            if (pure && known.containsAll(n.operands())) {
                known.addAll(n.results());
            }
        }
        return known;
    }

    @Override
    public String toString() {
        return GraphPrinter.print(this);
    }
}
