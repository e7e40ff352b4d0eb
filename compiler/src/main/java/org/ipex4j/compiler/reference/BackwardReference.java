package org.ipex4j.compiler.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Derivatives that are ops of their own: activations, softmax and normalisations. */
final class BackwardReference {
    private BackwardReference() {}

    static void addTo(ReferenceTable t) {
        t.add(
                "aten.threshold_backward",
                (args, types) -> {
                    double bound = Pointwise.number(args, "threshold", types.getFirst().dtype());
                    return Pointwise.binary(
                                    "grad_output", "self", (g, x) -> x <= bound ? 0 : g, null)
                            .evaluate(args, types);
                });
        t.add(
                "aten.gelu_backward",
                (args, types) -> {
                    boolean tanh = args.text("approximate").equals("tanh");
                    return Pointwise.binary(
                                    "grad_output",
                                    "self",
                                    (g, x) -> g * (tanh ? tanhGeluSlope(x) : geluSlope(x)),
                                    null)
                            .evaluate(args, types);
                });
        t.add(
                "aten.sigmoid_backward",
                Pointwise.binary("grad_output", "output", (g, y) -> g * (1 - y) * y, null));
        t.add(
                "aten.tanh_backward",
                Pointwise.binary("grad_output", "output", (g, y) -> g * (1 - y * y), null));
        t.add(
                "aten.native_dropout_backward",
                (args, types) -> {
                    RefTensor g = args.tensor("grad_output");
                    RefTensor mask = args.tensor("mask");
                    double scale = args.real("scale");
                    return List.of(
                            RefTensor.build(
                                    types.getFirst(), i -> g.real(i) * mask.real(i) * scale));
                });
        t.add("aten._softmax_backward_data", (args, types) -> softmax(args, types, false));
        t.add("aten._log_softmax_backward_data", (args, types) -> softmax(args, types, true));
        t.add("aten.native_batch_norm_backward", BackwardReference::batchNorm);
        t.add("aten.native_layer_norm_backward", BackwardReference::layerNorm);
        t.add("aten.native_group_norm_backward", BackwardReference::groupNorm);
    }

    private static double geluSlope(double x) {
        double cdf = 0.5 * (1 + SpecialFunctions.erf(x / Math.sqrt(2)));
        return cdf + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    private static double tanhGeluSlope(double x) {
        double k = Math.sqrt(2 / Math.PI);
        double t = Math.tanh(k * (x + 0.044715 * x * x * x));
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * k * (1 + 3 * 0.044715 * x * x);
    }

    private static List<RefTensor> softmax(
            Args<RefTensor> args, List<TensorType> types, boolean log) {
        TensorType t = types.getFirst();
        RefTensor g = args.tensor("grad_output");
        RefTensor y = args.tensor("output");
        boolean[] along = new boolean[t.rank()];
        if (t.rank() > 0) {
            along[t.sizes().wrap(args.integer("dim"))] = true;
        }
        double[] out = new double[g.numel()];
        for (int[] group : Indexing.groups(t.sizes(), along)) {
            double sum = 0;
            for (int p : group) {
                sum += log ? g.real(p) : g.real(p) * y.real(p);
            }
            for (int p : group) {
                out[p] =
                        log ? g.real(p) - Math.exp(y.real(p)) * sum : y.real(p) * (g.real(p) - sum);
            }
        }
        return List.of(RefTensor.of(t, out));
    }

    /** The gradients that {@code output_mask} asks for; the others are empty. */
    static List<RefTensor> masked(List<TensorType> types, double[]... gradients) {
        List<RefTensor> out = new ArrayList<>();
        for (int i = 0; i < gradients.length; i++) {
            boolean asked = types.get(i).numel() == gradients[i].length;
            out.add(
                    asked
                            ? RefTensor.of(types.get(i), gradients[i])
                            : RefTensor.zeros(types.get(i)));
        }
        return out;
    }

    /**
     * Normalisation's gradients. With h = (x - mean) / deviation and d = g * weight, the input's is
     * (d - mean of d - h * mean of d h) / deviation, both means over a group.
     *
     * @param groups positions that share a mean and a deviation
     * @param parameter for each position, that of its weight and bias
     * @param parameters how many weights there are
     * @param moving whether mean and deviation move with the input
     */
    private static List<RefTensor> norm(
            Args<RefTensor> args,
            List<TensorType> types,
            int[][] groups,
            double[] mean,
            double[] inverse,
            int[] parameter,
            int parameters,
            boolean moving) {
        RefTensor g = args.tensor("grad_out");
        RefTensor x = args.tensor("input");
        RefTensor weight = args.optionalTensor("weight").orElse(null);
        double[] gx = new double[x.numel()];
        double[] gw = new double[parameters];
        double[] gb = new double[parameters];
        for (int k = 0; k < groups.length; k++) {
            double sum = 0;
            double dot = 0;
            for (int p : groups[k]) {
                double h = (x.real(p) - mean[k]) * inverse[k];
                double d = g.real(p) * (weight == null ? 1 : weight.real(parameter[p]));
                sum += d;
                dot += d * h;
                gw[parameter[p]] += g.real(p) * h;
                gb[parameter[p]] += g.real(p);
            }
            int n = groups[k].length;
            for (int p : groups[k]) {
                double h = (x.real(p) - mean[k]) * inverse[k];
                double d = g.real(p) * (weight == null ? 1 : weight.real(parameter[p]));
                gx[p] = moving ? (d - sum / n - h * dot / n) * inverse[k] : d * inverse[k];
            }
        }
        return masked(types, gx, gw, gb);
    }

    private static List<RefTensor> batchNorm(Args<RefTensor> args, List<TensorType> types) {
        RefTensor x = args.tensor("input");
        boolean[] reduced = new boolean[x.rank()];
        Arrays.fill(reduced, true);
        reduced[1] = false;
        int channels = (int) x.sizes().get(1);
        boolean train = args.bool("train");
        double[] mean = args.tensor(train ? "save_mean" : "running_mean").toDoubles();
        double[] inverse = args.tensor(train ? "save_invstd" : "running_var").toDoubles();
        if (!train) {
            for (int c = 0; c < channels; c++) {
                inverse[c] = 1 / Math.sqrt(inverse[c] + args.real("eps"));
            }
        }
        long[] line = new long[x.rank()];
        Arrays.fill(line, 1);
        line[1] = channels;
        return norm(
                args,
                types,
                Indexing.groups(x.sizes(), reduced),
                mean,
                inverse,
                Indexing.broadcast(Sizes.of(line), x.sizes()),
                channels,
                train);
    }

    private static List<RefTensor> layerNorm(Args<RefTensor> args, List<TensorType> types) {
        RefTensor x = args.tensor("input");
        Sizes shape = Sizes.of(args.integers("normalized_shape"));
        return norm(
                args,
                types,
                Indexing.groups(x.sizes(), ReductionReference.trailing(x.rank(), shape.rank())),
                args.tensor("mean").toDoubles(),
                args.tensor("rstd").toDoubles(),
                Indexing.broadcast(shape, x.sizes()),
                (int) shape.numel(),
                true);
    }

    private static List<RefTensor> groupNorm(Args<RefTensor> args, List<TensorType> types) {
        long n = args.integer("N");
        long channels = args.integer("C");
        long groups = args.integer("group");
        long area = args.integer("HxW");
        return norm(
                args,
                types,
                Indexing.groups(
                        Sizes.of(n * groups, channels / groups * area),
                        new boolean[] {false, true}),
                args.tensor("mean").toDoubles(),
                args.tensor("rstd").toDoubles(),
                Indexing.broadcast(Sizes.of(channels, 1), Sizes.of(n, channels, area)),
                (int) channels,
                true);
    }
}
