package org.ipex4j.compiler.loop.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.loop.expr.Access;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.compiler.loop.nest.Domain;
import org.ipex4j.compiler.loop.nest.Nest;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Target;

/**
 * Chooses loops: order by stride, collapse what is contiguous in every operand, pick the vector
 * loop.
 */
public final class Scheduler {
    /**
     * Cost of a work item or of one turn of a loop around the vector loop, in vector instructions.
     */
    private static final double LOOP_OVERHEAD = 12;

    private final Nest nest;
    private final Target target;
    private final List<Layouts.Raw> accesses = new ArrayList<>();
    private final Map<Index.Affine, Boolean> indices = new LinkedHashMap<>();

    private Scheduler(Nest nest, Map<Value, BufferType> types, List<Value> buffers, Target target) {
        this.nest = nest;
        this.target = target;
        Layouts.accesses(nest)
                .forEach(
                        (a, store) ->
                                accesses.add(
                                        Layouts.resolve(
                                                a,
                                                store,
                                                buffers.indexOf(a.value()),
                                                types.get(a.value()),
                                                nest.domain())));
        for (Expr e : nest.expressions()) {
            if (e.op() == ExprOp.INDEX) {
                indices.put((Index.Affine) e.attribute(), true);
            }
        }
    }

    /**
     * Block sizes, by logical dimension, that the nest's domain must be split by; empty for none.
     */
    public static Map<Integer, Integer> splits(Nest nest, Map<Value, BufferType> types) {
        return Layouts.splits(nest, types);
    }

    /**
     * A schedule for the nest.
     *
     * @param types memory types of all values read and written
     * @param buffers the kernel's buffers in order
     */
    public static Schedule schedule(
            Nest nest, Map<Value, BufferType> types, List<Value> buffers, Target target) {
        return new Scheduler(nest, types, buffers, target).run();
    }

    private Schedule run() {
        List<Domain.Dim> dims = nest.domain().dims();
        List<Integer> kept = new ArrayList<>();
        List<Integer> reduced = new ArrayList<>();
        for (int d = 0; d < dims.size(); d++) {
            // The first dimension, mostly the batch, stays even if it is 1, so that other batches
            // find the same code.
            if (dims.get(d).size() != 1 || dims.get(d).logical() == 0) {
                (dims.get(d).reduced() ? reduced : kept).add(d);
            }
        }
        boolean ordered = nest.scan() || nest.reductions().stream().anyMatch(r -> r.kind().isArg());
        sortByStride(kept);
        if (!ordered) {
            sortByStride(reduced);
        }
        int[] loopOf = new int[dims.size()];
        java.util.Arrays.fill(loopOf, -1);
        List<Loop> loops = new ArrayList<>();
        List<Integer> strideDim = new ArrayList<>();
        collapse(kept, false, loops, strideDim, loopOf);
        collapse(reduced, true, loops, strideDim, loopOf);

        Map<Access, Address> addresses = new LinkedHashMap<>();
        for (Layouts.Raw a : accesses) {
            long[] strides = strideDim.stream().mapToLong(d -> a.strides()[d]).toArray();
            addresses.put(
                    a.access(),
                    new Address(
                            addresses.size(),
                            a.buffer(),
                            a.type().dtype(),
                            a.offset(),
                            strides,
                            a.dynamic()));
        }
        Map<Index.Affine, long[]> affine = new LinkedHashMap<>();
        for (Index.Affine i : indices.keySet()) {
            affine.put(i, strideDim.stream().mapToLong(i::coefficient).toArray());
        }

        Loop vector = null;
        double best = Double.POSITIVE_INFINITY;
        for (Loop candidate : loops) {
            if (nest.scan() && candidate.reduced()) {
                continue;
            }
            double cost = cost(candidate, loops, loopOf, addresses);
            // Later loops, with smaller strides, win ties.
            if (cost <= best) {
                best = cost;
                vector = candidate;
            }
        }
        if (vector == null) {
            best =
                    nest.computeCost()
                            + nest.domain().iterations(nest.domain().allDims()) * accesses.size();
        }
        List<Loop> outer = new ArrayList<>();
        List<Loop> inner = new ArrayList<>();
        for (Loop l : loops) {
            if (l != vector) {
                (l.reduced() ? inner : outer).add(l);
            }
        }
        boolean transposed =
                vector != null && !vector.reduced() && moveTransposedLast(outer, vector, addresses);
        return new Schedule(
                nest,
                loops,
                outer,
                inner,
                vector,
                vectorBlock(vector, outer, loops, transposed),
                transposed,
                loopOf,
                addresses,
                affine,
                best);
    }

    private int lanes() {
        return target.lanes(4);
    }

    /** Largest strides of the operands that matter most come first. */
    private void sortByStride(List<Integer> dims) {
        Map<Integer, Double> weight = new HashMap<>();
        for (int d : dims) {
            double w = 0;
            for (Layouts.Raw a : accesses) {
                long stride = Math.abs(a.strides()[d]);
                double elements = 1;
                for (int k = 0; k < a.strides().length; k++) {
                    elements *=
                            a.strides()[k] != 0
                                    ? Math.max(1, nest.domain().dims().get(k).size())
                                    : 1;
                }
                w += (a.store() ? 2 : 1) * elements * Math.log1p(stride);
            }
            weight.put(d, w);
        }
        dims.sort(Comparator.<Integer>comparingDouble(weight::get).reversed());
    }

    private void collapse(
            List<Integer> dims,
            boolean reduced,
            List<Loop> loops,
            List<Integer> strideDim,
            int[] loopOf) {
        List<Domain.Dim> all = nest.domain().dims();
        int i = 0;
        while (i < dims.size()) {
            List<Integer> group = new ArrayList<>(List.of(dims.get(i)));
            long size = all.get(dims.get(i)).size();
            while (i + 1 < dims.size()
                    && collapses(dims.get(i), dims.get(i + 1), all.get(dims.get(i + 1)).size())) {
                i++;
                group.add(dims.get(i));
                size *= all.get(dims.get(i)).size();
            }
            group.forEach(d -> loopOf[d] = loops.size());
            strideDim.add(dims.get(i));
            loops.add(new Loop(loops.size(), size, reduced));
            i++;
        }
    }

    private boolean collapses(int outer, int inner, long innerSize) {
        for (Layouts.Raw a : accesses) {
            if (a.strides()[outer] != a.strides()[inner] * innerSize) {
                return false;
            }
            for (Address.Dynamic d : a.dynamic()) {
                if ((d.index().dims() >> outer & 1) != (d.index().dims() >> inner & 1)) {
                    return false;
                }
            }
        }
        for (Index.Affine i : indices.keySet()) {
            if (i.coefficient(outer) != i.coefficient(inner) * innerSize) {
                return false;
            }
        }
        return true;
    }

    /** Estimated vector instructions if this loop is vectorised. */
    private double cost(Loop v, List<Loop> loops, int[] loopOf, Map<Access, Address> addresses) {
        double lanes = lanes();
        double total = 1;
        double rows = 1;
        for (Loop l : loops) {
            total *= Math.max(1, l.size());
            rows *= l.reduced() ? 1 : Math.max(1, l.size());
        }
        double size = Math.max(1, v.size());
        double vectors = total / size * Math.ceil(size / lanes);
        double rowVectors = v.reduced() ? rows : rows / size * Math.ceil(size / lanes);
        double cost = total / size * LOOP_OVERHEAD + vectors;
        for (Map.Entry<Access, Address> e : addresses.entrySet()) {
            long stride = e.getValue().strides()[v.id()];
            boolean gathered =
                    e.getValue().dynamic().stream().anyMatch(d -> varies(d.index(), v, loopOf));
            double each =
                    gathered ? 3 * lanes : stride == 0 ? 0.25 : stride == 1 ? 1.5 : 1.5 * lanes;
            cost += each * (isOfRow(e.getValue(), loops, loopOf) ? rowVectors : vectors);
        }
        for (Expr x : nest.expressions()) {
            if (x.op().cost() > 0 && varies(x, v, loopOf)) {
                boolean ofRow = loops.stream().noneMatch(l -> l.reduced() && varies(x, l, loopOf));
                cost += 0.5 * x.op().cost() * (ofRow ? rowVectors : vectors);
            }
        }
        if (v.reduced()) {
            cost += rows * nest.reductions().size() * 16;
        }
        return cost;
    }

    /** True if an access is made once per row, outside of the reduced loops. */
    private static boolean isOfRow(Address a, List<Loop> loops, int[] loopOf) {
        return loops.stream()
                .filter(Loop::reduced)
                .noneMatch(
                        l ->
                                a.strides()[l.id()] != 0
                                        || a.dynamic().stream()
                                                .anyMatch(d -> varies(d.index(), l, loopOf)));
    }

    private static boolean varies(Expr e, Loop v, int[] loopOf) {
        for (int d = 0; d < loopOf.length; d++) {
            if (loopOf[d] == v.id() && (e.dims() >> d & 1) != 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * If some operand steps by more than one element along the vector loop, but by one along an
     * outer loop, that loop becomes the last outer one.
     */
    private static boolean moveTransposedLast(
            List<Loop> outer, Loop vector, Map<Access, Address> addresses) {
        for (Address a : addresses.values()) {
            if (Math.abs(a.strides()[vector.id()]) > 1) {
                for (Loop l : outer) {
                    if (Math.abs(a.strides()[l.id()]) == 1 && l.size() > 1) {
                        outer.remove(l);
                        outer.add(l);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Small enough to keep all threads busy, a multiple of the unrolled vector. */
    private long vectorBlock(Loop vector, List<Loop> outer, List<Loop> loops, boolean transposed) {
        if (vector == null || vector.reduced()) {
            return 1;
        }
        long step = 4L * lanes();
        if (transposed) {
            return step;
        }
        double outerCount = 1;
        for (Loop l : outer) {
            outerCount *= Math.max(1, l.size());
        }
        double wanted = Math.ceil(4.0 * target.threads() / outerCount);
        long block = (long) Math.ceil(vector.size() / wanted);
        boolean deep = loops.stream().anyMatch(Loop::reduced);
        // Column reductions keep a block of columns in registers, so blocks need not be long.
        long least = deep ? step : 16 * step;
        block = Math.max(block, least);
        return (block + step - 1) / step * step;
    }
}
