package org.ipex4j.compiler.phase;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Source;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;

/**
 * Cuts a joint graph into phases. Backward needs values of forward: each is saved or computed again
 * from others that are saved, such that the bytes saved are least (a minimum cut, as in functorch's
 * min-cut partitioner). Computed again is only what costs little inside a kernel that reads its
 * operands anyway: pointwise ops and views, never convolutions, products, reductions or random
 * numbers, nor what forward writes to memory for a library call.
 *
 * @param graph nodes in the order of their phases, with those computed again repeated
 */
public record Partition(Graph graph, Phases phases) {

    /** The graph cut; itself where no input is given later than the call. */
    public static Partition of(Graph graph) {
        return of(graph, List.of());
    }

    /**
     * The graph cut; itself where no input is given later than the call.
     *
     * @param writes outputs that replace inputs: phases after the write read a copy of what the
     *     input was
     */
    public static Partition of(Graph graph, List<CompileOptions.Write> writes) {
        int count = 1;
        for (Input in : graph.inputs()) {
            count = Math.max(count, in.role().phase() + 1);
        }
        return count == 1
                ? new Partition(graph, Phases.ONE)
                : new Cutter(graph, count, writes).cut();
    }

    /** Bytes that are kept rather than computed again. */
    private static final long SMALL = 64 << 10;

    /**
     * Share of the bytes of a minimum cut that is kept. Bringing back the rest costs a pass over
     * memory each; on ResNet-50 that was less than the noise of a shared machine.
     */
    private static final double KEPT_SHARE = 0.35;

    private static final Op CLONE = OpCatalog.get("aten.clone");

    private static final class Cutter {
        private final Graph graph;
        private final int count;
        private final Map<Value, Integer> phase = new HashMap<>();
        private final Set<Value> outputs;

        /** Inputs that are replaced, and the phase in which they are. */
        private final Map<Value, Integer> replaced = new HashMap<>();

        private int nextId;

        Cutter(Graph graph, int count, List<CompileOptions.Write> writes) {
            this.graph = graph;
            this.count = count;
            this.outputs = new HashSet<>(graph.outputs());
            for (Input in : graph.inputs()) {
                phase.put(in.value(), in.role().phase());
                nextId = Math.max(nextId, in.value().id() + 1);
            }
            for (Node n : graph.nodes()) {
                int p = n.operands().stream().mapToInt(phase::get).max().orElse(0);
                for (Value r : n.results()) {
                    phase.put(r, p);
                    nextId = Math.max(nextId, r.id() + 1);
                }
            }
            sinkFree();
            for (CompileOptions.Write w : writes) {
                replaced.put(
                        graph.inputs().get(w.input()).value(),
                        phase.get(graph.outputs().get(w.output())));
            }
        }

        /** What depends on nothing is computed where it is read first. */
        private void sinkFree() {
            for (Node n : graph.nodes().reversed()) {
                boolean read = n.results().stream().anyMatch(r -> !graph.users(r).isEmpty());
                boolean free =
                        n.operands().stream().allMatch(v -> phase.get(v) == 0 && isFree(v))
                                && n.results().stream().noneMatch(outputs::contains);
                if (free && read && !n.op().is(Trait.RANDOM)) {
                    int first = count;
                    for (Value r : n.results()) {
                        for (Node u : graph.users(r)) {
                            first = Math.min(first, phase.get(u.results().getFirst()));
                        }
                    }
                    int at = first;
                    n.results().forEach(r -> phase.put(r, at));
                }
            }
        }

        private boolean isFree(Value v) {
            Node p = graph.producer(v);
            return p != null && p.operands().stream().allMatch(this::isFree);
        }

        Partition cut() {
            Set<Value> saved = saved();
            economise(saved);
            List<List<Node>> ordered = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ordered.add(new ArrayList<>());
            }
            Map<Value, Integer> later = new HashMap<>();
            Map<Value, Value> again = new HashMap<>();
            for (Node n : graph.nodes()) {
                int p = phase.get(n.results().getFirst());
                if (p == 0) {
                    ordered.getFirst().add(n);
                    continue;
                }
                for (Value v : n.operands()) {
                    if (isReplacedBefore(p, v)) {
                        keep(v, again, ordered, later);
                    } else {
                        repeat(v, saved, again, ordered, later);
                    }
                }
                Node moved =
                        new Node(
                                n.op(),
                                n.args().map(v -> again.getOrDefault(v, v)),
                                n.results(),
                                n.source());
                ordered.get(p).add(moved);
                int at = p;
                n.results().forEach(r -> later.put(r, at));
            }
            List<Node> nodes = new ArrayList<>();
            ordered.forEach(nodes::addAll);
            return new Partition(
                    withoutUnread(new Graph(graph.inputs(), nodes, graph.outputs())),
                    new Phases(later, count));
        }

        /** True for an input that is replaced in an earlier phase, and for views of it. */
        private boolean isReplacedBefore(int reader, Value v) {
            Node p = graph.producer(v);
            return p == null
                    ? replaced.getOrDefault(v, count) < reader
                    : p.op().is(Trait.VIEW) && isReplacedBefore(reader, p.operands().getFirst());
        }

        /** Copies an input before it is replaced; a view of one is taken of the copy. */
        private void keep(
                Value v,
                Map<Value, Value> again,
                List<List<Node>> ordered,
                Map<Value, Integer> later) {
            if (again.containsKey(v)) {
                return;
            }
            Node p = graph.producer(v);
            if (p != null) {
                keep(p.operands().getFirst(), again, ordered, later);
                repeated(p, again, ordered, later);
                return;
            }
            Value copy = new Value(nextId++, v.type());
            again.put(v, copy);
            ordered.getFirst()
                    .add(
                            new Node(
                                    CLONE,
                                    Args.of(CLONE.schema(), v),
                                    List.of(copy),
                                    Source.UNKNOWN));
        }

        /** Makes a value of forward that was not saved known to backward, by computing it again. */
        private void repeat(
                Value v,
                Set<Value> saved,
                Map<Value, Value> again,
                List<List<Node>> ordered,
                Map<Value, Integer> later) {
            if (isReplacedBefore(1, v)) {
                keep(v, again, ordered, later);
                return;
            }
            Node p = graph.producer(v);
            if (phase.get(v) > 0 || p == null || saved.contains(v) || again.containsKey(v)) {
                return;
            }
            p.operands().forEach(o -> repeat(o, saved, again, ordered, later));
            repeated(p, again, ordered, later);
        }

        private void repeated(
                Node p,
                Map<Value, Value> again,
                List<List<Node>> ordered,
                Map<Value, Integer> later) {
            List<Value> results = new ArrayList<>();
            for (Value r : p.results()) {
                Value copy = new Value(nextId++, r.type());
                again.put(r, copy);
                later.put(copy, 1);
                results.add(copy);
            }
            ordered.get(1)
                    .add(
                            new Node(
                                    p.op(),
                                    p.args().map(o -> again.getOrDefault(o, o)),
                                    results,
                                    p.source()));
        }

        /** The values of forward that later phases read from memory. */
        private Set<Value> saved() {
            MinCut net = new MinCut();
            int source = net.vertex();
            int sink = net.vertex();
            Map<Value, Integer> in = new HashMap<>();
            List<Value> forward = new ArrayList<>();
            graph.inputs().forEach(i -> forward.add(i.value()));
            graph.nodes().forEach(n -> forward.addAll(n.results()));
            forward.removeIf(v -> phase.get(v) > 0);
            for (Value v : forward) {
                int enter = net.vertex();
                int leave = net.vertex();
                in.put(v, enter);
                Node p = graph.producer(v);
                net.edge(enter, leave, cost(v));
                if (p == null || !isCheap(p) || isMaterialised(v)) {
                    net.edge(source, enter, MinCut.INFINITE);
                }
            }
            for (Value v : forward) {
                int leave = in.get(v) + 1;
                Set<Integer> readers = new LinkedHashSet<>();
                for (Node u : graph.users(v)) {
                    for (Value r : u.results()) {
                        readers.add(phase.get(r) > 0 ? sink : in.get(r));
                    }
                }
                readers.forEach(r -> net.edge(leave, r, MinCut.INFINITE));
            }
            BitSet side = net.sourceSide(source, sink);
            Set<Value> saved = new HashSet<>();
            for (Value v : forward) {
                if (side.get(in.get(v)) && !side.get(in.get(v) + 1)) {
                    saved.add(v);
                }
            }
            return saved;
        }

        /**
         * Gives up the largest saved tensors that pointwise work brings back from others that stay,
         * until only a share of the bytes is kept.
         */
        private void economise(Set<Value> saved) {
            List<Value> largest =
                    saved.stream()
                            .filter(v -> graph.producer(v) != null && readLater(v))
                            .sorted(
                                    Comparator.<Value>comparingLong(v -> -v.type().byteSize())
                                            .thenComparingInt(Value::id))
                            .toList();
            long kept = largest.stream().mapToLong(v -> v.type().byteSize()).sum();
            long limit = (long) (kept * KEPT_SHARE);
            Set<Value> pinned = new HashSet<>();
            for (Value v : largest) {
                Set<Value> leaves = new HashSet<>();
                if (kept > limit
                        && !pinned.contains(v)
                        && v.type().byteSize() > SMALL
                        && !outputs.contains(v)
                        && computable(graph.producer(v), saved, leaves)) {
                    saved.remove(v);
                    saved.addAll(leaves);
                    pinned.addAll(leaves);
                    kept -= v.type().byteSize();
                }
            }
        }

        private boolean readLater(Value v) {
            return graph.users(v).stream().anyMatch(u -> phase.get(u.results().getFirst()) > 0);
        }

        /** Whether pointwise work gives a node's result from what is saved, inputs, and trifles. */
        private boolean computable(Node n, Set<Value> saved, Set<Value> leaves) {
            boolean light = n.op().is(Trait.POINTWISE) || n.op().is(Trait.VIEW);
            if (!light || n.op().is(Trait.RANDOM) || n.op().is(Trait.EXPENSIVE)) {
                return false;
            }
            for (Value o : n.operands()) {
                Node p = graph.producer(o);
                boolean stays = p == null && replaced.getOrDefault(o, count) > 0;
                if (stays || saved.contains(o) || p != null && o.type().byteSize() <= SMALL) {
                    leaves.add(o);
                } else if (p == null || !computable(p, saved, leaves)) {
                    return false;
                }
            }
            return true;
        }

        /**
         * Bytes kept, and as many again if forward would not have written them otherwise. Inputs
         * live on anyway, unless they are replaced before.
         */
        private long cost(Value v) {
            Node p = graph.producer(v);
            if (p == null && replaced.getOrDefault(v, count) > 0) {
                return 0;
            }
            long bytes = Math.max(1, v.type().byteSize());
            return p != null && (isMaterialised(v) || p.op().is(Trait.EXPENSIVE))
                    ? bytes
                    : 2 * bytes;
        }

        /** True for what a kernel does in passing. */
        private boolean isCheap(Node n) {
            if (n.results().size() != 1 || n.op().is(Trait.RANDOM)) {
                return false;
            }
            if (n.operands().isEmpty()) {
                return true;
            }
            Value result = n.results().getFirst();
            if (n.op().is(Trait.VIEW)) {
                // A part of a tensor costs little to keep, and may cost a copy of the whole to cut.
                return result.type().numel() >= n.operands().getFirst().type().numel();
            }
            // What depends on nothing is cheap while it is pointwise: a constant's sum is a sum.
            return n.op().is(Trait.POINTWISE)
                    && !n.op().is(Trait.EXPENSIVE)
                    && (result.type().byteSize() > SMALL
                            || n.operands().stream().allMatch(this::isFree));
        }

        /** True if forward writes the value to memory whatever is saved. */
        private boolean isMaterialised(Value v) {
            return outputs.contains(v) || graph.users(v).stream().anyMatch(this::readsMemory);
        }

        private boolean readsMemory(Node reader) {
            if (phase.get(reader.results().getFirst()) > 0) {
                return false;
            }
            return reader.op().is(Trait.VIEW)
                    ? reader.results().stream().anyMatch(this::isMaterialised)
                    : !reader.op().is(Trait.POINTWISE) && !reader.op().is(Trait.REDUCTION);
        }

        private static Graph withoutUnread(Graph g) {
            Set<Value> live = new HashSet<>(g.outputs());
            List<Node> kept = new ArrayList<>();
            for (Node n : g.nodes().reversed()) {
                if (n.op().is(Trait.MUTATION) || n.results().stream().anyMatch(live::contains)) {
                    kept.add(n);
                    live.addAll(n.operands());
                }
            }
            return new Graph(g.inputs(), kept.reversed(), g.outputs());
        }
    }
}
