package org.ipex4j.compiler.layout;

import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;

/**
 * A kernel graph in which every value has its place: views are resolved, layouts chosen, reorders
 * inserted, library calls fully specified. Nodes are library calls, loops and host routines only.
 *
 * @param placements of every value that a node or an output mentions
 * @param phases of each node, rising
 * @param outputs one per graph output; each computed one is a whole contiguous buffer and appears
 *     once unless the graph returns the same value twice
 * @param writes computed outputs that lie in the memory of an input, and that input; the order of
 *     the nodes is such that nothing reads the input's old value afterwards
 */
public record LaidOutGraph(
        List<Input> inputs,
        List<KernelNode> nodes,
        List<Integer> phases,
        List<Value> outputs,
        Map<Value, Placement> placements,
        Map<Value, Value> writes) {
    public LaidOutGraph {
        writes = Map.copyOf(writes);
        inputs = List.copyOf(inputs);
        nodes = List.copyOf(nodes);
        phases = List.copyOf(phases);
        outputs = List.copyOf(outputs);
        placements = Map.copyOf(placements);
    }

    public Placement placement(Value v) {
        Placement p = placements.get(v);
        if (p == null) {
            throw new IllegalStateException("no placement for " + v);
        }
        return p;
    }

    /** The value whose buffer holds {@code v}. */
    public Value root(Value v) {
        return placement(v).root();
    }

    /** One line per node, with the layouts of what it writes. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("laid out {\n");
        for (KernelNode n : nodes) {
            out.append("  ");
            n.writes()
                    .forEach(
                            w ->
                                    out.append(w)
                                            .append(": ")
                                            .append(placement(w).type())
                                            .append(' '));
            out.append("= ").append(n.label()).append(' ');
            n.reads()
                    .forEach(
                            r ->
                                    out.append(r)
                                            .append('@')
                                            .append(placement(r).type().layout())
                                            .append(' '));
            if (n instanceof KernelNode.Library l) {
                out.append(l.call().postOps().isEmpty() ? "" : l.call().postOps())
                        .append(' ')
                        .append(l.implementation());
            }
            out.append('\n');
        }
        out.append("  return ").append(outputs);
        outputs.stream()
                .filter(writes::containsKey)
                .forEach(o -> out.append(", ").append(o).append(" into ").append(writes.get(o)));
        return out.append("\n}\n").toString();
    }
}
