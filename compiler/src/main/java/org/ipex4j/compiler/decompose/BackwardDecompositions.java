package org.ipex4j.compiler.decompose;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/** Derivatives of activations, softmax, dropout, losses and embeddings, to be fused. */
final class BackwardDecompositions {
    private BackwardDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put(
                "aten.threshold_backward",
                (a, e) ->
                        List.of(
                                e.call(
                                        "aten.where.ScalarSelf",
                                        e.call(
                                                "aten.le.Scalar",
                                                a.tensor("self"),
                                                a.number("threshold")),
                                        0.0,
                                        g(a))));
        table.put("aten.gelu_backward", BackwardDecompositions::gelu);
        table.put(
                "aten.sigmoid_backward",
                (a, e) -> {
                    Value y = a.tensor("output");
                    Value rest = e.call("aten.rsub.Scalar", y, 1.0);
                    return List.of(e.mul(g(a), e.mul(rest, y)));
                });
        table.put(
                "aten.tanh_backward",
                (a, e) -> {
                    Value y = a.tensor("output");
                    return List.of(e.mul(g(a), e.call("aten.rsub.Scalar", e.mul(y, y), 1.0)));
                });
        table.put(
                "aten.native_dropout_backward",
                (a, e) -> List.of(e.mul(e.mul(g(a), a.tensor("mask")), a.real("scale"))));
        table.put(
                "aten._softmax_backward_data",
                (a, e) -> {
                    Value g = wide(g(a), e);
                    Value y = wide(a.tensor("output"), e);
                    Value sum = e.sum(e.mul(g, y), dim(a), true);
                    return List.of(e.cast(e.mul(y, e.sub(g, sum)), g(a).type().dtype()));
                });
        table.put(
                "aten._log_softmax_backward_data",
                (a, e) -> {
                    Value g = wide(g(a), e);
                    Value y = wide(a.tensor("output"), e);
                    Value sum = e.sum(g, dim(a), true);
                    return List.of(e.cast(e.sub(g, e.mul(e.exp(y), sum)), g(a).type().dtype()));
                });
        table.put("aten.nll_loss_forward", LossDecompositions::forward);
        table.put("aten.nll_loss_backward", LossDecompositions::backward);
        table.put("aten.embedding_dense_backward", BackwardDecompositions::embedding);
    }

    /** 16-bit floats are summed in float32. */
    private static Value wide(Value v, Emitter e) {
        return v.type().dtype().byteSize() == 2 ? e.cast(v, DType.FLOAT32) : v;
    }

    private static Value g(Args<Value> a) {
        return a.tensor("grad_output");
    }

    /** The wrapped dimension of the call; none of a scalar. */
    private static long[] dim(Args<Value> a) {
        return g(a).type().rank() == 0
                ? new long[0]
                : new long[] {g(a).type().sizes().wrap(a.integer("dim"))};
    }

    private static List<Value> gelu(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        if (a.text("approximate").equals("tanh")) {
            double k = Math.sqrt(2 / Math.PI);
            Value square = e.mul(x, x);
            Value inner = e.mul(e.mul(x, e.add(e.mul(square, 0.044715), 1.0)), k);
            Value t = e.call("aten.tanh", inner);
            Value steep = e.mul(e.add(e.mul(square, 3 * 0.044715), 1.0), k);
            Value bend = e.mul(e.mul(x, e.call("aten.rsub.Scalar", e.mul(t, t), 1.0)), steep);
            return List.of(e.mul(g(a), e.mul(e.add(e.add(t, 1.0), bend), 0.5)));
        }
        Value cdf = e.mul(e.add(e.call("aten.erf", e.mul(x, Math.sqrt(0.5))), 1.0), 0.5);
        Value bell = e.mul(e.exp(e.mul(e.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return List.of(e.mul(g(a), e.add(cdf, e.mul(x, bell))));
    }

    /** Rows of the gradient added up by their index. */
    private static List<Value> embedding(Args<Value> a, Emitter e) {
        Value g = g(a);
        long width = g.type().sizes().get(-1);
        long count = a.tensor("indices").type().numel();
        long rows = a.integer("num_weights");
        Value index = e.view(e.cast(a.tensor("indices"), DType.INT64), count);
        Value lines = e.view(g, count, width);
        long padding = a.integer("padding_idx");
        if (padding >= 0) {
            Value padded = e.call("aten.eq.Scalar", e.view(index, count, 1), padding);
            lines = e.call("aten.where.ScalarSelf", padded, 0.0, lines);
        }
        if (a.bool("scale_grad_by_freq")) {
            Value ones = e.call("aten.full", new long[] {count}, 1.0, g.type().dtype());
            Value counts = e.call("aten.index_add", zeros(e, g, rows), 0L, index, ones);
            Value each = e.call("aten.index_select", counts, 0L, index);
            lines = e.div(lines, e.view(each, count, 1));
        }
        return List.of(e.call("aten.index_add", zeros(e, g, rows, width), 0L, index, lines));
    }

    static Value zeros(Emitter e, Value like, long... sizes) {
        return e.call("aten.full", sizes, 0.0, like.type().dtype());
    }

    /** The dimensions of x but this one. */
    static long[] allBut(Value x, int dim) {
        return LongStream.range(0, x.type().rank()).filter(d -> d != dim).toArray();
    }
}
