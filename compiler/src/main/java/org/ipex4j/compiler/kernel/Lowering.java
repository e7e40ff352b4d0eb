package org.ipex4j.compiler.kernel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;

/**
 * From graph to kernel graph: library calls take their epilogues first, views become aliases, and what is
 * left is fused into loop groups. Work on parameters and constants alone is never grouped with other work,
 * so that it can move to a prologue.
 */
public final class Lowering {
    /** Partitions nodes, given in graph order, into kernels. */
    @FunctionalInterface
    public interface Grouping {
        List<LoopGroup> group(Graph graph, List<Node> nodes);
    }

    private static final Set<String> HOST = Set.of(
            "aten.sort", "aten.sort.stable", "aten.argsort", "aten.topk", "aten.nonzero", "aten.unique_dim", "aten._unique2",
            "aten.masked_select", "aten.repeat_interleave.self_Tensor", "aten.scatter.src", "aten.scatter.value", "aten.scatter_add",
            "aten.index_add", "aten.index_copy", "aten.index_fill.int_Scalar", "aten.index_put", "aten.put");

    /** True for ops that the runtime's own code does: those that sort, or write where the data says. */
    public static boolean isHost(org.ipex4j.ir.op.Op op) {
        return HOST.contains(op.name());
    }

    private final Grouping grouping;

    public Lowering(Grouping grouping) {
        this.grouping = grouping;
    }

    /** Kernel nodes that belong together, at a position of the graph. */
    private record Unit(int position, List<KernelNode> nodes) {}

    public KernelGraph lower(Graph graph) {
        Names names = new Names(graph);
        Set<Value> outputs = new HashSet<>(graph.outputs());
        Map<Value, Integer> positions = new HashMap<>();
        for (Node n : graph.nodes()) {
            for (Value r : n.results()) {
                positions.put(r, positions.size());
            }
        }
        List<Unit> units = new ArrayList<>();
        Set<Value> taken = new HashSet<>();
        for (Node n : graph.nodes()) {
            if (LibraryLowering.has(n)) {
                Epilogue epilogue = Epilogue.after(graph, n.result(), LibraryLowering.channelDim(n), outputs, taken);
                epilogue.nodes().forEach(e -> taken.add(e.result()));
                taken.add(n.result());
                units.add(new Unit(positions.get(epilogue.result(n.result())), LibraryLowering.lower(names, n, epilogue)));
            }
        }
        Set<Value> invariant = graph.invariantValues();
        List<Node> once = new ArrayList<>();
        List<Node> each = new ArrayList<>();
        for (Node n : graph.nodes()) {
            if (taken.contains(n.results().getFirst())) {
                continue;
            }
            if (n.op().is(Trait.VIEW)) {
                units.add(new Unit(positions.get(n.result()), List.of(new KernelNode.Alias(n, n.operands().getFirst(), n.result()))));
            } else if (HOST.contains(n.op().name())) {
                units.add(new Unit(positions.get(n.results().getFirst()), List.of(new KernelNode.Host(n))));
            } else {
                (belongsToPrologue(n, graph, invariant) ? once : each).add(n);
            }
        }
        for (List<Node> part : List.of(once, each)) {
            for (LoopGroup g : grouping.group(graph, part)) {
                int last = g.nodes().stream().mapToInt(n -> positions.get(n.results().getLast())).max().orElseThrow();
                units.add(new Unit(last, List.of(new KernelNode.Loop(g))));
            }
        }
        return new KernelGraph(graph.inputs(), Accumulation.apply(order(units), graph), graph.outputs());
    }

    /** Invariant work; what has no operands at all (full, arange) goes where it is used. */
    private static boolean belongsToPrologue(Node n, Graph graph, Set<Value> invariant) {
        if (!invariant.containsAll(n.results())) {
            return false;
        }
        return !n.operands().isEmpty() || n.results().stream().flatMap(r -> graph.users(r).stream())
                .allMatch(u -> invariant.containsAll(u.results()));
    }

    /** Units by position as far as dependencies allow. */
    private static List<KernelNode> order(List<Unit> units) {
        Map<Value, Integer> maker = new HashMap<>();
        for (int u = 0; u < units.size(); u++) {
            for (KernelNode n : units.get(u).nodes()) {
                for (Value w : n.writes()) {
                    maker.put(w, u);
                }
            }
        }
        int[] waiting = new int[units.size()];
        List<Set<Integer>> users = new ArrayList<>();
        units.forEach(u -> users.add(new HashSet<>()));
        for (int u = 0; u < units.size(); u++) {
            for (KernelNode n : units.get(u).nodes()) {
                for (Value r : n.reads()) {
                    Integer from = maker.get(r);
                    if (from != null && from != u && users.get(from).add(u)) {
                        waiting[u]++;
                    }
                }
            }
        }
        PriorityQueue<Integer> ready = new PriorityQueue<>(Comparator.<Integer>comparingInt(u -> units.get(u).position()).thenComparing(u -> u));
        for (int u = 0; u < units.size(); u++) {
            if (waiting[u] == 0) {
                ready.add(u);
            }
        }
        List<KernelNode> out = new ArrayList<>();
        int done = 0;
        while (!ready.isEmpty()) {
            int u = ready.poll();
            done++;
            out.addAll(units.get(u).nodes());
            for (int v : users.get(u)) {
                if (--waiting[v] == 0) {
                    ready.add(v);
                }
            }
        }
        if (done != units.size()) {
            throw new IllegalStateException("fusion made a cycle: " + (units.size() - done) + " of " + units.size() + " kernels never become ready");
        }
        return out;
    }
}
