package org.ipex4j.compiler.decompose;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/** conv1d … conv_transpose3d to {@code aten.convolution} with full-length lists and a batch dimension. */
final class ConvDecompositions {
    private ConvDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        for (int n = 1; n <= 3; n++) {
            int spatial = n;
            table.put("aten.conv" + n + "d", (a, e) -> conv(a, e, spatial, a.integers("padding")));
            table.put("aten.conv" + n + "d.padding", (a, e) -> named(a, e, spatial));
            table.put("aten.conv_transpose" + n + "d" + (n == 1 ? "" : ".input"), (a, e) -> transposed(a, e, spatial));
        }
    }

    private static List<Value> conv(Args<Value> a, Emitter e, int n, long[] padding) {
        return List.of(convolution(
                e, a.tensor("input"), a.tensor("weight"), a.optionalTensor("bias").orElse(null), n, a.integers("stride"), padding,
                a.integers("dilation"), false, new long[] {0}, a.integer("groups")));
    }

    private static List<Value> transposed(Args<Value> a, Emitter e, int n) {
        return List.of(convolution(
                e, a.tensor("input"), a.tensor("weight"), a.optionalTensor("bias").orElse(null), n, a.integers("stride"),
                a.integers("padding"), a.integers("dilation"), true, a.integers("output_padding"), a.integer("groups")));
    }

    private static Value convolution(
            Emitter e, Value x, Value w, Value bias, int n, long[] stride, long[] padding, long[] dilation,
            boolean transposed, long[] outputPadding, long groups) {
        boolean batched = x.type().rank() == n + 2;
        Value source = batched ? x : e.unsqueeze(x, 0);
        Value y = e.call("aten.convolution", source, w, bias, spread(stride, n), spread(padding, n), spread(dilation, n), transposed,
                spread(outputPadding, n), groups);
        return batched ? y : e.squeeze(y, 0);
    }

    /** padding='valid' is none; 'same' pads so that sizes stay, the odd element at the end as PyTorch does. */
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
        return List.of(convolution(e, padded, w, a.optionalTensor("bias").orElse(null), n, a.integers("stride"), common,
                dilation, false, new long[] {0}, a.integer("groups")));
    }

    /** Lists of one element stand for all dimensions. */
    static long[] spread(long[] values, int n) {
        if (values.length == n) {
            return values;
        }
        if (values.length != 1) {
            throw new IllegalArgumentException("expected 1 or " + n + " values, got " + Arrays.toString(values));
        }
        long[] out = new long[n];
        Arrays.fill(out, values[0]);
        return out;
    }
}
