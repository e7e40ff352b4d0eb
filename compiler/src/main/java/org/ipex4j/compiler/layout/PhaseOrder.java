package org.ipex4j.compiler.layout;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
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
        Map<KernelNode, List<KernelNode>> after = finalCopies(given, outputs, root, copies);
        Set<KernelNode> moved = Collections.newSetFromMap(new IdentityHashMap<>());
        after.values().forEach(moved::addAll);
        nodes = new ArrayList<>();
        for (int p = 0; p < phases.count(); p++) {
            for (KernelNode n : given) {
                if (phase.get(n) == p && !moved.contains(n)) {
                    nodes.add(n);
                    nodes.addAll(after.getOrDefault(n, List.of()));
                }
            }
        }
    }

    /**
     * The copies that hand a result out, by the node that makes what they copy: done at once, while
     * it is in the caches, so that its own memory is free again.
     */
    private static Map<KernelNode, List<KernelNode>> finalCopies(
            List<KernelNode> given,
            List<Value> outputs,
            UnaryOperator<Value> root,
            Set<Value> copies) {
        Map<Value, KernelNode> maker = new HashMap<>();
        Set<Value> read = new HashSet<>();
        for (KernelNode n : given) {
            n.writes().forEach(w -> maker.put(w, n));
            n.reads().forEach(r -> read.add(root.apply(r)));
        }
        Set<Value> results = new HashSet<>();
        outputs.forEach(o -> results.add(root.apply(o)));
        Map<KernelNode, List<KernelNode>> after = new IdentityHashMap<>();
        for (KernelNode n : given) {
            boolean last =
                    n.reads().size() == 1
                            && n.writes().stream()
                                    .allMatch(
                                            w ->
                                                    copies.contains(w)
                                                            && results.contains(w)
                                                            && !read.contains(w));
            KernelNode from = last ? maker.get(root.apply(n.reads().getFirst())) : null;
            if (from != null) {
                after.computeIfAbsent(from, k -> new ArrayList<>()).add(n);
            }
        }
        return after;
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
