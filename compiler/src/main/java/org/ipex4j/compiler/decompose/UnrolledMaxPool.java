package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;

/**
 * Max pools with positions for windows of few elements, element by element of the window: chains of
 * pointwise ops over shifted reads, which vectorise, where a reduction over gathered windows does
 * not.
 */
final class UnrolledMaxPool {
    /** Larger windows make chains too long to compile well. */
    private static final long MOST_TAPS = 32;

    private final Emitter e;
    private final Sizes in;
    private final PoolDecompositions.Windows w;
    private final int n;
    private final int first;

    UnrolledMaxPool(Emitter e, Sizes in, PoolDecompositions.Windows w) {
        this.e = e;
        this.in = in;
        this.w = w;
        this.n = w.kernel().length;
        this.first = in.rank() - n;
    }

    /** Whether windows of this size are done here. */
    static boolean fits(PoolDecompositions.Windows w) {
        return Arrays.stream(w.kernel()).reduce(1, (a, b) -> a * b) <= MOST_TAPS
                && Arrays.stream(w.stride()).reduce(1, (a, b) -> a * b) <= MOST_TAPS;
    }

    /** Maxima and their row-major positions within the spatial dimensions. */
    List<Value> forward(Value x, Object lowest) {
        long[] pads = new long[2 * n];
        for (int d = 0; d < n; d++) {
            pads[2 * (n - 1 - d)] = w.padding()[d];
            pads[2 * (n - 1 - d) + 1] = Math.max(0, w.end(in, d));
        }
        Value padded =
                Arrays.stream(pads).allMatch(p -> p == 0)
                        ? x
                        : e.call("aten.constant_pad_nd", x, pads, lowest);
        Value best = null;
        Value offset = null;
        for (long[] tap : product(w.kernel())) {
            Value v = padded;
            long at = 0;
            for (int d = 0; d < n; d++) {
                long start = tap[d] * w.dilation()[d];
                long end = start + (w.out()[d] - 1) * w.stride()[d] + 1;
                v = slice(v, first + d, start, end, w.stride()[d]);
                at = at * in.get(first + d) + start;
            }
            if (best == null) {
                best = e.full(v.type(), scalar(lowest));
                offset = e.full(new TensorType(DType.INT32, v.type().sizes()), Scalar.of(-1L));
            }
            Value better = e.call("aten.gt.Tensor", v, best);
            if (v.type().dtype().isFloating()) {
                better = e.call("aten.logical_or", better, e.call("aten.isnan", v));
            }
            best = e.call("aten.where.self", better, v, best);
            offset = e.call("aten.where.ScalarSelf", better, at, offset);
        }
        // Where nothing exceeds the padding, the first element counts.
        Value wide = e.cast(offset, DType.INT64);
        Value none = e.call("aten.lt.Scalar", offset, 0L);
        Value position =
                e.call("aten.where.self", none, positions(true), e.add(positions(false), wide));
        return List.of(best, position);
    }

    private static Scalar scalar(Object lowest) {
        return switch (lowest) {
            case Boolean b -> Scalar.of((boolean) b);
            case Long l -> Scalar.of((long) l);
            default -> Scalar.of((double) lowest);
        };
    }

    /** Row-major positions where windows start, or of their first elements inside the input. */
    private Value positions(boolean inside) {
        Value sum = null;
        for (int d = 0; d < n; d++) {
            Value start =
                    e.call(
                            "aten.add.Scalar",
                            e.mul(range(w.out()[d]), e.integer(w.stride()[d])),
                            -w.padding()[d]);
            if (inside) {
                Value missing = e.call("aten.clamp_min", e.call("aten.neg", start), 0L);
                long dilation = w.dilation()[d];
                Value steps =
                        e.call(
                                "aten.div.Scalar_mode",
                                e.call("aten.add.Scalar", missing, dilation - 1),
                                dilation,
                                "floor");
                start = e.add(start, e.mul(steps, e.integer(dilation)));
            }
            sum = joined(sum, start, d);
        }
        return sum;
    }

    /** Adds the next dimension's coordinates to row-major positions. */
    private Value joined(Value sum, Value coordinate, int d) {
        long[] line = new long[n];
        Arrays.fill(line, 1);
        line[d] = coordinate.type().numel();
        Value along = e.view(coordinate, line);
        return sum == null ? along : e.add(e.mul(sum, e.integer(in.get(first + d))), along);
    }

    private Value range(long size) {
        return e.call("aten.arange.start_step", 0L, size, 1L, DType.INT64);
    }

    private Value slice(Value v, int dim, long start, long end, long step) {
        return start == 0 && step == 1 && end == v.type().sizes().get(dim)
                ? v
                : e.call("aten.slice.Tensor", v, (long) dim, start, end, step);
    }

    /**
     * The input's gradient. Elements whose coordinates leave the same remainders by the strides lie
     * alike in the windows that cover them; for each such phase, these windows are shifted reads,
     * of which those count whose position is the element's.
     */
    Value backward(Value g, Value indices) {
        long[] before = new long[n];
        long[] after = new long[n];
        for (int d = 0; d < n; d++) {
            for (long r = 0; r < w.stride()[d]; r++) {
                for (long shift : shifts(d, r)) {
                    before[d] = Math.max(before[d], -shift);
                    after[d] = Math.max(after[d], rows(d) + shift - w.out()[d]);
                }
            }
        }
        long[] pads = new long[2 * n];
        for (int d = 0; d < n; d++) {
            pads[2 * (n - 1 - d)] = before[d];
            pads[2 * (n - 1 - d) + 1] = after[d];
        }
        boolean inside = Arrays.stream(pads).allMatch(p -> p == 0);
        Value values = inside ? g : e.call("aten.constant_pad_nd", g, pads, 0.0);
        Value named = inside ? indices : e.call("aten.constant_pad_nd", indices, pads, -1L);
        Value out = interleaved(values, named, before, new long[n], 0);
        for (int d = 0; d < n; d++) {
            out = slice(out, first + d, 0, in.get(first + d), 1);
        }
        return out;
    }

    /** Elements of one phase along a dimension. */
    private long rows(int d) {
        return (in.get(first + d) + w.stride()[d] - 1) / w.stride()[d];
    }

    /** Windows that cover the elements of a phase, as differences to the element's row. */
    private List<Long> shifts(int d, long phase) {
        List<Long> out = new ArrayList<>();
        long stride = w.stride()[d];
        long at = phase + w.padding()[d];
        for (long j = 0; at % stride + j * stride <= (w.kernel()[d] - 1) * w.dilation()[d]; j++) {
            if ((at % stride + j * stride) % w.dilation()[d] == 0) {
                out.add(at / stride - j);
            }
        }
        return out;
    }

    /** The phases from dimension d on, put between each other. */
    private Value interleaved(Value values, Value named, long[] before, long[] phase, int d) {
        if (d == n) {
            return phase(values, named, before, phase);
        }
        List<Value> parts = new ArrayList<>();
        for (long r = 0; r < w.stride()[d]; r++) {
            long[] next = phase.clone();
            next[d] = r;
            parts.add(interleaved(values, named, before, next, d + 1));
        }
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        int dim = first + d;
        List<Value> apart = parts.stream().map(p -> e.unsqueeze(p, dim + 1)).toList();
        Sizes sizes = parts.getFirst().type().sizes();
        return e.view(
                e.call("aten.cat", apart, (long) dim + 1),
                sizes.with(dim, sizes.get(dim) * parts.size()).toArray());
    }

    private Value phase(Value values, Value named, long[] before, long[] phase) {
        Value position = null;
        long[] counts = new long[n];
        List<List<Long>> shifts = new ArrayList<>();
        for (int d = 0; d < n; d++) {
            Value row = e.mul(range(rows(d)), e.integer(w.stride()[d]));
            position = joined(position, e.call("aten.add.Scalar", row, phase[d]), d);
            shifts.add(shifts(d, phase[d]));
            counts[d] = shifts.get(d).size();
        }
        Value sum = null;
        for (long[] choice : product(counts)) {
            Value v = values;
            Value i = named;
            for (int d = 0; d < n; d++) {
                long start = before[d] + shifts.get(d).get((int) choice[d]);
                v = slice(v, first + d, start, start + rows(d), 1);
                i = slice(i, first + d, start, start + rows(d), 1);
            }
            Value hit = e.call("aten.eq.Tensor", i, position);
            Value term = e.call("aten.where.ScalarOther", hit, v, 0.0);
            sum = sum == null ? term : e.add(sum, term);
        }
        if (sum != null) {
            return sum;
        }
        long[] sizes = values.type().sizes().toArray();
        for (int d = 0; d < n; d++) {
            sizes[first + d] = rows(d);
        }
        return BackwardDecompositions.zeros(e, values, sizes);
    }

    /** All index vectors below these sizes, the last index fastest. */
    private static List<long[]> product(long[] sizes) {
        List<long[]> out = new ArrayList<>();
        long count = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
        for (long k = 0; k < count; k++) {
            long[] at = new long[sizes.length];
            long rest = k;
            for (int d = sizes.length - 1; d >= 0; d--) {
                at[d] = rest % sizes[d];
                rest /= sizes[d];
            }
            out.add(at);
        }
        return out;
    }
}
