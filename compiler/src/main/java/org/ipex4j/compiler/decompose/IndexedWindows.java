package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;

/**
 * Maxima of windows with their positions. Along each spatial dimension a table of element numbers,
 * one row per window, is computed by integer arithmetic on ranges; rows are as long as the longest
 * window, and positions outside a window or the input repeat its nearest element, which changes
 * neither the maximum nor the first position that holds it.
 */
final class IndexedWindows {
    /**
     * Windows along one dimension: element {@code l} of window {@code o}, as a table [out, length].
     */
    record Axis(long out, long length, Value table) {}

    private IndexedWindows() {}

    /** Windows at {@code o * stride - padding}, elements {@code dilation} apart. */
    static Axis regular(
            Emitter e, long size, long out, long kernel, long stride, long padding, long dilation) {
        Value start = e.call("aten.add.Scalar", e.mul(range(e, out), e.integer(stride)), -padding);
        // Elements [first, last] of a window lie inside the input.
        Value first =
                e.call(
                        "aten.clamp_min",
                        floorDivide(
                                e,
                                e.call("aten.add.Scalar", e.call("aten.neg", start), dilation - 1),
                                dilation),
                        0L);
        Value last =
                e.call(
                        "aten.clamp_max",
                        floorDivide(
                                e,
                                e.call("aten.add.Scalar", e.call("aten.neg", start), size - 1),
                                dilation),
                        kernel - 1);
        Value step =
                e.call("aten.maximum", e.view(range(e, kernel), 1, kernel), e.view(first, out, 1));
        Value inside = e.call("aten.minimum", step, e.view(last, out, 1));
        return new Axis(
                out, kernel, e.add(e.view(start, out, 1), e.mul(inside, e.integer(dilation))));
    }

    /** Windows of adaptive pools: from floor(o * size / out) to ceil((o + 1) * size / out). */
    static Axis adaptive(Emitter e, long size, long out) {
        long longest = 1;
        for (long o = 0; o < out; o++) {
            longest = Math.max(longest, ((o + 1) * size + out - 1) / out - o * size / out);
        }
        Value scaled = e.mul(range(e, out), e.integer(size));
        Value start = floorDivide(e, scaled, out);
        Value last =
                e.call(
                        "aten.add.Scalar",
                        floorDivide(e, e.call("aten.add.Scalar", scaled, size + out - 1), out),
                        -1L);
        Value table = e.add(e.view(start, out, 1), e.view(range(e, longest), 1, longest));
        return new Axis(out, longest, e.call("aten.minimum", table, e.view(last, out, 1)));
    }

    /** Maxima and row-major positions within the spatial dimensions. */
    static List<Value> max(Emitter e, Value x, List<Axis> axes) {
        int n = axes.size();
        Sizes in = x.type().sizes();
        int lead = in.rank() - n;
        Value gathered = x;
        for (int d = 0; d < n; d++) {
            Axis axis = axes.get(d);
            gathered =
                    e.call(
                            "aten.index_select",
                            gathered,
                            (long) (lead + d),
                            e.view(axis.table, axis.out * axis.length));
        }
        List<Long> split = new ArrayList<>();
        List<Long> order = new ArrayList<>();
        for (int d = 0; d < lead; d++) {
            split.add(in.get(d));
            order.add((long) d);
        }
        long window = 1;
        List<Long> sizes = new ArrayList<>(split);
        for (Axis a : axes) {
            split.add(a.out);
            split.add(a.length);
            sizes.add(a.out);
            window *= a.length;
        }
        for (int d = 0; d < n; d++) {
            order.add((long) (lead + 2 * d));
        }
        for (int d = 0; d < n; d++) {
            order.add((long) (lead + 2 * d + 1));
        }
        sizes.add(window);
        Value moved =
                e.call("aten.permute", e.call("aten.view", gathered, array(split)), array(order));
        Value windows = e.call("aten.view", e.call("aten.clone", moved), array(sizes));
        Value values = e.call("aten.amax", windows, new long[] {-1}, false);
        Value local = e.call("aten.argmax", windows, -1L, false);
        if (x.type().dtype().isFloating()) {
            local = lastNan(e, windows, local, window);
        }
        return List.of(values, position(e, local, axes, in, lead));
    }

    /** ATen's pools take the first maximum, but the last NaN. */
    private static Value lastNan(Emitter e, Value windows, Value firstMaximum, long window) {
        Value nan = e.cast(e.call("aten.isnan", windows), DType.UINT8);
        Value fromEnd =
                e.call("aten.argmax", e.call("aten.flip", nan, new long[] {-1}), -1L, false);
        Value last = e.call("aten.rsub.Scalar", fromEnd, window - 1);
        Value any = e.call("aten.any.dim", nan, -1L, false);
        Value flag = any.type().dtype() == DType.BOOL ? any : e.call("aten.ne.Scalar", any, 0L);
        return e.call("aten.where.self", flag, last, firstMaximum);
    }

    /** From a position in the window to one in the input. */
    private static Value position(Emitter e, Value local, List<Axis> axes, Sizes in, int lead) {
        Value position = null;
        Value rest = local;
        long stride = 1;
        for (int d = axes.size() - 1; d >= 0; d--) {
            Axis a = axes.get(d);
            Value step = e.call("aten.remainder.Scalar", rest, a.length);
            rest = floorDivide(e, rest, a.length);
            // Row of the table for each result: the result's own coordinate along this dimension.
            long[] along = new long[local.type().rank()];
            Arrays.fill(along, 1);
            along[lead + d] = a.out;
            Value row = e.view(e.mul(range(e, a.out), e.integer(a.length)), along);
            Value flat = e.view(e.call("aten.clone", e.add(step, row)), local.type().numel());
            Value element =
                    e.view(
                            e.call(
                                    "aten.index_select",
                                    e.view(a.table, a.out * a.length),
                                    0L,
                                    flat),
                            local.type().sizes().toArray());
            Value term = e.mul(element, e.integer(stride));
            position = position == null ? term : e.add(position, term);
            stride *= in.get(lead + d);
        }
        return position;
    }

    private static Value range(Emitter e, long n) {
        return e.call("aten.arange.start_step", 0L, n, 1L, DType.INT64);
    }

    private static Value floorDivide(Emitter e, Value x, long by) {
        return e.call("aten.div.Scalar_mode", x, by, "floor");
    }

    private static long[] array(List<Long> v) {
        return v.stream().mapToLong(Long::longValue).toArray();
    }
}
