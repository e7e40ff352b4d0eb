package org.ipex4j.compiler.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.compiler.layout.LaidOutGraph;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.Operand.Place;

/** Checks by its own account of lifetimes that no step overwrites what is still to be read. */
public final class MemoryVerifier {
    private MemoryVerifier() {}

    private record Range(String memory, long from, long to) {
        boolean overlaps(Range o) {
            return memory.equals(o.memory) && from < o.to && o.from < to;
        }
    }

    /**
     * Verifies a plan.
     *
     * @throws IllegalStateException naming the two values that collide
     */
    public static void verify(LaidOutGraph graph, Program program, MemoryPlan plan) {
        Map<Value, Range> ranges = new HashMap<>();
        plan.places()
                .forEach(
                        (v, spot) -> {
                            long bytes = graph.placement(v).type().byteSize();
                            if (spot.place() instanceof Place.Arena
                                    && (spot.byteOffset() % MemoryPlanner.ALIGNMENT != 0
                                            || spot.byteOffset() + bytes > plan.arenaBytes())) {
                                throw new IllegalStateException(
                                        v
                                                + " lies badly in the arena: "
                                                + spot
                                                + ", "
                                                + bytes
                                                + " bytes");
                            }
                            ranges.put(
                                    v,
                                    new Range(
                                            spot.place().toString(),
                                            spot.byteOffset(),
                                            spot.byteOffset() + bytes));
                        });
        Map<Integer, Integer> phases = outputPhases(program, plan);
        List<Set<Value>> neededAfter = neededAfter(graph, program);
        for (int i = 0; i < program.steps().size(); i++) {
            Scheduled s = program.steps().get(i);
            List<Range> written = new ArrayList<>();
            for (Value w : s.writes()) {
                Range r = ranges.get(w);
                if (r == null) {
                    throw new IllegalStateException(w + " has no place");
                }
                if (plan.places().get(w).place() instanceof Place.In(int index)
                        && !program.inputs().get(index).equals(program.writes().get(w))) {
                    throw new IllegalStateException(w + " would be written over an input");
                }
                if (plan.places().get(w).place() instanceof Place.Out(int index)
                        && phases.get(index) != s.phase()) {
                    throw new IllegalStateException(
                            "step "
                                    + i
                                    + " of phase "
                                    + s.phase()
                                    + " writes "
                                    + w
                                    + " to output "
                                    + index
                                    + ", which is handed out by phase "
                                    + phases.get(index));
                }
                check(w, r, written, ranges, neededAfter.get(i), s.writes(), i);
                checkOwnReads(graph, s, w, r, ranges);
                written.add(r);
            }
            if (plan.scratch().get(i) >= 0) {
                Range r =
                        new Range(
                                new Place.Arena().toString(),
                                plan.scratch().get(i),
                                plan.scratch().get(i) + s.scratchBytes());
                check(null, r, written, ranges, neededAfter.get(i), s.writes(), i);
                for (Value read : s.reads()) {
                    if (r.overlaps(ranges.get(graph.root(read)))) {
                        throw new IllegalStateException(
                                "step " + i + ": scratch lies over operand " + read);
                    }
                }
            }
        }
    }

    /**
     * The phase that makes each output: its memory is the caller's from then on, and not before.
     */
    private static Map<Integer, Integer> outputPhases(Program program, MemoryPlan plan) {
        Map<Integer, Integer> phases = new HashMap<>();
        for (Scheduled s : program.steps()) {
            for (Value w : s.writes()) {
                if (program.outputs().contains(w)
                        && plan.places().get(w).place() instanceof Place.Out(int index)) {
                    phases.put(index, s.phase());
                }
            }
        }
        return phases;
    }

    private static List<Set<Value>> neededAfter(LaidOutGraph graph, Program program) {
        List<Set<Value>> needed = new ArrayList<>();
        Set<Value> live = new HashSet<>(program.outputs());
        live.addAll(program.writes().keySet());
        for (Scheduled s : program.steps().reversed()) {
            needed.add(new HashSet<>(live));
            live.removeAll(s.writes());
            s.reads().forEach(r -> live.add(graph.root(r)));
        }
        return needed.reversed();
    }

    private static void check(
            Value w,
            Range r,
            List<Range> written,
            Map<Value, Range> ranges,
            Set<Value> live,
            List<Value> writes,
            int step) {
        if (written.stream().anyMatch(r::overlaps)) {
            throw new IllegalStateException("step " + step + ": two results share memory");
        }
        for (Value v : live) {
            if (!writes.contains(v) && r.overlaps(ranges.get(v))) {
                throw new IllegalStateException(
                        "step "
                                + step
                                + ": "
                                + (w == null ? "scratch" : w)
                                + " overwrites "
                                + v
                                + ", which is read later");
            }
        }
    }

    /**
     * A result may lie over an operand only where the step reads each element before it writes it.
     */
    private static void checkOwnReads(
            LaidOutGraph graph, Scheduled s, Value w, Range r, Map<Value, Range> ranges) {
        for (Value read : s.reads()) {
            Value root = graph.root(read);
            if (!r.overlaps(ranges.get(root))) {
                continue;
            }
            boolean sum =
                    s.node() instanceof KernelNode.Library l
                            && l.accumulate().filter(a -> a.equals(read)).isPresent();
            boolean pointwise =
                    s.node() instanceof KernelNode.Loop
                            && r.from == ranges.get(root).from
                            && root.equals(read)
                            && graph.placement(read)
                                    .type()
                                    .layout()
                                    .equals(graph.placement(w).type().layout());
            if (!sum && !pointwise) {
                throw new IllegalStateException(
                        s.node().label() + ": result " + w + " lies over operand " + read);
            }
        }
    }
}
