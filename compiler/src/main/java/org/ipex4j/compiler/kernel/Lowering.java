package org.ipex4j.compiler.kernel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;

/**
 * From graph to kernel graph: library calls take their epilogues first, views become aliases, and
 * what is left is fused into loop groups.
 */
public final class Lowering {
    /** Partitions nodes into kernels; work on parameters alone stays apart from the rest. */
    @FunctionalInterface
    public interface Grouping {
        /**
         * The kernels.
         *
         * @param loops what to cover, by identity: neither library calls nor views
         */
        List<LoopGroup> group(Graph graph, Set<Node> loops, Phases phases);
    }

    private static final Set<String> HOST =
            Set.of(
                    "aten.sort",
                    "aten.sort.stable",
                    "aten.argsort",
                    "aten.topk",
                    "aten.nonzero",
                    "aten.unique_dim",
                    "aten._unique2",
                    "aten.masked_select",
                    "aten.repeat_interleave.self_Tensor",
                    "aten.scatter.src",
                    "aten.scatter.value",
                    "aten.scatter_add");

    /** True for ops that become calls of the library. */
    public static boolean isLibrary(org.ipex4j.ir.op.Op op) {
        return LibraryLowering.has(op);
    }

    /**
     * True for ops that the runtime's own code does: those that sort, or write where the data says.
     */
    public static boolean isHost(org.ipex4j.ir.op.Op op) {
        return HOST.contains(op.name());
    }

    private final Grouping grouping;

    private final boolean exact;

    /**
     * @param exact post-ops that drop NaN are left to generated kernels, see {@link LibraryNaN}
     */
    public Lowering(Grouping grouping, boolean exact) {
        this.grouping = grouping;
        this.exact = exact;
    }

    /** Kernel nodes that belong together, at a position of the graph. */
    private record Unit(int position, List<KernelNode> nodes) {}

    /** The kernel graph of a graph that is computed at once. */
    public KernelGraph lower(Graph graph) {
        return lower(graph, Phases.ONE);
    }

    /**
     * The kernel graph.
     *
     * @param phases the graph's nodes are in their order
     */
    public KernelGraph lower(Graph graph, Phases phases) {
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
            if (LibraryLowering.has(n.op())) {
                Value made = n.results().getFirst();
                Epilogue epilogue =
                        Epilogue.after(
                                new Epilogue.Context(graph, outputs, taken, exact, phases),
                                made,
                                LibraryLowering.channelDim(n),
                                LibraryLowering.abilities(n));
                epilogue.nodes().forEach(e -> taken.add(e.result()));
                taken.addAll(n.results());
                units.add(
                        new Unit(
                                positions.get(epilogue.result(made)),
                                LibraryLowering.lower(names, graph, n, epilogue)));
            }
        }
        Set<Node> loops = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Value> needed = needed(graph, units, taken);
        for (Node n : graph.nodes()) {
            if (taken.contains(n.results().getFirst())
                    || n.results().stream().noneMatch(needed::contains)) {
                continue;
            }
            if (n.op().is(Trait.VIEW)) {
                units.add(
                        new Unit(
                                positions.get(n.result()),
                                List.of(
                                        new KernelNode.Alias(
                                                n, n.operands().getFirst(), n.result()))));
            } else if (HOST.contains(n.op().name())) {
                units.add(
                        new Unit(
                                positions.get(n.results().getFirst()),
                                List.of(new KernelNode.Host(n))));
            } else {
                loops.add(n);
            }
        }
        for (LoopGroup g : grouping.group(graph, loops, phases)) {
            int last = g.outputs().stream().mapToInt(positions::get).max().orElseThrow();
            units.add(new Unit(last, List.of(new KernelNode.Loop(g))));
        }
        List<KernelNode> nodes =
                withoutDeadAliases(order(withoutLostAliases(units, graph)), outputs);
        return new KernelGraph(
                graph.inputs(), Accumulation.apply(nodes, graph, phases), graph.outputs());
    }

    /** What outputs and library calls depend on: calls may read what was before a cast. */
    private static Set<Value> needed(Graph graph, List<Unit> calls, Set<Value> taken) {
        Set<Value> needed = new HashSet<>(graph.outputs());
        calls.forEach(u -> u.nodes().forEach(n -> needed.addAll(n.reads())));
        for (Node n : graph.nodes().reversed()) {
            if (!taken.contains(n.results().getFirst())
                    && n.results().stream().anyMatch(needed::contains)) {
                needed.addAll(n.operands());
            }
        }
        return needed;
    }

    /** Views that kernels have taken in may have no base in memory any more. */
    private static List<Unit> withoutLostAliases(List<Unit> units, Graph graph) {
        Set<Value> inMemory = new HashSet<>();
        graph.inputs().forEach(in -> inMemory.add(in.value()));
        List<Unit> views = new ArrayList<>();
        List<Unit> kept = new ArrayList<>();
        for (Unit u : units) {
            boolean view =
                    u.nodes().size() == 1 && u.nodes().getFirst() instanceof KernelNode.Alias;
            (view ? views : kept).add(u);
            if (!view) {
                u.nodes().forEach(n -> inMemory.addAll(n.writes()));
            }
        }
        for (Unit u : views) { // in graph order, so that a view's base was seen before it
            if (inMemory.containsAll(u.nodes().getFirst().reads())) {
                inMemory.addAll(u.nodes().getFirst().writes());
                kept.add(u);
            }
        }
        return kept;
    }

    private static List<KernelNode> withoutDeadAliases(List<KernelNode> nodes, Set<Value> outputs) {
        Set<Value> needed = new HashSet<>(outputs);
        List<KernelNode> kept = new ArrayList<>();
        for (KernelNode n : nodes.reversed()) {
            if (!(n instanceof KernelNode.Alias a) || needed.contains(a.result())) {
                needed.addAll(n.reads());
                kept.add(n);
            }
        }
        return kept.reversed();
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
        PriorityQueue<Integer> ready =
                new PriorityQueue<>(
                        Comparator.<Integer>comparingInt(u -> units.get(u).position())
                                .thenComparing(u -> u));
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
            throw new IllegalStateException(
                    "fusion made a cycle: "
                            + (units.size() - done)
                            + " of "
                            + units.size()
                            + " kernels never become ready");
        }
        return out;
    }
}
