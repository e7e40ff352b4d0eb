package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/**
 * Pools to the forms the library has: batched max_pool and avg_pool of the library's types whose
 * windows end inside the padding. Other types and windows become reductions over a strided view of
 * all windows.
 */
final class PoolDecompositions {
    private PoolDecompositions() {}

    /**
     * @param exact max pools are done by generated kernels, as the library's drop NaN
     */
    static void addAll(Map<String, Decomposition> table, boolean exact) {
        for (int n = 1; n <= 3; n++) {
            int spatial = n;
            table.put("aten.max_pool" + n + "d", (a, e) -> maxPool(a, e, spatial, exact));
            table.put("aten.avg_pool" + n + "d", (a, e) -> avgPool(a, e, spatial));
            table.put("aten.adaptive_avg_pool" + n + "d", (a, e) -> adaptive(a, e, spatial));
            table.put("aten.adaptive_max_pool" + n + "d", (a, e) -> adaptiveMax(a, e, spatial));
            if (n > 1) {
                table.put("aten._adaptive_avg_pool" + n + "d", (a, e) -> adaptive(a, e, spatial));
                table.put(
                        "aten.max_pool" + n + "d_with_indices",
                        (a, e) -> maxWithIndices(a, e, spatial));
            }
        }
    }

    private static final Set<String> WITH_INDICES =
            Set.of(
                    "aten.max_pool2d_with_indices",
                    "aten.max_pool3d_with_indices",
                    "aten.adaptive_max_pool1d",
                    "aten.adaptive_max_pool2d",
                    "aten.adaptive_max_pool3d");

    /** True for max pools that also give the positions of the maxima. */
    static boolean hasIndices(Op op) {
        return WITH_INDICES.contains(op.name());
    }

    /** Positions are rarely used; without them the library can do it. */
    static Value withoutIndices(Args<Value> a, Emitter e) {
        String name = a.schema().name();
        if (name.startsWith("aten.max_pool")) {
            return e.callAll(name.replace("_with_indices", ""), a.values().toArray()).getFirst();
        }
        int n = name.charAt(name.length() - 2) - '0';
        long[] kernel = evenWindows(a.tensor("self").type().sizes(), a.integers("output_size"), n);
        return kernel == null
                ? adaptiveMax(a, e, n).getFirst()
                : e.call("aten.max_pool" + n + "d", a.tensor("self"), kernel, kernel);
    }

    private static List<Value> maxWithIndices(Args<Value> a, Emitter e, int n) {
        Value x = a.tensor("self");
        Sizes in = x.type().sizes();
        Windows w = Windows.of(a, in, op(a).infer(a.map(Value::type)).getFirst().sizes(), n);
        if (UnrolledMaxPool.fits(w)) {
            return new UnrolledMaxPool(e, in, w).forward(x, lowest(x.type().dtype()));
        }
        List<IndexedWindows.Axis> axes = new ArrayList<>();
        for (int d = 0; d < n; d++) {
            axes.add(
                    IndexedWindows.regular(
                            e,
                            in.get(in.rank() - n + d),
                            w.out[d],
                            w.kernel[d],
                            w.stride[d],
                            w.padding[d],
                            w.dilation[d]));
        }
        return IndexedWindows.max(e, x, axes);
    }

    private static List<Value> adaptiveMax(Args<Value> a, Emitter e, int n) {
        Value x = a.tensor("self");
        Sizes in = x.type().sizes();
        long[] out = ConvDecompositions.spread(a.integers("output_size"), n);
        List<IndexedWindows.Axis> axes = new ArrayList<>();
        for (int d = 0; d < n; d++) {
            axes.add(IndexedWindows.adaptive(e, in.get(in.rank() - n + d), out[d]));
        }
        return IndexedWindows.max(e, x, axes);
    }

    /** The kernel of an adaptive pool whose windows all have one size; null if they differ. */
    private static long[] evenWindows(Sizes in, long[] outputSize, int n) {
        long[] out = ConvDecompositions.spread(outputSize, n);
        long[] kernel = new long[n];
        for (int d = 0; d < n; d++) {
            long size = in.get(in.rank() - n + d);
            if (out[d] == 0 || size % out[d] != 0) {
                return null;
            }
            kernel[d] = size / out[d];
        }
        return kernel;
    }

    /** A pool's windows, one entry per spatial dimension. */
    record Windows(long[] kernel, long[] stride, long[] padding, long[] dilation, long[] out) {
        static Windows of(Args<?> a, Sizes in, Sizes out, int n) {
            long[] kernel = ConvDecompositions.spread(a.integers("kernel_size"), n);
            long[] given = a.integers("stride");
            long[] stride = given.length == 0 ? kernel : ConvDecompositions.spread(given, n);
            long[] dilation =
                    ConvDecompositions.spread(
                            a.schema().has("dilation") ? a.integers("dilation") : new long[] {1},
                            n);
            long[] sizes = Arrays.copyOfRange(out.toArray(), out.rank() - n, out.rank());
            return new Windows(
                    kernel,
                    stride,
                    ConvDecompositions.spread(a.integers("padding"), n),
                    dilation,
                    sizes);
        }

        /**
         * Elements of padding after the input that the last window reaches; negative if it ends
         * before.
         */
        long end(Sizes in, int d) {
            long size = in.get(in.rank() - kernel.length + d);
            return (out[d] - 1) * stride[d] + (kernel[d] - 1) * dilation[d] + 1 - padding[d] - size;
        }

        boolean overhangs(Sizes in) {
            for (int d = 0; d < kernel.length; d++) {
                if (end(in, d) > padding[d]) {
                    return true;
                }
            }
            return false;
        }
    }

    private static List<Value> maxPool(Args<Value> a, Emitter e, int n, boolean exact) {
        Value x = a.tensor("self");
        if (x.type().rank() == n + 1) {
            return List.of(
                    e.squeeze(
                            e.emit(op(a), a.with("self", new Arg.Tensor<>(e.unsqueeze(x, 0))))
                                    .getFirst(),
                            0));
        }
        if (e.libraryHas(x.type().dtype()) && !exact) {
            return null;
        }
        Sizes out = op(a).infer(a.map(Value::type)).getFirst().sizes();
        Windows w = Windows.of(a, x.type().sizes(), out, n);
        Value view = windows(e, x, w, lowest(x.type().dtype()));
        return List.of(e.call("aten.amax", view, lastDims(view, n), false));
    }

    private static List<Value> avgPool(Args<Value> a, Emitter e, int n) {
        Value x = a.tensor("self");
        if (x.type().rank() == n + 1) {
            return List.of(
                    e.squeeze(
                            e.emit(op(a), a.with("self", new Arg.Tensor<>(e.unsqueeze(x, 0))))
                                    .getFirst(),
                            0));
        }
        Sizes out = op(a).infer(a.map(Value::type)).getFirst().sizes();
        Windows w = Windows.of(a, x.type().sizes(), out, n);
        var override =
                a.schema().has("divisor_override")
                        ? a.optionalInteger("divisor_override")
                        : java.util.Optional.<Long>empty();
        boolean library =
                e.libraryHas(x.type().dtype())
                        && override.isEmpty()
                        && !(a.bool("count_include_pad") && w.overhangs(x.type().sizes()));
        if (library) {
            return null;
        }
        Value view = windows(e, x, w, 0);
        Value sum =
                e.call("aten.sum.dim_IntList", view, lastDims(view, n), false, x.type().dtype());
        if (override.isPresent()) {
            return List.of(divide(e, sum, override.get()));
        }
        Value result = sum;
        for (int d = 0; d < n; d++) {
            result = divideRows(e, result, x.type().sizes(), w, d, a.bool("count_include_pad"));
        }
        return List.of(result);
    }

    private static Value divide(Emitter e, Value x, long by) {
        return x.type().dtype().isFloating()
                ? e.div(x, (double) by)
                : e.call("aten.div.Scalar_mode", x, by, "trunc");
    }

    /** Divides by the number of elements that each window counts along one dimension. */
    private static Value divideRows(
            Emitter e, Value x, Sizes in, Windows w, int d, boolean includePadding) {
        int n = w.kernel.length;
        int dim = x.type().rank() - n + d;
        long size = in.get(in.rank() - n + d);
        List<Value> parts = new ArrayList<>();
        long from = 0;
        long previous = -1;
        for (long o = 0; o <= w.out[d]; o++) {
            long start = o * w.stride[d] - w.padding[d];
            long end = Math.min(start + w.kernel[d], size + w.padding[d]);
            long counted = includePadding ? end - start : Math.min(end, size) - Math.max(start, 0);
            if (o == w.out[d] || (o > 0 && counted != previous)) {
                Value part =
                        from == 0 && o == w.out[d]
                                ? x
                                : e.call("aten.slice.Tensor", x, (long) dim, from, o, 1L);
                parts.add(divide(e, part, previous));
                from = o;
            }
            previous = counted;
        }
        return parts.size() == 1 ? parts.getFirst() : e.call("aten.cat", parts, dim);
    }

    /** All windows of x as a view [N, C, out…, kernel…] of the padded input. */
    private static Value windows(Emitter e, Value x, Windows w, Object padding) {
        int n = w.kernel.length;
        Sizes in = x.type().sizes();
        long[] pads = new long[2 * n];
        for (int d = 0; d < n; d++) {
            pads[2 * (n - 1 - d)] = w.padding[d];
            pads[2 * (n - 1 - d) + 1] = Math.max(0, w.end(in, d));
        }
        boolean padded = Arrays.stream(pads).anyMatch(p -> p != 0);
        Value base =
                padded ? e.call("aten.constant_pad_nd", x, pads, padding) : e.call("aten.clone", x);
        long[] strides = base.type().sizes().contiguousStrides();
        long[] sizes = new long[2 + 2 * n];
        long[] steps = new long[2 + 2 * n];
        for (int d = 0; d < 2; d++) {
            sizes[d] = base.type().sizes().get(d);
            steps[d] = strides[d];
        }
        for (int d = 0; d < n; d++) {
            sizes[2 + d] = w.out[d];
            steps[2 + d] = strides[2 + d] * w.stride[d];
            sizes[2 + n + d] = w.kernel[d];
            steps[2 + n + d] = strides[2 + d] * w.dilation[d];
        }
        return e.call("aten.as_strided", base, sizes, steps);
    }

    private static long[] lastDims(Value v, int n) {
        long[] dims = new long[n];
        for (int d = 0; d < n; d++) {
            dims[d] = v.type().rank() - n + d;
        }
        return dims;
    }

    private static Object lowest(DType type) {
        return switch (type) {
            case BOOL -> false;
            case UINT8 -> 0L;
            case INT8 -> (long) Byte.MIN_VALUE;
            case INT16 -> (long) Short.MIN_VALUE;
            case INT32 -> (long) Integer.MIN_VALUE;
            case INT64 -> Long.MIN_VALUE;
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> Double.NEGATIVE_INFINITY;
        };
    }

    /**
     * Even windows are an ordinary average pool; uneven ones are averaged dimension by dimension.
     */
    private static List<Value> adaptive(Args<Value> a, Emitter e, int n) {
        Value x = a.tensor("self");
        long[] out = ConvDecompositions.spread(a.integers("output_size"), n);
        int first = x.type().rank() - n;
        long[] kernel = evenWindows(x.type().sizes(), out, n);
        if (kernel != null) {
            return List.of(
                    Arrays.stream(kernel).allMatch(k -> k == 1)
                            ? x
                            : e.call("aten.avg_pool" + n + "d", x, kernel, kernel));
        }
        Value y = x;
        for (int d = 0; d < n; d++) {
            y = averageRows(e, y, first + d, out[d]);
        }
        return List.of(y);
    }

    private static Value averageRows(Emitter e, Value x, int dim, long out) {
        long size = x.type().sizes().get(dim);
        if (out == 0) {
            return e.call("aten.slice.Tensor", x, (long) dim, 0L, 0L, 1L);
        }
        List<Value> rows = new ArrayList<>();
        for (long o = 0; o < out; o++) {
            long start = o * size / out;
            long end = ((o + 1) * size + out - 1) / out;
            rows.add(
                    e.mean(
                            e.call("aten.slice.Tensor", x, (long) dim, start, end, 1L),
                            new long[] {dim}));
        }
        return rows.size() == 1 ? rows.getFirst() : e.call("aten.cat", rows, dim);
    }

    private static Op op(Args<Value> a) {
        return OpCatalog.get(a.schema().name());
    }
}
