package org.ipex4j.compiler.layout;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.compiler.loop.InPlace;
import org.ipex4j.ir.graph.Value;

/**
 * An order of nodes in which whoever overwrites memory comes after all who read what lay there:
 * results that replace inputs, and sums onto a tensor. Otherwise the nodes keep their order.
 */
final class WriteOrder {
    private final List<KernelNode> nodes;
    private final Map<Value, Placement> placements;
    private final Map<Value, Integer> maker = new HashMap<>();

    /** Nodes that read the buffer of a root. */
    private final Map<Value, BitSet> readers = new HashMap<>();

    /** Nodes that must come after each node. */
    private final List<BitSet> after = new ArrayList<>();

    /**
     * @param nodes in an order that respects what they read
     */
    WriteOrder(List<KernelNode> nodes, Map<Value, Placement> placements) {
        this.nodes = nodes;
        this.placements = placements;
        for (int i = 0; i < nodes.size(); i++) {
            after.add(new BitSet());
            for (Value r : nodes.get(i).reads()) {
                Value root = root(r);
                readers.computeIfAbsent(root, k -> new BitSet()).set(i);
                Integer from = maker.get(root);
                if (from != null) {
                    after.get(from).set(i);
                }
            }
            for (Value w : nodes.get(i).writes()) {
                maker.put(w, i);
            }
        }
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i) instanceof KernelNode.Library l && l.accumulate().isPresent()) {
                readFirst(root(l.accumulate().get()), i);
            }
        }
    }

    private Value root(Value v) {
        return placements.get(v).root();
    }

    private BitSet readers(Value root) {
        return readers.getOrDefault(root, new BitSet());
    }

    private void readFirst(Value root, int writer) {
        readers(root).stream().filter(r -> r != writer).forEach(r -> after.get(r).set(writer));
    }

    /**
     * Lets the node that makes {@code result}, a whole buffer, write into {@code input} instead, if
     * everybody else who reads the input can come before it.
     */
    boolean accepts(Value result, Value input) {
        int writer = maker.get(result);
        if (!mayOverwrite(nodes.get(writer), result, input)) {
            return false;
        }
        BitSet others = (BitSet) readers(input).clone();
        others.clear(writer);
        if (reachable(writer).intersects(others)) {
            return false;
        }
        readFirst(input, writer);
        return true;
    }

    private boolean mayOverwrite(KernelNode node, Value result, Value input) {
        List<Value> own = node.reads().stream().filter(r -> root(r).equals(input)).toList();
        if (node instanceof KernelNode.Library l && l.accumulate().isPresent()) {
            return false; // lies over what it adds to
        }
        if (own.isEmpty()) {
            return true;
        }
        return node instanceof KernelNode.Loop l
                && own.equals(List.of(input))
                && placements
                        .get(input)
                        .type()
                        .layout()
                        .equals(placements.get(result).type().layout())
                && InPlace.allows(l.group(), input, result);
    }

    private BitSet reachable(int from) {
        BitSet seen = new BitSet();
        Deque<Integer> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            after.get(open.pop()).stream()
                    .filter(n -> !seen.get(n))
                    .forEach(
                            n -> {
                                seen.set(n);
                                open.push(n);
                            });
        }
        return seen;
    }

    /** The nodes in order. */
    List<KernelNode> sorted() {
        int[] waiting = new int[nodes.size()];
        after.forEach(a -> a.stream().forEach(n -> waiting[n]++));
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        for (int i = 0; i < waiting.length; i++) {
            if (waiting[i] == 0) {
                ready.add(i);
            }
        }
        List<KernelNode> out = new ArrayList<>();
        while (!ready.isEmpty()) {
            int n = ready.poll();
            out.add(nodes.get(n));
            after.get(n).stream()
                    .forEach(
                            next -> {
                                if (--waiting[next] == 0) {
                                    ready.add(next);
                                }
                            });
        }
        if (out.size() != nodes.size()) {
            throw new IllegalStateException("nodes wait for each other in a circle");
        }
        return out;
    }
}
