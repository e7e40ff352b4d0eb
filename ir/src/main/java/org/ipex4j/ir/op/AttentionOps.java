package org.ipex4j.ir.op;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Attention. */
final class AttentionOps {
    private AttentionOps() {}

    static void addTo(OpCatalog catalog) {
        catalog.add(
                "aten::scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor",
                AttentionOps::attention,
                AttentionOps::flops,
                Trait.EXPENSIVE,
                Trait.COMPOSITE);
    }

    /**
     * query [N…, L, E], key [N…, S, E], value [N…, S, Ev] to [N…, L, Ev]; leading dimensions
     * broadcast.
     */
    private static List<TensorType> attention(Args<TensorType> args) {
        TensorType q = args.tensor("query");
        TensorType k = args.tensor("key");
        TensorType v = args.tensor("value");
        Check.that(
                q.rank() >= 2 && k.rank() >= 2 && v.rank() >= 2,
                "query, key and value must have at least 2 dimensions, have sizes %s, %s, %s",
                q.sizes(),
                k.sizes(),
                v.sizes());
        Check.floating("query", q);
        Check.sameDType("query", q, "key", k);
        Check.sameDType("query", q, "value", v);
        Check.that(
                q.sizes().get(-1) == k.sizes().get(-1),
                "query %s and key %s must have one embedding size",
                q.sizes(),
                k.sizes());
        Check.that(
                k.sizes().get(-2) == v.sizes().get(-2),
                "key %s and value %s must have one sequence length",
                k.sizes(),
                v.sizes());
        double dropout = args.real("dropout_p");
        Check.that(
                dropout >= 0 && dropout <= 1,
                "'dropout_p' must be between 0 and 1, got %s",
                dropout);
        Sizes keyBatch = leading(k.sizes());
        Sizes valueBatch = leading(v.sizes());
        Sizes queryBatch = leading(q.sizes());
        if (args.bool("enable_gqa")) {
            keyBatch = grouped(q.sizes(), keyBatch);
            valueBatch = grouped(q.sizes(), valueBatch);
        }
        Sizes scoresBatch = Sizes.broadcast(queryBatch, keyBatch);
        Sizes scores = append(scoresBatch, q.sizes().get(-2), k.sizes().get(-2));
        args.optionalTensor("attn_mask")
                .ifPresent(
                        mask -> {
                            Check.that(
                                    !args.bool("is_causal"),
                                    "'attn_mask' and 'is_causal' exclude each other");
                            Check.that(
                                    mask.dtype() == DType.BOOL || mask.dtype() == q.dtype(),
                                    "'attn_mask' must be bool or of the query's dtype %s, is %s",
                                    q.dtype(),
                                    mask.dtype());
                            Check.that(
                                    Check.expands(mask.sizes(), scores),
                                    "'attn_mask' %s does not expand to the scores %s",
                                    mask.sizes(),
                                    scores);
                        });
        Sizes batch = Sizes.broadcast(scoresBatch, valueBatch);
        return Check.one(q.dtype(), append(batch, q.sizes().get(-2), v.sizes().get(-1)));
    }

    /**
     * Grouped-query attention: each key head serves as many query heads as the ratio of their
     * counts.
     */
    private static Sizes grouped(Sizes query, Sizes batch) {
        Check.that(
                query.rank() >= 3 && batch.rank() >= 1,
                "grouped-query attention needs a head dimension before the last two");
        long heads = query.get(-3);
        long own = batch.get(-1);
        Check.that(
                own > 0 && heads % own == 0,
                "query heads (%s) must be a multiple of key and value heads (%s)",
                heads,
                own);
        return batch.with(-1, heads);
    }

    private static Sizes leading(Sizes sizes) {
        return Sizes.of(Arrays.copyOf(sizes.toArray(), sizes.rank() - 2));
    }

    private static Sizes append(Sizes sizes, long a, long b) {
        long[] out = Arrays.copyOf(sizes.toArray(), sizes.rank() + 2);
        out[sizes.rank()] = a;
        out[sizes.rank() + 1] = b;
        return Sizes.of(out);
    }

    /** Two matrix products, and about five operations per score for the softmax. */
    private static double flops(Args<TensorType> args, List<TensorType> results) {
        TensorType q = args.tensor("query");
        TensorType v = args.tensor("value");
        TensorType out = results.getFirst();
        double rows = (double) out.numel() / Math.max(1, out.sizes().get(-1));
        double keys = v.sizes().get(-2);
        return rows * keys * (2.0 * q.sizes().get(-1) + 2.0 * v.sizes().get(-1) + 5);
    }
}
