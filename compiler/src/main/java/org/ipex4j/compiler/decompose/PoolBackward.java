package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * Gradients of pools in pull form: each input element sums over the few windows that cover it.
 * Which windows those are is a table of integers for each dimension.
 */
final class PoolBackward {
    private PoolBackward() {}

    static void addAll(Map<String, Decomposition> table) {
        for (int n = 2; n <= 3; n++) {
            int spatial = n;
            table.put(
                    "aten.max_pool" + n + "d_with_indices_backward", (a, e) -> max(a, e, spatial));
            table.put("aten.avg_pool" + n + "d_backward", (a, e) -> average(a, e, spatial));
            table.put(
                    "aten._adaptive_avg_pool" + n + "d_backward",
                    (a, e) -> adaptive(a, e, spatial));
        }
    }

    /**
     * The windows over the elements of one dimension.
     *
     * @param count most windows that cover one element
     * @param table window number [size, count], within range
     * @param covers whether that window really covers the element [size, count]
     */
    private record Cover(long size, long count, Value table, Value covers) {}

    /** Windows [o * stride - padding, + reach) for o below out; the last ones first. */
    private static Cover regular(
            Emitter e, long size, long out, long reach, long stride, long padding) {
        long count = (reach - 1) / stride + 1;
        Value at = e.view(e.call("aten.add.Scalar", range(e, size), padding), size, 1);
        Value last = e.call("aten.div.Scalar_mode", at, stride, "floor");
        Value window = e.sub(last, e.view(range(e, count), 1, count));
        Value offset = e.sub(at, e.mul(window, e.integer(stride)));
        Value covers =
                e.call(
                        "aten.logical_and",
                        inRange(e, window, out),
                        e.call("aten.lt.Scalar", offset, reach));
        return new Cover(size, count, clamp(e, window, out), covers);
    }

    /** Windows from floor(o * size / out) to ceil((o + 1) * size / out). */
    private static Cover adaptive(Emitter e, long size, long out) {
        long count = 1;
        for (long i = 0; i < size; i++) {
            count = Math.max(count, ((i + 1) * out - 1) / size - i * out / size + 1);
        }
        Value scaled = e.mul(range(e, size), e.integer(out));
        Value first = e.call("aten.div.Scalar_mode", scaled, size, "floor");
        Value end = e.call("aten.add.Scalar", scaled, out - 1);
        Value last = e.call("aten.div.Scalar_mode", end, size, "floor");
        Value window = e.sub(e.view(last, size, 1), e.view(range(e, count), 1, count));
        Value covers = e.call("aten.ge.Tensor", window, e.view(first, size, 1));
        return new Cover(size, count, clamp(e, window, out), covers);
    }

    private static Value range(Emitter e, long n) {
        return e.call("aten.arange.start_step", 0L, n, 1L, DType.INT64);
    }

    private static Value inRange(Emitter e, Value window, long out) {
        return e.call(
                "aten.logical_and",
                e.call("aten.ge.Scalar", window, 0L),
                e.call("aten.lt.Scalar", window, out));
    }

    private static Value clamp(Emitter e, Value window, long out) {
        return e.call("aten.clamp", window, 0L, Math.max(0, out - 1));
    }

    private static List<Value> average(Args<Value> a, Emitter e, int n) {
        Value g = a.tensor("grad_output");
        Sizes in = a.tensor("self").type().sizes();
        PoolDecompositions.Windows w = PoolDecompositions.Windows.of(a, in, g.type().sizes(), n);
        var override = a.optionalInteger("divisor_override");
        Value share = override.isPresent() ? e.div(g, (double) override.get()) : g;
        int first = in.rank() - n;
        for (int d = 0; d < n && override.isEmpty(); d++) {
            share = divided(e, share, in.get(first + d), w, d, a.bool("count_include_pad"));
        }
        if (Arrays.equals(w.kernel(), w.stride())
                && Arrays.stream(w.padding()).allMatch(p -> p == 0)) {
            return List.of(tiled(e, share, in, w.kernel()));
        }
        for (int d = 0; d < n; d++) {
            Cover c =
                    regular(
                            e,
                            in.get(first + d),
                            w.out()[d],
                            w.kernel()[d],
                            w.stride()[d],
                            w.padding()[d]);
            share = pulled(e, share, first + d, c);
        }
        return List.of(share);
    }

    /** Divides by the number of elements that each window counts along one dimension. */
    private static Value divided(
            Emitter e, Value g, long size, PoolDecompositions.Windows w, int d, boolean padded) {
        long out = w.out()[d];
        Value start =
                e.call(
                        "aten.add.Scalar",
                        e.mul(range(e, out), e.integer(w.stride()[d])),
                        -w.padding()[d]);
        Value end =
                e.call(
                        "aten.clamp_max",
                        e.call("aten.add.Scalar", start, w.kernel()[d]),
                        size + w.padding()[d]);
        Value length =
                padded
                        ? e.sub(end, start)
                        : e.sub(
                                e.call("aten.clamp_max", end, size),
                                e.call("aten.clamp_min", start, 0L));
        long[] line = new long[g.type().rank()];
        Arrays.fill(line, 1);
        line[line.length - w.kernel().length + d] = out;
        return e.div(g, e.view(e.cast(length, g.type().dtype()), line));
    }

    /** Windows that do not overlap: each gradient repeated, zeros behind the last window. */
    private static Value tiled(Emitter e, Value g, Sizes in, long[] kernel) {
        int n = kernel.length;
        int lead = in.rank() - n;
        List<Long> apart = new ArrayList<>();
        List<Long> repeated = new ArrayList<>();
        List<Long> joined = new ArrayList<>();
        for (int d = 0; d < in.rank(); d++) {
            long size = g.type().sizes().get(d);
            long times = d < lead ? 1 : kernel[d - lead];
            apart.add(size);
            repeated.add(size);
            joined.add(size * times);
            if (d >= lead) {
                apart.add(1L);
                repeated.add(times);
            }
        }
        Value expanded = e.call("aten.expand", e.view(g, longs(apart)), longs(repeated), false);
        Value whole = e.call("aten.reshape", expanded, longs(joined));
        long[] pad = new long[2 * n];
        for (int d = 0; d < n; d++) {
            // With ceil_mode the last window hangs over: a negative pad cuts it off.
            pad[2 * (n - 1 - d) + 1] = in.get(lead + d) - joined.get(lead + d);
        }
        return Arrays.stream(pad).allMatch(p -> p == 0)
                ? whole
                : e.call("aten.constant_pad_nd", whole, pad, 0.0);
    }

    private static List<Value> adaptive(Args<Value> a, Emitter e, int n) {
        Value g = a.tensor("grad_output");
        Sizes in = a.tensor("self").type().sizes();
        Sizes out = g.type().sizes();
        int first = in.rank() - n;
        long[] kernel = new long[n];
        for (int d = 0; d < n; d++) {
            long windows = out.get(first + d);
            if (windows == 0) {
                return List.of(BackwardDecompositions.zeros(e, g, in.toArray()));
            }
            kernel[d] = in.get(first + d) % windows == 0 ? in.get(first + d) / windows : -1;
        }
        if (Arrays.stream(kernel).allMatch(k -> k > 0)) {
            double window = Arrays.stream(kernel).reduce(1, (x, y) -> x * y);
            return List.of(tiled(e, e.div(g, window), in, kernel));
        }
        Value share = g;
        for (int d = 0; d < n; d++) {
            long size = in.get(first + d);
            long windows = out.get(first + d);
            Value scaled = e.mul(range(e, windows), e.integer(size));
            Value start = e.call("aten.div.Scalar_mode", scaled, windows, "floor");
            Value end =
                    e.call(
                            "aten.div.Scalar_mode",
                            e.call("aten.add.Scalar", scaled, size + windows - 1),
                            windows,
                            "floor");
            long[] line = new long[in.rank()];
            Arrays.fill(line, 1);
            line[first + d] = windows;
            Value length = e.cast(e.sub(end, start), g.type().dtype());
            share = e.div(share, e.view(length, line));
            share = pulled(e, share, first + d, adaptive(e, size, windows));
        }
        return List.of(share);
    }

    /** Sums along one dimension over the windows that cover each element. */
    private static Value pulled(Emitter e, Value g, int dim, Cover c) {
        Value each = split(e, g, dim, c);
        long[] line = new long[each.type().rank()];
        Arrays.fill(line, 1);
        line[dim] = c.size;
        line[dim + 1] = c.count;
        Value kept = e.call("aten.where.ScalarOther", e.view(c.covers, line), each, 0.0);
        return e.sum(kept, new long[] {dim + 1}, false);
    }

    /**
     * For each element of a dimension its windows' values, in a dimension of their own after it.
     */
    private static Value split(Emitter e, Value v, int dim, Cover c) {
        Value read = e.call("aten.index_select", v, (long) dim, e.view(c.table, c.size * c.count));
        List<Long> sizes = new ArrayList<>(v.type().sizes().stream().boxed().toList());
        sizes.set(dim, c.size);
        sizes.add(dim + 1, c.count);
        return e.view(read, longs(sizes));
    }

    /** An element takes the gradients of those windows whose index names it. */
    private static List<Value> max(Args<Value> a, Emitter e, int n) {
        Value g = a.tensor("grad_output");
        Value indices = a.tensor("indices");
        Sizes in = a.tensor("self").type().sizes();
        PoolDecompositions.Windows w = PoolDecompositions.Windows.of(a, in, g.type().sizes(), n);
        if (UnrolledMaxPool.fits(w)) {
            return List.of(new UnrolledMaxPool(e, in, w).backward(g, indices));
        }
        int first = in.rank() - n;
        int rank = in.rank() + n;
        Value hit = null;
        Value position = null;
        List<Long> counts = new ArrayList<>();
        for (int d = 0; d < n; d++) {
            long size = in.get(first + d);
            long reach = (w.kernel()[d] - 1) * w.dilation()[d] + 1;
            Cover c = regular(e, size, w.out()[d], reach, w.stride()[d], w.padding()[d]);
            int dim = first + 2 * d;
            g = split(e, g, dim, c);
            indices = split(e, indices, dim, c);
            counts.add((long) dim + 1);
            long[] line = new long[rank];
            Arrays.fill(line, 1);
            line[dim] = size;
            Value along = e.view(range(e, size), line);
            position = position == null ? along : e.add(e.mul(position, e.integer(size)), along);
            line[dim + 1] = c.count;
            Value covers = e.view(c.covers, line);
            hit = hit == null ? covers : e.call("aten.logical_and", hit, covers);
        }
        Value named = e.call("aten.eq.Tensor", indices, position);
        Value kept =
                e.call("aten.where.ScalarOther", e.call("aten.logical_and", named, hit), g, 0.0);
        return List.of(e.sum(kept, longs(counts), false));
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
