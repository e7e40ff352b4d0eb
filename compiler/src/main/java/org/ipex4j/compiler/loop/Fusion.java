package org.ipex4j.compiler.loop;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.loop.lower.CannotFuse;
import org.ipex4j.compiler.loop.lower.LoweringTable;
import org.ipex4j.compiler.loop.lower.ProgramBuilder;
import org.ipex4j.compiler.loop.nest.Nest;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;

/**
 * Decides which nodes share a kernel. Greedy: producers join their consumers, and then kernels that
 * read the same values join each other, wherever the nodes fit one set of loops (which building the
 * loops tells), no cycle arises and a cost estimate of computing and moving bytes does not grow.
 *
 * <p>Views between nodes of one group become changes of position; what is cheap and comes from
 * numbers and positions alone (full, arange, causal masks, …) is repeated in every group that reads
 * it. What depends on parameters alone is kept apart from the rest, so that it can run once.
 */
public final class Fusion {
    private static final int MAX_NODES = 64;
    private static final int MAX_BUFFERS = 24;

    /**
     * Vector instructions per element up to which a computation from positions alone is repeated in
     * each reader.
     */
    private static final double MAX_FREE_COST = 12;

    /**
     * Cost of moving one element of 4 bytes through the caches, in vector instructions per element.
     */
    private static final double ELEMENT_MOVE = 8;

    /** Cost of one kernel's call, on the same scale. */
    private static final double CALL = 64_000;

    private final Graph graph;
    private final List<Node> nodes;
    private final Map<Node, Integer> position = new IdentityHashMap<>();
    private final boolean[] isLoop;
    private final boolean[] isFree;

    /** Casts to a wider type that kernels alone read: a change of how each reads the operand. */
    private final boolean[] widens;

    private final boolean[] invariant;
    private final int[] phase;

    /** The unit of execution each node belongs to: a cluster of loop nodes, or the node alone. */
    private final int[] unit;

    private final Map<Integer, Cluster> clusters = new LinkedHashMap<>();

    /** Sets of nodes that were found not to make a kernel, or not a cheaper one. */
    private final Set<BitSet> refused = new HashSet<>();

    /** Nodes that read a value, directly or through views. */
    private final Map<Value, List<Node>> readers = new HashMap<>();

    private final Set<Value> outputs;

    private record Cluster(BitSet owned, LoopGroup group, double cost) {}

    private Fusion(Graph graph, Set<Node> loops, Phases phases) {
        this.graph = graph;
        this.nodes = graph.nodes();
        int n = nodes.size();
        isLoop = new boolean[n];
        isFree = new boolean[n];
        widens = new boolean[n];
        invariant = new boolean[n];
        phase = new int[n];
        unit = new int[n];
        outputs = new HashSet<>(graph.outputs());
        Set<Value> known = graph.invariantValues();
        for (int i = 0; i < n; i++) {
            Node node = nodes.get(i);
            position.put(node, i);
            unit[i] = i;
            isLoop[i] = loops.contains(node);
            invariant[i] = known.containsAll(node.results());
            phase[i] = phases.of(node);
        }
    }

    /**
     * Groups nodes into kernels.
     *
     * @param loops the nodes to cover: neither library calls nor views; views are recognised by
     *     their trait
     * @param phases nodes of different phases share no kernel
     * @return groups in an order in which each follows those whose outputs it reads (what other
     *     nodes lie between is the caller's to order). Only {@link LoopGroup#outputs} come into
     *     being in memory: a view of an output, or a view that is an input of a group, is an alias
     *     of its base's buffer.
     */
    public static List<LoopGroup> group(Graph graph, Set<Node> loops, Phases phases) {
        return new Fusion(graph, loops, phases).run();
    }

    private List<LoopGroup> run() {
        for (int i = 0; i < nodes.size(); i++) {
            isFree[i] = isLoop[i] && free(nodes.get(i));
        }
        for (int i = nodes.size() - 1; i >= 0; i--) {
            widens[i] = isLoop[i] && !isFree[i] && widens(nodes.get(i));
        }
        for (int i = 0; i < nodes.size(); i++) {
            if (isLoop[i]
                    && !widens[i]
                    && !(isFree[i]
                            && nodes.get(i).results().stream().noneMatch(this::neededInMemory))) {
                BitSet own = new BitSet();
                own.set(i);
                clusters.put(i, alone(nodes.get(i), own));
            }
        }
        boolean changed = true;
        for (int round = 0; changed && round < 4; round++) {
            changed = mergeProducers() | mergeSiblings();
        }
        List<Cluster> all = new ArrayList<>(clusters.values());
        return sort(all);
    }

    /**
     * True if a node costs less to repeat than to read: it and what it reads come from numbers and
     * positions alone.
     */
    private boolean free(Node n) {
        // A reduction, say of nothing, decides what its kernel loops over.
        if (n.op().is(Trait.RANDOM)
                || n.op().is(Trait.REDUCTION)
                || ProgramBuilder.isAssembly(n.op().name())
                || n.results().size() != 1) {
            return false;
        }
        for (Value v : n.operands()) {
            Node p = base(v);
            if (p == null || !isFree[position.get(p)] || !absorbs(v)) {
                return false;
            }
        }
        try {
            BitSet own = new BitSet();
            own.set(position.get(n));
            LoopGroup g = form(own).group;
            double elements = Math.max(1, n.result().type().numel());
            return g.inputs().isEmpty() && computeCost(g) <= MAX_FREE_COST * elements;
        } catch (CannotFuse e) {
            // Not a fault: it is computed by itself, and an error there names it.
            return false;
        }
    }

    /** True for casts that cost less to repeat than the wider elements to move. */
    private boolean widens(Node n) {
        return n.is("aten._to_copy")
                && n.operands().size() == 1
                && n.result().type().dtype().isFloating()
                && n.operands().getFirst().type().dtype().byteSize()
                        < n.result().type().dtype().byteSize()
                && !neededInMemory(n.result())
                && readInPlace(n.result());
    }

    /** True if every reader meets each element at its own position, rather than in windows. */
    private boolean readInPlace(Value v) {
        return graph.users(v).stream()
                .allMatch(
                        u ->
                                isView(u)
                                        ? readInPlace(u.results().getFirst())
                                        : u.op().is(Trait.POINTWISE) || u.op().is(Trait.REDUCTION));
    }

    /** True for such a cast and views of it: nothing of them is in memory. */
    private boolean isWidened(Value v) {
        Node p = graph.producer(v);
        return p != null
                && isView(p)
                && (widens[position.get(p)] || isWidened(p.operands().getFirst()));
    }

    /** True if the value of a free node or a cast must be in memory. */
    private boolean neededInMemory(Value v) {
        if (outputs.contains(v)) {
            return true;
        }
        for (Node u : graph.users(v)) {
            if (isView(u)
                    ? !seesThrough(u) || neededInMemory(u.results().getFirst())
                    : !isLoop[position.get(u)]) {
                return true;
            }
        }
        return false;
    }

    /**
     * True if reads of a value can become reads of its base: every view between is a change of
     * position.
     */
    private boolean absorbs(Value v) {
        Node p = graph.producer(v);
        return p == null || !isView(p) || seesThrough(p) && absorbs(p.operands().getFirst());
    }

    private boolean seesThrough(Node view) {
        return widens[position.get(view)] || LoweringTable.absorbs(view);
    }

    private Cluster alone(Node node, BitSet own) {
        try {
            return form(own);
        } catch (CannotFuse e) {
            throw new IllegalArgumentException(
                    node.op() + ": " + e.getMessage() + node.source().suffix(), e);
        }
    }

    private boolean mergeProducers() {
        boolean changed = false;
        for (int i = 0; i < nodes.size(); i++) {
            if (!clusters.containsKey(unit[i]) || !isLoop[i]) {
                continue;
            }
            Set<Integer> producers = new LinkedHashSet<>();
            for (Value v : nodes.get(i).operands()) {
                Node p = base(v);
                if (p != null) {
                    producers.add(position.get(p));
                }
            }
            for (int p : producers) {
                changed |= tryMerge(unit[p], unit[i]);
            }
        }
        return changed;
    }

    private boolean mergeSiblings() {
        boolean changed = false;
        Map<Value, Set<Integer>> byInput = new LinkedHashMap<>();
        clusters.forEach(
                (id, c) ->
                        c.group
                                .inputs()
                                .forEach(
                                        v ->
                                                byInput.computeIfAbsent(
                                                                v, k -> new LinkedHashSet<>())
                                                        .add(id)));
        for (Set<Integer> ids : byInput.values()) {
            List<Integer> list = new ArrayList<>(ids);
            for (int k = 1; k < list.size() && k < 16; k++) {
                int a = find(list.get(k - 1));
                int b = find(list.get(k));
                changed |= tryMerge(a, b);
            }
        }
        return changed;
    }

    /** The present unit of the cluster that began with this id. */
    private int find(int id) {
        return unit[id];
    }

    private boolean tryMerge(int a, int b) {
        Cluster x = clusters.get(a);
        Cluster y = clusters.get(b);
        if (a == b
                || x == null
                || y == null
                || x.owned.cardinality() + y.owned.cardinality() > MAX_NODES
                || invariant[x.owned.nextSetBit(0)] != invariant[y.owned.nextSetBit(0)]
                || phase[x.owned.nextSetBit(0)] != phase[y.owned.nextSetBit(0)]) {
            return false;
        }
        BitSet owned = (BitSet) x.owned.clone();
        owned.or(y.owned);
        if (refused.contains(owned) || makesCycle(a, b) || makesCycle(b, a)) {
            return false;
        }
        int id = Math.min(a, b);
        owned.stream().forEach(i -> unit[i] = id);
        try {
            Cluster merged = form(owned);
            if (merged.group.inputs().size() + merged.group.outputs().size() <= MAX_BUFFERS
                    && merged.cost <= x.cost + y.cost) {
                clusters.remove(a);
                clusters.remove(b);
                clusters.put(id, merged);
                return true;
            }
        } catch (CannotFuse e) {
            // Not a fault: the nodes need loops of their own.
        }
        refused.add(owned);
        x.owned.stream().forEach(i -> unit[i] = a);
        y.owned.stream().forEach(i -> unit[i] = b);
        return false;
    }

    /**
     * True if some other unit lies on a way from {@code from} to {@code to}. Ways lead to later
     * nodes, but a cluster joins early and late ones: only units that begin after everything that
     * overlaps {@code to}, directly or through others, need no look.
     */
    private boolean makesCycle(int from, int to) {
        Set<Integer> first = successors(from);
        first.removeIf(u -> u == from || u == to);
        if (first.isEmpty()) {
            return false; // the most frequent case, in chains of pointwise ops
        }
        // What is known before a call depends on such values alone: ways to it lead through no
        // other.
        boolean known = isInvariant(to);
        int end = known ? Integer.MAX_VALUE : lastOverlapping(to);
        Deque<Integer> open = new ArrayDeque<>();
        BitSet seen = new BitSet();
        seen.set(from);
        Set<Integer> reached = first;
        while (true) {
            for (int next : reached) {
                if (next == to) {
                    return true;
                }
                if (!seen.get(next)
                        && (isInvariant(next) || !known)
                        && firstPosition(next) <= end) {
                    seen.set(next);
                    open.add(next);
                }
            }
            if (open.isEmpty()) {
                return false;
            }
            reached = successors(open.pop());
        }
    }

    private boolean isInvariant(int unitId) {
        return invariant[firstPosition(unitId)];
    }

    /** The last position of what overlaps a unit, directly or through others. */
    private int lastOverlapping(int unitId) {
        int end = lastPosition(unitId);
        for (int before = -1; before != end; ) {
            before = end;
            for (Cluster c : clusters.values()) {
                if (c.owned.nextSetBit(0) <= end) {
                    end = Math.max(end, c.owned.length() - 1);
                }
            }
        }
        return end;
    }

    private int firstPosition(int unitId) {
        Cluster c = clusters.get(unitId);
        return c == null ? unitId : c.owned.nextSetBit(0);
    }

    private int lastPosition(int unitId) {
        Cluster c = clusters.get(unitId);
        return c == null ? unitId : c.owned.length() - 1;
    }

    private Set<Integer> successors(int unitId) {
        Set<Integer> out = new LinkedHashSet<>();
        Cluster c = clusters.get(unitId);
        if (c == null) {
            nodes.get(unitId)
                    .results()
                    .forEach(v -> readers(v).forEach(r -> out.add(unit[position.get(r)])));
        } else {
            c.owned.stream()
                    .forEach(
                            i ->
                                    nodes.get(i)
                                            .results()
                                            .forEach(
                                                    v ->
                                                            readers(v)
                                                                    .forEach(
                                                                            r ->
                                                                                    out.add(
                                                                                            unit[
                                                                                                    position
                                                                                                            .get(
                                                                                                                    r)]))));
        }
        return out;
    }

    /** The node that computes a value, seen through views; null for graph inputs. */
    private Node base(Value v) {
        Node p = graph.producer(v);
        while (p != null && isView(p)) {
            p = graph.producer(p.operands().getFirst());
        }
        return p;
    }

    private boolean isView(Node n) {
        int at = position.get(n);
        return n.op().is(Trait.VIEW) && !isLoop[at] || widens[at];
    }

    private List<Node> readers(Value v) {
        List<Node> known = readers.get(v);
        if (known == null) {
            Set<Node> out = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
            List<Node> list = new ArrayList<>();
            for (Node u : graph.users(v)) {
                List<Node> through =
                        isView(u)
                                ? u.results().stream().flatMap(r -> readers(r).stream()).toList()
                                : List.of(u);
                for (Node r : through) {
                    if (out.add(r)) {
                        list.add(r);
                    }
                }
            }
            known = list;
            readers.put(v, known);
        }
        return known;
    }

    /** True if the value, or a view of it, is a result of the graph. */
    private boolean isOutput(Value v) {
        if (outputs.contains(v)) {
            return true;
        }
        for (Node u : graph.users(v)) {
            if (isView(u) && u.results().stream().anyMatch(this::isOutput)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The group of these nodes, with the views and free nodes it takes in; checks that its loops
     * can be built.
     */
    private Cluster form(BitSet owned) {
        BitSet all = (BitSet) owned.clone();
        Deque<Integer> open = new ArrayDeque<>();
        owned.stream().forEach(open::add);
        Set<Value> inputs = new LinkedHashSet<>();
        while (!open.isEmpty()) {
            for (Value v : nodes.get(open.pop()).operands()) {
                Node p = graph.producer(v);
                if (p == null) {
                    inputs.add(v);
                    continue;
                }
                int at = position.get(p);
                if (all.get(at)) {
                    continue;
                }
                Node base = base(v);
                int baseAt = base == null ? -1 : position.get(base);
                boolean ours = baseAt >= 0 && owned.get(baseAt);
                boolean absorbed = absorbs(v);
                if (ours && !absorbed) {
                    throw new CannotFuse(p.op() + " cannot be seen through");
                }
                if (isFree[at]
                        || isWidened(v)
                        || isView(p) && absorbed && (ours || baseAt >= 0 && isFree[baseAt])) {
                    all.set(at);
                    open.add(at);
                } else {
                    inputs.add(v);
                }
            }
        }
        List<Value> outs = new ArrayList<>();
        for (int i = owned.nextSetBit(0); i >= 0; i = owned.nextSetBit(i + 1)) {
            for (Value v : nodes.get(i).results()) {
                if (isOutput(v) || readers(v).stream().anyMatch(r -> !owned.get(position.get(r)))) {
                    outs.add(v);
                }
            }
        }
        if (outs.isEmpty()) {
            outs.add(nodes.get(owned.length() - 1).results().getFirst());
        }
        List<Node> members = new ArrayList<>();
        all.stream().forEach(i -> members.add(nodes.get(i)));
        List<Value> sortedInputs =
                inputs.stream().sorted(Comparator.comparingInt(Value::id)).toList();
        LoopGroup group = new LoopGroup(members, sortedInputs, outs);
        return new Cluster(owned, group, cost(group));
    }

    private static double cost(LoopGroup group) {
        double cost = CALL + computeCost(group);
        for (List<Value> side : List.of(group.inputs(), group.outputs())) {
            for (Value v : side) {
                cost += ELEMENT_MOVE * v.type().numel() * v.type().dtype().byteSize() / 4;
            }
        }
        return cost;
    }

    private static double computeCost(LoopGroup group) {
        double cost = 0;
        for (Nest n : ProgramBuilder.build(group.nodes(), group.outputs(), List.of())) {
            cost += n.computeCost();
        }
        return cost;
    }

    /** Groups so that each comes after those it depends on, other nodes in between considered. */
    private List<LoopGroup> sort(List<Cluster> all) {
        Map<Integer, Integer> waiting = new HashMap<>();
        Set<Integer> units = new LinkedHashSet<>();
        for (int i = 0; i < nodes.size(); i++) {
            if (!isView(nodes.get(i)) && !(isFree[i] && !clusters.containsKey(unit[i]))) {
                units.add(unit[i]);
            }
        }
        for (int u : units) {
            for (int next : successors(u)) {
                if (next != u) {
                    waiting.merge(next, 1, Integer::sum);
                }
            }
        }
        Deque<Integer> ready = new ArrayDeque<>();
        units.stream().filter(u -> !waiting.containsKey(u)).forEach(ready::add);
        List<LoopGroup> out = new ArrayList<>();
        while (!ready.isEmpty()) {
            int u = ready.pop();
            Cluster c = clusters.get(u);
            if (c != null) {
                out.add(c.group);
            }
            for (int next : successors(u)) {
                if (next != u && waiting.merge(next, -1, Integer::sum) == 0) {
                    ready.add(next);
                }
            }
        }
        if (out.size() != all.size()) {
            throw new IllegalStateException("groups depend on each other in a circle");
        }
        return out;
    }
}
