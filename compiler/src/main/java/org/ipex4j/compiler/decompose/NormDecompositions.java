package org.ipex4j.compiler.decompose;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * Normalisations by mean and variance over dimensions, and batch normalisation by given statistics.
 */
final class NormDecompositions {
    /** The form of batch normalisation that pass fold-batch-norm looks for. */
    static final String BATCH_NORM = "aten._native_batch_norm_legit_no_training";

    private NormDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.batch_norm", NormDecompositions::batchNorm);
        table.put(
                "aten.native_batch_norm",
                (a, e) -> a.bool("training") ? trainingNorm(a, e) : inferenceNorm(a, e));
        table.put("aten._native_batch_norm_legit_functional", NormDecompositions::functionalNorm);
        table.put(
                "aten.layer_norm",
                (a, e) ->
                        List.of(
                                e.callAll(
                                                "aten.native_layer_norm",
                                                a.tensor("input"),
                                                a.integers("normalized_shape"),
                                                a.optionalTensor("weight").orElse(null),
                                                a.optionalTensor("bias").orElse(null),
                                                a.real("eps"))
                                        .getFirst()));
        table.put("aten.native_layer_norm", NormDecompositions::layerNorm);
        table.put("aten.group_norm", NormDecompositions::groupNorm);
        table.put("aten.native_group_norm", NormDecompositions::nativeGroupNorm);
        table.put("aten.rms_norm", NormDecompositions::rmsNorm);
    }

    private static List<Value> batchNorm(Args<Value> a, Emitter e) {
        if (!a.bool("training")) {
            return List.of(inferenceNorm(a, e).getFirst());
        }
        return List.of(
                e.callAll(
                                "aten.native_batch_norm",
                                a.tensor("input"),
                                a.optionalTensor("weight").orElse(null),
                                a.optionalTensor("bias").orElse(null),
                                a.optionalTensor("running_mean").orElse(null),
                                a.optionalTensor("running_var").orElse(null),
                                true,
                                a.real("momentum"),
                                a.real("eps"))
                        .getFirst());
    }

    private static List<Value> inferenceNorm(Args<Value> a, Emitter e) {
        return e.callAll(
                BATCH_NORM,
                a.tensor("input"),
                a.optionalTensor("weight").orElse(null),
                a.optionalTensor("bias").orElse(null),
                a.tensor("running_mean"),
                a.tensor("running_var"),
                a.real("momentum"),
                a.real("eps"));
    }

    /** By the batch's own statistics; the running ones are the caller's to update. */
    private static List<Value> trainingNorm(Args<Value> a, Emitter e) {
        return trainingNorm(a, e, moments(a, e));
    }

    private static List<Value> trainingNorm(Args<Value> a, Emitter e, Moments m) {
        Value x = a.tensor("input");
        Value invStd = e.call("aten.rsqrt", e.add(m.variance, a.real("eps")));
        Value normal = e.mul(m.centered, invStd);
        Value y =
                affine(
                        e,
                        normal,
                        perChannel(a.optionalTensor("weight"), x, e),
                        perChannel(a.optionalTensor("bias"), x, e));
        long channels = x.type().sizes().get(1);
        return narrow(a, e, y, e.view(m.mean, channels), e.view(invStd, channels));
    }

    /**
     * Mean and biased variance of each channel, as [1, C, 1…].
     *
     * @param centered x - mean, without the rounding of a large mean
     */
    private record Moments(Value mean, Value variance, Value centered) {}

    /**
     * One pass over x: sums of x - K and of its square, K being the channel's first element. The
     * shift keeps large means from cancelling (Chan, Golub and LeVeque, "Algorithms for computing
     * the sample variance", 1983), and constant channels give exactly 0.
     */
    private static Moments moments(Args<Value> a, Emitter e) {
        Value x = wide(a.tensor("input"), e);
        long[] dims = LongStream.range(0, x.type().rank()).filter(d -> d != 1).toArray();
        if (x.type().numel() == 0) {
            Value mean = e.mean(x, dims);
            return new Moments(mean, mean, e.sub(x, mean));
        }
        Value shift = x;
        for (long d : dims) {
            shift = e.call("aten.slice.Tensor", shift, d, 0L, 1L, 1L);
        }
        Value shifted = e.sub(x, shift);
        Value first = e.mean(shifted, dims);
        Value second = e.mean(e.mul(shifted, shifted), dims);
        Value variance = e.sub(second, e.mul(first, first));
        return new Moments(
                e.add(first, shift),
                e.call("aten.clamp_min", variance, 0.0),
                e.sub(shifted, first));
    }

    /**
     * Also gives the running statistics after this batch; the variance they hold is the unbiased
     * one.
     */
    private static List<Value> functionalNorm(Args<Value> a, Emitter e) {
        Value mean = a.tensor("running_mean");
        Value var = a.tensor("running_var");
        if (!a.bool("training")) {
            List<Value> y = inferenceNorm(a, e);
            return List.of(y.get(0), y.get(1), y.get(2), mean, var);
        }
        TensorType x = a.tensor("input").type();
        Moments m = moments(a, e);
        List<Value> y = trainingNorm(a, e, m);
        double n = x.numel() / (double) x.sizes().get(1);
        double momentum = a.real("momentum");
        long channels = x.sizes().get(1);
        Value unbiased = e.mul(e.view(m.variance, channels), n / (n - 1));
        return List.of(
                y.get(0),
                y.get(1),
                y.get(2),
                e.cast(blend(e, mean, e.view(m.mean, channels), momentum), mean.type().dtype()),
                e.cast(blend(e, var, unbiased, momentum), var.type().dtype()));
    }

    private static Value blend(Emitter e, Value running, Value batch, double momentum) {
        return e.add(e.mul(running, 1 - momentum), e.mul(batch, momentum));
    }

    private static List<Value> layerNorm(Args<Value> a, Emitter e) {
        Value x = a.tensor("input");
        int n = a.integers("normalized_shape").length;
        long[] dims = LongStream.range(x.type().rank() - n, x.type().rank()).toArray();
        Centered c = center(e, wide(x, e), dims, a.real("eps"));
        return narrow(
                a,
                e,
                affine(e, c.normal, a.optionalTensor("weight"), a.optionalTensor("bias")),
                c.mean,
                c.invStd);
    }

    private static List<Value> groupNorm(Args<Value> a, Emitter e) {
        Value x = a.tensor("input");
        Sizes s = x.type().sizes();
        long spatial = s.numel() == 0 ? 0 : s.numel() / (s.get(0) * s.get(1));
        return List.of(
                e.callAll(
                                "aten.native_group_norm",
                                x,
                                a.optionalTensor("weight").orElse(null),
                                a.optionalTensor("bias").orElse(null),
                                s.get(0),
                                s.get(1),
                                spatial,
                                a.integer("num_groups"),
                                a.real("eps"))
                        .getFirst());
    }

    /**
     * In shape [N, groups, C / groups, spatial] from the first to the last step, so that all of it
     * fuses.
     */
    private static List<Value> nativeGroupNorm(Args<Value> a, Emitter e) {
        Value x = a.tensor("input");
        long n = a.integer("N");
        long channels = a.integer("C");
        long groups = a.integer("group");
        Value split = e.view(wide(x, e), n, groups, channels / groups, a.integer("HxW"));
        Centered c = center(e, split, new long[] {2, 3}, a.real("eps"));
        Optional<Value> weight =
                a.optionalTensor("weight").map(w -> e.view(w, 1, groups, channels / groups, 1));
        Optional<Value> bias =
                a.optionalTensor("bias").map(b -> e.view(b, 1, groups, channels / groups, 1));
        return narrow(
                a,
                e,
                e.view(affine(e, c.normal, weight, bias), x.type().sizes().toArray()),
                e.view(c.mean, n, groups),
                e.view(c.invStd, n, groups));
    }

    private static List<Value> rmsNorm(Args<Value> a, Emitter e) {
        Value x = a.tensor("input");
        int n = a.integers("normalized_shape").length;
        long[] dims = LongStream.range(x.type().rank() - n, x.type().rank()).toArray();
        double eps = a.optionalReal("eps").orElse(epsilon(x.type().dtype()));
        Value w = wide(x, e);
        Value y = e.mul(w, e.call("aten.rsqrt", e.add(e.mean(e.mul(w, w), dims), eps)));
        Value scaled = a.optionalTensor("weight").map(g -> e.mul(y, g)).orElse(y);
        return List.of(e.cast(scaled, x.type().dtype()));
    }

    private static double epsilon(DType type) {
        return type == DType.FLOAT64 ? Math.ulp(1.0) : Math.ulp(1.0f);
    }

    /** 16-bit inputs are normalised in float32. */
    private static Value wide(Value x, Emitter e) {
        return x.type().dtype().byteSize() == 2 ? e.cast(x, DType.FLOAT32) : x;
    }

    /**
     * Result and statistics in the dtypes the op gives: the input's, and float32 statistics if a
     * parameter is float32.
     */
    private static List<Value> narrow(Args<Value> a, Emitter e, Value y, Value mean, Value invStd) {
        DType dtype = a.tensor("input").type().dtype();
        boolean mixed = a.allTensors().stream().anyMatch(t -> t.type().dtype() != dtype);
        DType stats = mixed ? DType.FLOAT32 : dtype;
        return List.of(e.cast(y, dtype), e.cast(mean, stats), e.cast(invStd, stats));
    }

    private record Centered(Value normal, Value mean, Value invStd) {}

    /**
     * (x - mean) / sqrt(biased variance + eps); two passes over x, so that large means do not
     * cancel.
     */
    private static Centered center(Emitter e, Value x, long[] dims, double eps) {
        Value mean = e.mean(x, dims);
        Value centered = e.sub(x, mean);
        Value variance = e.mean(e.mul(centered, centered), dims);
        Value invStd = e.call("aten.rsqrt", e.add(variance, eps));
        return new Centered(e.mul(centered, invStd), mean, invStd);
    }

    private static Value affine(Emitter e, Value x, Optional<Value> weight, Optional<Value> bias) {
        Value y = weight.isPresent() ? e.mul(x, weight.get()) : x;
        return bias.isPresent() ? e.add(y, bias.get()) : y;
    }

    /** [C] as [1, C, 1…], to broadcast over x. */
    private static Optional<Value> perChannel(Optional<Value> v, Value x, Emitter e) {
        return v.map(p -> e.view(p, channelSizes(x.type())));
    }

    static long[] channelSizes(TensorType x) {
        long[] sizes = new long[x.rank()];
        java.util.Arrays.fill(sizes, 1);
        sizes[1] = x.sizes().get(1);
        return sizes;
    }
}
