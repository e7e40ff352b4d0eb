package org.ipex4j.compiler.reference;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Softmax and normalisations. */
final class NormReference {
    private NormReference() {}

    static void addTo(ReferenceTable t) {
        for (String form : new String[] {"aten._%s", "aten.%s.int"}) {
            t.add(
                    form.replace("%s", "softmax"),
                    (args, types) -> softmax(args, types.getFirst(), false));
            t.add(
                    form.replace("%s", "log_softmax"),
                    (args, types) -> softmax(args, types.getFirst(), true));
        }
        t.add(
                "aten.native_layer_norm",
                (args, types) -> layerNorm(args, types.get(0), types.get(1)));
        t.add("aten.layer_norm", (args, types) -> layerNorm(args, types.get(0), null));
        t.add("aten.rms_norm", NormReference::rmsNorm);
        t.add(
                "aten.native_group_norm",
                (args, types) ->
                        groupNorm(
                                args,
                                types.get(0),
                                types.get(1),
                                args.integer("N"),
                                args.integer("C"),
                                args.integer("group")));
        t.add(
                "aten.group_norm",
                (args, types) -> {
                    Sizes s = types.getFirst().sizes();
                    return groupNorm(
                            args,
                            types.getFirst(),
                            null,
                            s.get(0),
                            s.get(1),
                            args.integer("num_groups"));
                });
        t.add(
                "aten.native_batch_norm",
                (args, types) -> batchNorm(args, types, args.bool("training")));
        t.add(
                "aten._native_batch_norm_legit_no_training",
                (args, types) -> batchNorm(args, types, false));
        t.add(
                "aten._native_batch_norm_legit_functional",
                (args, types) -> batchNorm(args, types, args.bool("training")));
        t.add("aten.batch_norm", (args, types) -> batchNorm(args, types, args.bool("training")));
    }

    private static List<RefTensor> softmax(Args<RefTensor> args, TensorType t, boolean log) {
        RefTensor x = args.tensor("self").to(t.dtype());
        boolean[] along = new boolean[t.rank()];
        int dim = t.sizes().wrap(args.integer("dim"));
        if (t.rank() > 0) {
            along[dim] = true;
        }
        double[] out = new double[x.numel()];
        for (int[] group : Indexing.groups(t.sizes(), along)) {
            double max = Double.NEGATIVE_INFINITY;
            for (int p : group) {
                max = Math.max(max, x.real(p));
            }
            double sum = 0;
            for (int p : group) {
                sum += Math.exp(x.real(p) - max);
            }
            for (int p : group) {
                double shifted = x.real(p) - max;
                out[p] = log ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
            }
        }
        return List.of(RefTensor.of(t, out));
    }

    /** Mean, and inverse of the standard deviation, of each group. */
    private record Stats(double[] mean, double[] inverse, double[] variance) {
        static Stats of(RefTensor x, int[][] groups, double eps) {
            Stats s =
                    new Stats(
                            new double[groups.length],
                            new double[groups.length],
                            new double[groups.length]);
            for (int g = 0; g < groups.length; g++) {
                int n = groups[g].length;
                s.mean[g] = ReductionReference.sum(x, groups[g]) / n;
                double squares = 0;
                for (int p : groups[g]) {
                    squares += (x.real(p) - s.mean[g]) * (x.real(p) - s.mean[g]);
                }
                s.variance[g] = squares / n;
                s.inverse[g] = 1 / Math.sqrt(s.variance[g] + eps);
            }
            return s;
        }
    }

    /** The optional per-element factor or summand, spread over the result. */
    private static RefTensor affine(
            Args<RefTensor> args, String name, long fallback, Sizes shape, Sizes to) {
        RefTensor p =
                args.optionalTensor(name)
                        .map(w -> w.reshape(shape))
                        .orElseGet(() -> RefTensor.of(TensorType.of(DType.FLOAT64), fallback));
        return p.broadcast(to);
    }

    private static RefTensor normalize(
            RefTensor x, TensorType t, int[][] groups, Stats s, RefTensor w, RefTensor b) {
        double[] out = new double[x.numel()];
        for (int g = 0; g < groups.length; g++) {
            for (int p : groups[g]) {
                out[p] = (x.real(p) - s.mean[g]) * s.inverse[g] * w.real(p) + b.real(p);
            }
        }
        return RefTensor.of(t, out);
    }

    private static List<RefTensor> withStats(RefTensor out, TensorType stat, Stats s) {
        return stat == null
                ? List.of(out)
                : List.of(out, RefTensor.of(stat, s.mean), RefTensor.of(stat, s.inverse));
    }

    private static List<RefTensor> layerNorm(Args<RefTensor> args, TensorType t, TensorType stat) {
        RefTensor x = args.tensor("input");
        long[] shape = args.integers("normalized_shape");
        int[][] groups =
                Indexing.groups(x.sizes(), ReductionReference.trailing(x.rank(), shape.length));
        Stats s = Stats.of(x, groups, args.real("eps"));
        RefTensor w = affine(args, "weight", 1, Sizes.of(shape), t.sizes());
        RefTensor b = affine(args, "bias", 0, Sizes.of(shape), t.sizes());
        return withStats(normalize(x, t, groups, s, w, b), stat, s);
    }

    /** Without eps, the machine precision of the input's dtype is taken, as in PyTorch. */
    private static List<RefTensor> rmsNorm(Args<RefTensor> args, List<TensorType> types) {
        TensorType t = types.getFirst();
        RefTensor x = args.tensor("input");
        long[] shape = args.integers("normalized_shape");
        double eps =
                args.optionalReal("eps")
                        .orElseGet(
                                () ->
                                        switch (x.dtype()) {
                                            case FLOAT64 -> Math.ulp(1.0);
                                            // 16-bit inputs are computed in float32.
                                            default -> (double) Math.ulp(1f);
                                        });
        RefTensor w = affine(args, "weight", 1, Sizes.of(shape), t.sizes());
        double[] out = new double[x.numel()];
        for (int[] group :
                Indexing.groups(x.sizes(), ReductionReference.trailing(x.rank(), shape.length))) {
            double squares = 0;
            for (int p : group) {
                squares += x.real(p) * x.real(p);
            }
            double inverse = 1 / Math.sqrt(squares / group.length + eps);
            for (int p : group) {
                out[p] = x.real(p) * inverse * w.real(p);
            }
        }
        return List.of(RefTensor.of(t, out));
    }

    private static List<RefTensor> groupNorm(
            Args<RefTensor> args,
            TensorType t,
            TensorType stat,
            long n,
            long channels,
            long groupCount) {
        RefTensor x = args.tensor("input");
        long spatial = n * channels == 0 ? 0 : x.numel() / (n * channels);
        Sizes grouped = Sizes.of(n * groupCount, channels / groupCount * spatial);
        int[][] groups = Indexing.groups(grouped, new boolean[] {false, true});
        Stats s = Stats.of(x, groups, args.real("eps"));
        Sizes flat = Sizes.of(n, channels, spatial);
        RefTensor w = affine(args, "weight", 1, Sizes.of(channels, 1), flat);
        RefTensor b = affine(args, "bias", 0, Sizes.of(channels, 1), flat);
        return withStats(normalize(x, t, groups, s, w, b), stat, s);
    }

    private static List<RefTensor> batchNorm(
            Args<RefTensor> args, List<TensorType> types, boolean training) {
        TensorType t = types.getFirst();
        RefTensor x = args.tensor("input");
        int channels = (int) x.sizes().get(1);
        boolean[] reduced = ReductionReference.trailing(x.rank(), x.rank() - 1);
        reduced[0] = true;
        reduced[1] = false;
        int[][] groups = Indexing.groups(x.sizes(), reduced);
        double eps = args.real("eps");
        Stats s = training ? Stats.of(x, groups, eps) : running(args, channels, eps);
        long[] shape = new long[x.rank() - 1];
        java.util.Arrays.fill(shape, 1);
        shape[0] = channels;
        RefTensor w = affine(args, "weight", 1, Sizes.of(shape), t.sizes());
        RefTensor b = affine(args, "bias", 0, Sizes.of(shape), t.sizes());
        List<RefTensor> out = new ArrayList<>();
        out.add(normalize(x, t, groups, s, w, b));
        if (types.size() > 1) {
            out.add(training ? RefTensor.of(types.get(1), s.mean) : RefTensor.zeros(types.get(1)));
            out.add(
                    training
                            ? RefTensor.of(types.get(2), s.inverse)
                            : RefTensor.zeros(types.get(2)));
        }
        if (types.size() > 3) {
            double momentum = args.real("momentum");
            int n = channels == 0 ? 0 : groups[0].length;
            out.add(moved(args.tensor("running_mean"), s.mean, training ? momentum : 0, 1));
            // The running variance is the unbiased one.
            out.add(
                    moved(
                            args.tensor("running_var"),
                            s.variance,
                            training ? momentum : 0,
                            n / (n - 1.0)));
        }
        return out;
    }

    private static Stats running(Args<RefTensor> args, int channels, double eps) {
        Stats s = new Stats(new double[channels], new double[channels], new double[channels]);
        for (int c = 0; c < channels; c++) {
            s.mean[c] = args.tensor("running_mean").real(c);
            s.variance[c] = args.tensor("running_var").real(c);
            s.inverse[c] = 1 / Math.sqrt(s.variance[c] + eps);
        }
        return s;
    }

    private static RefTensor moved(
            RefTensor running, double[] batch, double momentum, double factor) {
        return momentum == 0
                ? running
                : RefTensor.build(
                        running.type(),
                        i -> (1 - momentum) * running.real(i) + momentum * factor * batch[i]);
    }
}
