package org.ipex4j.compiler.reference;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Attention by its definition; intermediates stay in double precision. */
final class AttentionReference {
    private AttentionReference() {}

    static void addTo(ReferenceTable t) {
        t.add("aten.scaled_dot_product_attention", AttentionReference::attention);
    }

    private static List<RefTensor> attention(Args<RefTensor> args, List<TensorType> types) {
        if (args.real("dropout_p") != 0) {
            throw new UnsupportedOperationException(
                    "aten.scaled_dot_product_attention with dropout is random and has no reference");
        }
        TensorType type = types.getFirst();
        RefTensor query = args.tensor("query");
        int rows = (int) query.sizes().get(-2);
        int width = (int) query.sizes().get(-1);
        int keys = (int) args.tensor("key").sizes().get(-2);
        int out = (int) args.tensor("value").sizes().get(-1);
        Sizes batch = leading(type.sizes());
        RefTensor q = spread(query, batch, false);
        RefTensor k = spread(args.tensor("key"), batch, args.bool("enable_gqa"));
        RefTensor v = spread(args.tensor("value"), batch, args.bool("enable_gqa"));
        RefTensor mask =
                args.optionalTensor("attn_mask")
                        .map(m -> m.broadcast(append(batch, rows, keys)))
                        .orElse(null);
        double scale = args.optionalReal("scale").orElse(1 / Math.sqrt(width));
        double[] result = new double[Math.toIntExact(type.numel())];
        double[] weights = new double[keys];
        int batches = Math.toIntExact(batch.numel());
        for (int row = 0; row < batches * rows; row++) {
            int b = row / rows;
            double most = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < keys; j++) {
                double score = 0;
                for (int e = 0; e < width; e++) {
                    score += q.real(row * width + e) * k.real((b * keys + j) * width + e);
                }
                score *= scale;
                if (args.bool("is_causal") && j > row % rows) {
                    score = Double.NEGATIVE_INFINITY;
                }
                if (mask != null) {
                    int at = row * keys + j;
                    score =
                            mask.dtype() != DType.BOOL
                                    ? score + mask.real(at)
                                    : mask.truth(at) ? score : Double.NEGATIVE_INFINITY;
                }
                weights[j] = score;
                most = Math.max(most, score);
            }
            double sum = 0;
            for (int j = 0; j < keys; j++) {
                // A row that may attend to nothing gives zeros, as ATen's safe softmax does.
                weights[j] = most == Double.NEGATIVE_INFINITY ? 0 : Math.exp(weights[j] - most);
                sum += weights[j];
            }
            for (int e = 0; e < out; e++) {
                double value = 0;
                for (int j = 0; j < keys; j++) {
                    value += sum == 0 ? 0 : weights[j] / sum * v.real((b * keys + j) * out + e);
                }
                result[row * out + e] = value;
            }
        }
        return List.of(RefTensor.of(type, result));
    }

    /**
     * The tensor with its leading dimensions repeated; with grouped heads, each as often as needed
     * in a row.
     */
    private static RefTensor spread(RefTensor x, Sizes batch, boolean grouped) {
        long m = x.sizes().get(-2);
        long n = x.sizes().get(-1);
        if (grouped) {
            int heads = (int) x.sizes().get(-3);
            int wanted = (int) batch.get(-1);
            int times = wanted / heads;
            int matrix = Math.toIntExact(m * n);
            Sizes more = x.sizes().with(-3, wanted);
            RefTensor given = x;
            x =
                    given.gather(
                            more,
                            i -> {
                                int head = i / matrix % wanted;
                                return (i / matrix / wanted * heads + head / times) * matrix
                                        + i % matrix;
                            });
        }
        return x.broadcast(append(batch, m, n));
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
}
