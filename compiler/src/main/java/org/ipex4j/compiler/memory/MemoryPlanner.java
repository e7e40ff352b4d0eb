package org.ipex4j.compiler.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.compiler.layout.LaidOutGraph;
import org.ipex4j.compiler.layout.Placement;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.ir.plan.Operand.Place;

/**
 * Assigns offsets in one arena: values that do not live at the same time share memory. Pointwise
 * kernels write over an input that dies there, sums over the tensor they add to; outputs of the
 * program are written where the caller wants them, or into the input that they replace. Offsets are
 * chosen largest buffer first, each in the tightest gap between those already placed that live at
 * the same time ("greedy by size", as in TensorFlow Lite's planner).
 */
public final class MemoryPlanner {
    /** Cache line, and the widest vector. */
    static final long ALIGNMENT = 64;

    private final LaidOutGraph graph;
    private final Program program;
    private final Map<Value, Buffer> buffers = new HashMap<>();
    private final List<Buffer> all = new ArrayList<>();

    /** One stretch of memory, used by one or more values in turn. */
    static final class Buffer {
        final long bytes;
        int first;
        int last;
        long offset = -1;
        Value output;

        Buffer(long bytes, int first) {
            this.bytes = bytes;
            this.first = first;
            this.last = first;
        }
    }

    private MemoryPlanner(LaidOutGraph graph, Program program) {
        this.graph = graph;
        this.program = program;
    }

    public static MemoryPlan plan(LaidOutGraph graph, Program program) {
        return new MemoryPlanner(graph, program).run();
    }

    private MemoryPlan run() {
        Set<Value> inputs = new HashSet<>(program.inputs());
        inputs.addAll(program.writes().keySet());
        Set<Value> outputs = new HashSet<>(program.outputs());
        Set<Value> handedOut = handedOut();
        Map<Value, Integer> lastUse = new HashMap<>();
        int steps = program.steps().size();
        for (int i = 0; i < steps; i++) {
            for (Value r : program.steps().get(i).reads()) {
                lastUse.put(graph.root(r), i);
            }
        }
        program.outputs().forEach(o -> lastUse.put(o, steps));
        List<Long> scratch = new ArrayList<>();
        List<Buffer> scratchBuffers = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            Scheduled s = program.steps().get(i);
            Set<Buffer> reused = new HashSet<>();
            for (Value w : s.writes()) {
                if (program.writes().containsKey(w)) {
                    continue; // lies in an input
                }
                Buffer b = reuse(s, w, i, lastUse, inputs, outputs, handedOut, reused);
                if (b == null) {
                    b = new Buffer(align(graph.placement(w).type().byteSize()), i);
                    all.add(b);
                }
                if (outputs.contains(w)) {
                    b.output = w;
                }
                b.last = Math.max(i, lastUse.getOrDefault(w, i));
                buffers.put(w, b);
            }
            Buffer working = null;
            if (s.scratchBytes() > 0) {
                working = new Buffer(align(s.scratchBytes()), i);
                all.add(working);
            }
            scratchBuffers.add(working);
        }
        long arena = assignOffsets();
        scratchBuffers.forEach(b -> scratch.add(b == null ? -1L : b.offset));
        return new MemoryPlan(places(), scratch, arena);
    }

    /** Outputs, and what sums that are outputs are added onto: they share their memory. */
    private Set<Value> handedOut() {
        Set<Value> all = new HashSet<>(program.outputs());
        for (Scheduled s : program.steps().reversed()) {
            if (s.node() instanceof KernelNode.Library l
                    && l.accumulate().isPresent()
                    && s.writes().stream().anyMatch(all::contains)) {
                all.add(graph.root(l.accumulate().get()));
            }
        }
        return all;
    }

    /** The buffer of an operand that dies at this step and may be overwritten by {@code w}. */
    private Buffer reuse(
            Scheduled s,
            Value w,
            int step,
            Map<Value, Integer> lastUse,
            Set<Value> inputs,
            Set<Value> outputs,
            Set<Value> handedOut,
            Set<Buffer> reused) {
        switch (s.node()) {
            case KernelNode.Library l -> {
                if (l.accumulate().isEmpty()) {
                    return null;
                }
                Value onto = graph.root(l.accumulate().get());
                if (inputs.contains(onto) || outputs.contains(onto) || lastUse.get(onto) != step) {
                    throw new IllegalStateException(
                            "sum onto " + onto + ", which is still needed, by " + l.label());
                }
                return buffers.get(onto);
            }
            case KernelNode.Loop l -> {
                if (!isPointwise(l.group())) {
                    return null;
                }
                Placement target = graph.placement(w);
                for (Value r : l.reads()) {
                    Placement p = graph.placement(r);
                    boolean dies =
                            p.root().equals(r)
                                    && !inputs.contains(r)
                                    && !outputs.contains(r)
                                    && lastUse.get(r) == step;
                    boolean fits =
                            p.type().sizes().equals(target.type().sizes())
                                    && p.type().layout().equals(target.type().layout())
                                    && p.type().dtype().byteSize()
                                            == target.type().dtype().byteSize();
                    if (dies
                            && fits
                            && onlyRead(l, r)
                            && !isEarlierPhase(buffers.get(r), step, handedOut.contains(w))
                            && reused.add(buffers.get(r))) {
                        return buffers.get(r);
                    }
                }
                return null;
            }
            default -> {
                return null;
            }
        }
    }

    /** An output's memory is given with the phase that makes it: nothing lies there before. */
    private boolean isEarlierPhase(Buffer b, int step, boolean output) {
        return output && program.steps().get(b.first).phase() < program.steps().get(step).phase();
    }

    /**
     * True if no other operand is a view of the same buffer, which might be read at other
     * positions.
     */
    private boolean onlyRead(KernelNode.Loop l, Value r) {
        return l.reads().stream().filter(o -> graph.root(o).equals(r)).count() == 1;
    }

    /**
     * One result, each of whose elements depends on the operands' elements at its own position
     * only.
     */
    private static boolean isPointwise(LoopGroup g) {
        return g.outputs().size() == 1
                && g.nodes().stream()
                        .allMatch(n -> n.op().is(Trait.POINTWISE) || n.is("aten.full"));
    }

    private static long align(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private long assignOffsets() {
        List<Buffer> order = new ArrayList<>(all.stream().filter(b -> b.output == null).toList());
        order.sort(Comparator.<Buffer>comparingLong(b -> -b.bytes).thenComparingInt(b -> b.first));
        List<Buffer> placed = new ArrayList<>(); // by offset
        long arena = 0;
        for (Buffer b : order) {
            long best = -1;
            long tightest = Long.MAX_VALUE;
            long end = 0;
            for (Buffer p : placed) {
                if (p.last < b.first || b.last < p.first) {
                    continue;
                }
                long gap = p.offset - end;
                if (gap >= b.bytes && gap < tightest) {
                    tightest = gap;
                    best = end;
                }
                end = Math.max(end, p.offset + p.bytes);
            }
            b.offset = best >= 0 ? best : end;
            arena = Math.max(arena, b.offset + b.bytes);
            int at = 0;
            while (at < placed.size() && placed.get(at).offset <= b.offset) {
                at++;
            }
            placed.add(at, b);
        }
        return arena;
    }

    private Map<Value, MemoryPlan.Spot> places() {
        Map<Value, MemoryPlan.Spot> places = new HashMap<>();
        for (int i = 0; i < program.inputs().size(); i++) {
            places.put(program.inputs().get(i), new MemoryPlan.Spot(new Place.In(i), 0));
        }
        program.writes().forEach((w, input) -> places.put(w, places.get(input)));
        Map<Value, Integer> outputs = new HashMap<>();
        for (int i = 0; i < program.outputs().size(); i++) {
            outputs.put(program.outputs().get(i), i);
        }
        buffers.forEach(
                (v, b) ->
                        places.put(
                                v,
                                b.output != null
                                        ? new MemoryPlan.Spot(
                                                new Place.Out(outputs.get(b.output)), 0)
                                        : new MemoryPlan.Spot(new Place.Arena(), b.offset)));
        return places;
    }
}
