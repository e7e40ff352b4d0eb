package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;

/**
 * Gradients of normalisations: two sums over the gradient in one pass, and one pass that applies
 * them.
 */
final class NormBackward {
    private NormBackward() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.native_batch_norm_backward", NormBackward::batchNorm);
        table.put("aten.native_layer_norm_backward", NormBackward::layerNorm);
        table.put("aten.native_group_norm_backward", NormBackward::groupNorm);
    }

    private static List<Boolean> mask(Args<Value> a) {
        return a.get("output_mask") instanceof Arg.Bools<Value>(List<Boolean> mask)
                ? mask
                : List.of();
    }

    /** The gradients in the types of the call's results; what the mask leaves out is empty. */
    private static List<Value> results(
            Args<Value> a, Emitter e, Value x, Value weight, Value bias) {
        List<TensorType> types = OpCatalog.get(a.schema().name()).infer(a.map(Value::type));
        List<Value> out = new ArrayList<>();
        for (Value v : new Value[] {x, weight, bias}) {
            TensorType t = types.get(out.size());
            out.add(
                    mask(a).get(out.size())
                            ? e.cast(e.view(v, t.sizes().toArray()), t.dtype())
                            : e.full(t, Scalar.of(0.0)));
        }
        return out;
    }

    /**
     * With s = sum of g and t = sum of g (x - mean) over a channel: bias s, weight t / deviation,
     * input (g - s / n - (x - mean) t / (n variance)) weight / deviation.
     */
    private static List<Value> batchNorm(Args<Value> a, Emitter e) {
        Value g = a.tensor("grad_out");
        Value x = a.tensor("input");
        boolean train = a.bool("train");
        long[] line = NormDecompositions.channelSizes(x.type());
        long[] dims = BackwardDecompositions.allBut(x, 1);
        Value mean = e.view(a.tensor(train ? "save_mean" : "running_mean"), line);
        Value inverse =
                train
                        ? e.view(a.tensor("save_invstd"), line)
                        : e.call(
                                "aten.rsqrt",
                                e.add(e.view(a.tensor("running_var"), line), a.real("eps")));
        Value scale =
                a.optionalTensor("weight")
                        .map(w -> e.mul(inverse, e.view(w, line)))
                        .orElse(inverse);
        Value centered = e.sub(x, mean);
        Value sum = e.sum(g, dims, true);
        Value dot = e.sum(e.mul(g, centered), dims, true);
        Value input = e.mul(g, scale);
        if (train) {
            double n = Math.max(1, Emitter.count(x, dims));
            Value slope = e.div(e.mul(e.mul(inverse, inverse), dot), n);
            Value moved = e.sub(e.sub(g, e.div(sum, n)), e.mul(centered, slope));
            input = e.mul(moved, scale);
        }
        return results(a, e, input, e.mul(dot, inverse), sum);
    }

    private static List<Value> layerNorm(Args<Value> a, Emitter e) {
        Value g = a.tensor("grad_out");
        Value x = a.tensor("input");
        int lead = x.type().rank() - a.integers("normalized_shape").length;
        long[] inner = LongStream.range(lead, x.type().rank()).toArray();
        long[] outer = LongStream.range(0, lead).toArray();
        Value normal = e.mul(e.sub(x, a.tensor("mean")), a.tensor("rstd"));
        Value d = a.optionalTensor("weight").map(w -> e.mul(g, w)).orElse(g);
        Value input = moved(e, d, normal, a.tensor("rstd"), inner);
        return results(a, e, input, e.sum(e.mul(g, normal), outer, false), e.sum(g, outer, false));
    }

    /** In shape [N, groups, C / groups, spatial]. */
    private static List<Value> groupNorm(Args<Value> a, Emitter e) {
        long n = a.integer("N");
        long groups = a.integer("group");
        long width = a.integer("C") / groups;
        Sizes split = Sizes.of(n, groups, width, a.integer("HxW"));
        Value g = e.view(a.tensor("grad_out"), split.toArray());
        Value x = e.view(a.tensor("input"), split.toArray());
        Value rstd = e.view(a.tensor("rstd"), n, groups, 1, 1);
        Value normal = e.mul(e.sub(x, e.view(a.tensor("mean"), n, groups, 1, 1)), rstd);
        Optional<Value> weight =
                a.optionalTensor("weight").map(w -> e.view(w, 1, groups, width, 1));
        Value d = weight.map(w -> e.mul(g, w)).orElse(g);
        long[] outer = {0, 3};
        return results(
                a,
                e,
                moved(e, d, normal, rstd, new long[] {2, 3}),
                e.sum(e.mul(g, normal), outer, false),
                e.sum(g, outer, false));
    }

    /** (d - mean of d - h * mean of d h) * rstd. */
    private static Value moved(Emitter e, Value d, Value normal, Value rstd, long[] dims) {
        double n = Math.max(1, Emitter.count(d, dims));
        Value mean = e.div(e.sum(d, dims, true), n);
        Value slope = e.div(e.sum(e.mul(d, normal), dims, true), n);
        return e.mul(e.sub(e.sub(d, mean), e.mul(normal, slope)), rstd);
    }
}
