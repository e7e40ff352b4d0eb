package org.ipex4j.compiler.decompose;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/** Scaled dot product attention by two batched products and a softmax. */
final class AttentionDecompositions {
    private AttentionDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.scaled_dot_product_attention", AttentionDecompositions::attention);
    }

    private static List<Value> attention(Args<Value> a, Emitter e) {
        if (a.real("dropout_p") != 0) {
            throw new IllegalArgumentException(
                    "aten.scaled_dot_product_attention: dropout_p must be 0, is "
                            + a.real("dropout_p"));
        }
        Value q = a.tensor("query");
        Value k = a.tensor("key");
        Value v = a.tensor("value");
        if (a.schema().has("enable_gqa") && a.bool("enable_gqa")) {
            k = repeatHeads(e, k, q.type().sizes().get(-3));
            v = repeatHeads(e, v, q.type().sizes().get(-3));
        }
        double scale = a.optionalReal("scale").orElse(1 / Math.sqrt(q.type().sizes().get(-1)));
        Value scores = e.mul(e.call("aten.matmul", q, e.transpose(k, -2, -1)), scale);
        long rows = q.type().sizes().get(-2);
        long columns = k.type().sizes().get(-2);
        Optional<Value> mask = a.optionalTensor("attn_mask");
        if (a.bool("is_causal")) {
            Value ones = e.call("aten.full", new long[] {rows, columns}, true);
            mask = Optional.of(e.call("aten.tril", ones, 0));
        }
        if (mask.isPresent()) {
            scores =
                    mask.get().type().dtype() == DType.BOOL
                            ? e.call(
                                    "aten.where.ScalarOther",
                                    mask.get(),
                                    scores,
                                    Double.NEGATIVE_INFINITY)
                            : e.add(scores, mask.get());
        }
        Value weights = ReductionDecompositions.softmax(e, scores, -1);
        if (mask.isPresent() && mask.get().type().dtype() == DType.BOOL && !a.bool("is_causal")) {
            // A row that may look at nothing gets zeros, not NaN, as in PyTorch's safe softmax.
            Value any = e.call("aten.any.dim", mask.get(), -1, true);
            weights = e.call("aten.where.ScalarOther", any, weights, 0.0);
        }
        return List.of(e.call("aten.matmul", weights, v));
    }

    /** Each key or value head serves a group of query heads. */
    private static Value repeatHeads(Emitter e, Value x, long heads) {
        Sizes s = x.type().sizes();
        int at = s.rank() - 3;
        long repeat = heads / s.get(at);
        if (repeat == 1) {
            return x;
        }
        Value wide = e.unsqueeze(x, at + 1);
        long[] sizes = wide.type().sizes().toArray();
        sizes[at + 1] = repeat;
        return e.view(
                e.call("aten.clone", e.call("aten.expand", wide, sizes)),
                s.with(at, heads).toArray());
    }
}
