package org.ipex4j.compiler.layout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.graph.Value;

/**
 * Nodes sorted by phase. Layout changes, which belong to no node of the graph, happen in the phase
 * that first reads them; those of a result in the phase that makes it.
 */
final class PhaseOrder {
    private final Map<KernelNode, Integer> phase = new IdentityHashMap<>();
    private final List<KernelNode> nodes;

    private PhaseOrder(
            List<KernelNode> given,
            List<Value> outputs,
            Phases phases,
            UnaryOperator<Value> root,
            Set<Value> copies) {
        Map<Value, Integer> firstRead = new HashMap<>();
        Map<Value, Integer> made = new HashMap<>();
        for (KernelNode n : given) {
            int p =
                    n.nodes().stream()
                            .flatMap(x -> x.results().stream())
                            .mapToInt(phases::of)
                            .max()
                            .orElse(0);
            for (Value r : n.reads()) {
                p = Math.max(p, made.getOrDefault(root.apply(r), 0));
            }
            int at = p;
            phase.put(n, at);
            n.writes().forEach(w -> made.put(w, at));
        }
        outputs.forEach(o -> firstRead.put(root.apply(o), made.getOrDefault(root.apply(o), 0)));
        for (KernelNode n : given.reversed()) {
            if (copies.containsAll(n.writes())) {
                int first =
                        n.writes().stream()
                                .mapToInt(w -> firstRead.getOrDefault(w, phases.count() - 1))
                                .min()
                                .orElse(0);
                phase.merge(n, first, Math::max);
            }
            int p = phase.get(n);
            n.reads().forEach(r -> firstRead.merge(root.apply(r), p, Math::min));
        }
        nodes = new ArrayList<>();
        for (int p = 0; p < phases.count(); p++) {
            int now = p;
            given.stream().filter(n -> phase.get(n) == now).forEach(nodes::add);
        }
    }

    /**
     * The order.
     *
     * @param given in an order that respects what they read
     * @param root the value whose buffer a value lies in
     * @param copies what layout changes have made
     */
    static PhaseOrder of(
            List<KernelNode> given,
            List<Value> outputs,
            Phases phases,
            UnaryOperator<Value> root,
            Set<Value> copies) {
        return new PhaseOrder(given, outputs, phases, root, copies);
    }

    List<KernelNode> nodes() {
        return nodes;
    }

    /** The phases of these nodes, in their order, which must be rising. */
    List<Integer> of(List<KernelNode> sorted) {
        List<Integer> out = sorted.stream().map(phase::get).toList();
        IntStream.range(1, out.size())
                .filter(i -> out.get(i) < out.get(i - 1))
                .findFirst()
                .ifPresent(
                        i -> {
                            throw new IllegalStateException(
                                    sorted.get(i).label()
                                            + " of phase "
                                            + out.get(i)
                                            + " would run after phase "
                                            + out.get(i - 1));
                        });
        return out;
    }
}
