package org.ipex4j.compiler.decompose;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;

/**
 * conv1d … conv_transpose3d to {@code aten.convolution} with full-length lists and a batch
 * dimension.
 */
final class ConvDecompositions {
    private ConvDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.convolution", ConvDecompositions::otherTypes);
        for (int n = 1; n <= 3; n++) {
            int spatial = n;
            table.put("aten.conv" + n + "d", (a, e) -> conv(a, e, spatial, a.integers("padding")));
            table.put("aten.conv" + n + "d.padding", (a, e) -> named(a, e, spatial));
            table.put(
                    "aten.conv_transpose" + n + "d" + (n == 1 ? "" : ".input"),
                    (a, e) -> transposed(a, e, spatial));
        }
    }

    private static List<Value> conv(Args<Value> a, Emitter e, int n, long[] padding) {
        return List.of(
                convolution(
                        e,
                        a.tensor("input"),
                        a.tensor("weight"),
                        a.optionalTensor("bias").orElse(null),
                        n,
                        a.integers("stride"),
                        padding,
                        a.integers("dilation"),
                        false,
                        new long[] {0},
                        a.integer("groups")));
    }

    private static List<Value> transposed(Args<Value> a, Emitter e, int n) {
        return List.of(
                convolution(
                        e,
                        a.tensor("input"),
                        a.tensor("weight"),
                        a.optionalTensor("bias").orElse(null),
                        n,
                        a.integers("stride"),
                        a.integers("padding"),
                        a.integers("dilation"),
                        true,
                        a.integers("output_padding"),
                        a.integer("groups")));
    }

    private static Value convolution(
            Emitter e,
            Value x,
            Value w,
            Value bias,
            int n,
            long[] stride,
            long[] padding,
            long[] dilation,
            boolean transposed,
            long[] outputPadding,
            long groups) {
        boolean batched = x.type().rank() == n + 2;
        Value source = batched ? x : e.unsqueeze(x, 0);
        Value y =
                e.call(
                        "aten.convolution",
                        source,
                        w,
                        bias,
                        spread(stride, n),
                        spread(padding, n),
                        spread(dilation, n),
                        transposed,
                        spread(outputPadding, n),
                        groups);
        return batched ? y : e.squeeze(y, 0);
    }

    /**
     * padding='valid' is none; 'same' pads so that sizes stay, the odd element at the end as
     * PyTorch does.
     */
    private static List<Value> named(Args<Value> a, Emitter e, int n) {
        if (a.text("padding").equals("valid")) {
            return conv(a, e, n, new long[n]);
        }
        Value w = a.tensor("weight");
        long[] dilation = spread(a.integers("dilation"), n);
        long[] common = new long[n];
        long[] pads = new long[2 * n];
        boolean uneven = false;
        for (int d = 0; d < n; d++) {
            long total = dilation[d] * (w.type().sizes().get(2 + d) - 1);
            common[d] = total / 2;
            pads[2 * (n - 1 - d) + 1] = total % 2;
            uneven |= total % 2 != 0;
        }
        if (!uneven) {
            return conv(a, e, n, common);
        }
        Value padded = e.call("aten.constant_pad_nd", a.tensor("input"), pads, 0.0);
        return List.of(
                convolution(
                        e,
                        padded,
                        w,
                        a.optionalTensor("bias").orElse(null),
                        n,
                        a.integers("stride"),
                        common,
                        dilation,
                        false,
                        new long[] {0},
                        a.integer("groups")));
    }

    /** Lists of one element stand for all dimensions. */
    static long[] spread(long[] values, int n) {
        if (values.length == n) {
            return values;
        }
        if (values.length != 1) {
            throw new IllegalArgumentException(
                    "expected 1 or " + n + " values, got " + Arrays.toString(values));
        }
        long[] out = new long[n];
        Arrays.fill(out, values[0]);
        return out;
    }

    /**
     * 16-bit floats that the library has not by way of f32; f64 as a sum over a strided view of all
     * windows. Null for the library's types.
     */
    private static List<Value> otherTypes(Args<Value> a, Emitter e) {
        Value x = a.tensor("input");
        DType type = x.type().dtype();
        int n = x.type().rank() - 2;
        if (e.libraryHas(type)) {
            boolean full =
                    a.integers("stride").length == n
                            && a.integers("padding").length == n
                            && a.integers("dilation").length == n
                            && (a.integers("output_padding").length == n || !a.bool("transposed"));
            if (a.bool("transposed") && full && exceeds(a, n)) {
                return List.of(withTrailingZeros(a, e, n));
            }
            return full
                    ? null
                    : List.of(
                            convolution(
                                    e,
                                    x,
                                    a.tensor("weight"),
                                    a.optionalTensor("bias").orElse(null),
                                    n,
                                    a.integers("stride"),
                                    a.integers("padding"),
                                    a.integers("dilation"),
                                    a.bool("transposed"),
                                    a.integers("output_padding"),
                                    a.integer("groups")));
        }
        if (type.isFloating() && type != DType.FLOAT64) {
            Args<Value> wide = a.map(v -> e.cast(v, DType.FLOAT32));
            return List.of(
                    e.cast(e.emit(OpCatalog.get("aten.convolution"), wide).getFirst(), type));
        }
        if (a.bool("transposed")) {
            throw new IllegalArgumentException(
                    "aten.convolution: transposed convolutions are compiled for f32, f16 and bf16, got "
                            + x.type());
        }
        return List.of(byWindows(a, e, x, n));
    }

    /**
     * True if output padding reaches past what the padding cut off: the library has no negative
     * padding.
     */
    private static boolean exceeds(Args<Value> a, int n) {
        long[] padding = a.integers("padding");
        long[] extra = a.integers("output_padding");
        for (int d = 0; d < n; d++) {
            if (extra[d] > padding[d]) {
                return true;
            }
        }
        return false;
    }

    /** The outermost rows of output padding get no input at all: zeros, and the bias. */
    private static Value withTrailingZeros(Args<Value> a, Emitter e, int n) {
        long[] padding = a.integers("padding");
        long[] extra = a.integers("output_padding");
        long[] kept = new long[n];
        long[] zeros = new long[2 * n];
        for (int d = 0; d < n; d++) {
            kept[d] = Math.min(extra[d], padding[d]);
            zeros[2 * (n - 1 - d) + 1] = extra[d] - kept[d];
        }
        Value y =
                convolution(
                        e,
                        a.tensor("input"),
                        a.tensor("weight"),
                        null,
                        n,
                        a.integers("stride"),
                        padding,
                        a.integers("dilation"),
                        true,
                        kept,
                        a.integer("groups"));
        Value padded = e.call("aten.constant_pad_nd", y, zeros, 0.0);
        long[] channels = new long[2 + n];
        Arrays.fill(channels, 1);
        channels[1] = y.type().sizes().get(1);
        return a.optionalTensor("bias").map(b -> e.add(padded, e.view(b, channels))).orElse(padded);
    }

    /**
     * [N, groups, 1, C / groups, out…, kernel…] times [groups, out / groups, C / groups, 1…,
     * kernel…], summed.
     */
    private static Value byWindows(Args<Value> a, Emitter e, Value x, int n) {
        Value w = a.tensor("weight");
        long groups = a.integer("groups");
        Sizes out = OpCatalog.get("aten.convolution").infer(a.map(Value::type)).getFirst().sizes();
        Value windows =
                windows(
                        e,
                        x,
                        out,
                        w.type().sizes(),
                        spread(a.integers("stride"), n),
                        spread(a.integers("padding"), n),
                        spread(a.integers("dilation"), n),
                        groups);
        long[] weights = new long[3 + 2 * n];
        long[] summed = new long[1 + n];
        weights[0] = groups;
        weights[1] = w.type().sizes().get(0) / groups;
        weights[2] = w.type().sizes().get(1);
        summed[0] = 3;
        for (int d = 0; d < n; d++) {
            weights[3 + d] = 1;
            weights[3 + n + d] = w.type().sizes().get(2 + d);
            summed[1 + d] = 4 + n + d;
        }
        Value y = e.view(e.sum(e.mul(windows, e.view(w, weights)), summed, false), out.toArray());
        long[] channels = new long[2 + n];
        Arrays.fill(channels, 1);
        channels[1] = out.get(1);
        return a.optionalTensor("bias").map(b -> e.add(y, e.view(b, channels))).orElse(y);
    }

    /** Every window of a convolution: [N, groups, 1, C / groups, out…, kernel…]. */
    static Value windows(
            Emitter e,
            Value x,
            Sizes out,
            Sizes weight,
            long[] stride,
            long[] padding,
            long[] dilation,
            long groups) {
        int n = stride.length;
        long[] pads = new long[2 * n];
        for (int d = 0; d < n; d++) {
            pads[2 * (n - 1 - d)] = padding[d];
            pads[2 * (n - 1 - d) + 1] = padding[d];
        }
        Value base =
                Arrays.stream(pads).allMatch(p -> p == 0)
                        ? e.call("aten.clone", x)
                        : e.call("aten.constant_pad_nd", x, pads, 0.0);
        long[] strides = base.type().sizes().contiguousStrides();
        long perGroup = weight.get(1);
        long[] sizes = new long[4 + 2 * n];
        long[] steps = new long[4 + 2 * n];
        sizes[0] = x.type().sizes().get(0);
        sizes[1] = groups;
        sizes[2] = 1;
        sizes[3] = perGroup;
        steps[0] = strides[0];
        steps[1] = perGroup * strides[1];
        steps[3] = strides[1];
        for (int d = 0; d < n; d++) {
            sizes[4 + d] = out.get(2 + d);
            steps[4 + d] = strides[2 + d] * stride[d];
            sizes[4 + n + d] = weight.get(2 + d);
            steps[4 + n + d] = strides[2 + d] * dilation[d];
        }
        return e.call("aten.as_strided", base, sizes, steps);
    }
}
