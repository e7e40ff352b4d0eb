package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.COMPOSITE;
import static org.ipex4j.ir.op.Trait.EXPENSIVE;
import static org.ipex4j.ir.op.Trait.POINTWISE;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/**
 * Derivatives that are ops of their own in ATen. A gradient that {@code output_mask} leaves out is
 * of sizes [0], where ATen gives an undefined tensor.
 */
final class BackwardOps {
    private static final CostRule NORM = (args, results) -> 10.0 * args.tensor("input").numel();

    private BackwardOps() {}

    static void addTo(OpCatalog c) {
        pointwise(
                c, "threshold_backward(Tensor grad_output, Tensor self, Scalar threshold)", "self");
        pointwise(
                c,
                "gelu_backward(Tensor grad_output, Tensor self, *, str approximate='none')",
                "self");
        pointwise(c, "sigmoid_backward(Tensor grad_output, Tensor output)", "output");
        pointwise(c, "tanh_backward(Tensor grad_output, Tensor output)", "output");
        c.add(
                "aten::native_dropout_backward(Tensor grad_output, Tensor mask, float scale) -> Tensor",
                a -> {
                    same("grad_output", a.tensor("grad_output"), "mask", a.tensor("mask").sizes());
                    Check.that(
                            a.tensor("mask").dtype() == DType.BOOL,
                            "'mask' must be bool, is %s",
                            a.tensor("mask").dtype());
                    Check.floating("grad_output", a.tensor("grad_output"));
                    return List.of(a.tensor("grad_output"));
                },
                POINTWISE);
        for (String f : new String[] {"softmax", "log_softmax"}) {
            c.add(
                    "aten::_"
                            + f
                            + "_backward_data(Tensor grad_output, Tensor output, int dim, ScalarType input_dtype) -> Tensor",
                    BackwardOps::softmax,
                    COMPOSITE);
        }
        windows(c);
        norms(c);
        losses(c);
    }

    private static void pointwise(OpCatalog c, String signature, String other) {
        c.add(
                "aten::" + signature + " -> Tensor",
                a -> {
                    TensorType g = a.tensor("grad_output");
                    Check.floating("grad_output", g);
                    Check.sameDType("grad_output", g, other, a.tensor(other));
                    return List.of(
                            new TensorType(
                                    g.dtype(),
                                    Sizes.broadcast(g.sizes(), a.tensor(other).sizes())));
                },
                POINTWISE);
    }

    private static void windows(OpCatalog c) {
        c.add(
                "aten::convolution_backward(Tensor grad_output, Tensor input, Tensor weight, SymInt[]? bias_sizes, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups, bool[3] output_mask) -> (Tensor, Tensor, Tensor)",
                BackwardOps::convolution,
                BackwardOps::convolutionFlops,
                EXPENSIVE);
        for (int n = 2; n <= 3; n++) {
            String pool = "pool" + n + "d";
            String window =
                    "(Tensor grad_output, Tensor self, int[%d] kernel_size, int[%d] stride, int[%d] padding, "
                            .replace("%d", "" + n);
            String max = "aten.max_" + pool + "_with_indices";
            c.add(
                    ("aten::max_"
                                    + pool
                                    + "_with_indices_backward"
                                    + window
                                    + "int[%d] dilation, bool ceil_mode, Tensor indices) -> Tensor")
                            .replace("%d", "" + n),
                    a -> {
                        Sizes out = forward(max, a);
                        same("grad_output", a.tensor("grad_output"), "self", out);
                        same("indices", a.tensor("indices"), "self", out);
                        Check.that(
                                a.tensor("indices").dtype() == DType.INT64,
                                "'indices' must be int64, is %s",
                                a.tensor("indices").dtype());
                        return gradient(a, "self");
                    },
                    COMPOSITE);
            String average = "aten.avg_" + pool;
            c.add(
                    "aten::avg_"
                            + pool
                            + "_backward"
                            + window
                            + "bool ceil_mode, bool count_include_pad, int? divisor_override) -> Tensor",
                    a -> {
                        Sizes out = forward(average, a);
                        same("grad_output", a.tensor("grad_output"), "self", out);
                        return gradient(a, "self");
                    },
                    COMPOSITE);
            int spatial = n;
            c.add(
                    "aten::_adaptive_avg_"
                            + pool
                            + "_backward(Tensor grad_output, Tensor self) -> Tensor",
                    a -> {
                        TensorType g = a.tensor("grad_output");
                        TensorType self = a.tensor("self");
                        Check.rank("self", self, spatial + 1, spatial + 2);
                        Check.rank("grad_output", g, self.rank());
                        for (int d = 0; d < self.rank() - spatial; d++) {
                            Check.that(
                                    g.sizes().get(d) == self.sizes().get(d),
                                    "'grad_output' %s does not fit 'self' %s",
                                    g.sizes(),
                                    self.sizes());
                        }
                        return gradient(a, "self");
                    },
                    COMPOSITE);
        }
    }

    private static void norms(OpCatalog c) {
        c.add(
                "aten::native_batch_norm_backward(Tensor grad_out, Tensor input, Tensor? weight, Tensor? running_mean, Tensor? running_var, Tensor? save_mean, Tensor? save_invstd, bool train, float eps, bool[3] output_mask) -> (Tensor, Tensor, Tensor)",
                a -> {
                    TensorType x = checkedInput(a);
                    Check.that(
                            x.rank() >= 2,
                            "'input' must have a channel dimension, is %s",
                            x.sizes());
                    Sizes channels = Sizes.of(x.sizes().get(1));
                    String[] statistics =
                            a.bool("train")
                                    ? new String[] {"save_mean", "save_invstd"}
                                    : new String[] {"running_mean", "running_var"};
                    for (String name : statistics) {
                        Check.that(
                                a.optionalTensor(name).isPresent(),
                                "'%s' must be given when train is %s",
                                name,
                                a.bool("train"));
                        same(name, a.tensor(name), "input's channels", channels);
                    }
                    return affine(a, x, channels);
                },
                NORM,
                COMPOSITE);
        c.add(
                "aten::native_layer_norm_backward(Tensor grad_out, Tensor input, SymInt[] normalized_shape, Tensor mean, Tensor rstd, Tensor? weight, Tensor? bias, bool[3] output_mask) -> (Tensor, Tensor, Tensor)",
                a -> {
                    TensorType x = checkedInput(a);
                    Sizes shape = Sizes.of(a.integers("normalized_shape"));
                    int lead = x.rank() - shape.rank();
                    Check.that(
                            shape.rank() > 0 && lead >= 0 && endsIn(x.sizes(), shape),
                            "'input' %s must end in normalized_shape %s",
                            x.sizes(),
                            shape);
                    long[] kept = x.sizes().toArray();
                    java.util.Arrays.fill(kept, lead, kept.length, 1);
                    for (String name : new String[] {"mean", "rstd"}) {
                        same(name, a.tensor(name), "the kept dimensions", Sizes.of(kept));
                    }
                    return affine(a, x, shape);
                },
                NORM,
                COMPOSITE);
        c.add(
                "aten::native_group_norm_backward(Tensor grad_out, Tensor input, Tensor mean, Tensor rstd, Tensor? weight, SymInt N, SymInt C, SymInt HxW, int group, bool[3] output_mask) -> (Tensor, Tensor, Tensor)",
                a -> {
                    TensorType x = checkedInput(a);
                    long n = a.integer("N");
                    long channels = a.integer("C");
                    Check.that(
                            x.numel() == n * channels * a.integer("HxW"),
                            "N * C * HxW = %s * %s * %s does not fit input %s",
                            n,
                            channels,
                            a.integer("HxW"),
                            x.sizes());
                    Check.that(
                            a.integer("group") > 0 && channels % a.integer("group") == 0,
                            "%s channels do not divide into %s groups",
                            channels,
                            a.integer("group"));
                    for (String name : new String[] {"mean", "rstd"}) {
                        same(name, a.tensor(name), "N x group", Sizes.of(n, a.integer("group")));
                    }
                    return affine(a, x, Sizes.of(channels));
                },
                NORM,
                COMPOSITE);
    }

    private static void losses(OpCatalog c) {
        String arguments =
                "Tensor self, Tensor target, Tensor? weight, int reduction, SymInt ignore_index";
        c.add(
                "aten::nll_loss_forward(" + arguments + ") -> (Tensor output, Tensor total_weight)",
                a -> {
                    TensorType x = checkedLoss(a);
                    TensorType one = new TensorType(x.dtype(), Sizes.SCALAR);
                    return List.of(lossType(a, x), one);
                },
                COMPOSITE);
        c.add(
                "aten::nll_loss_backward(Tensor grad_output, "
                        + arguments
                        + ", Tensor total_weight) -> Tensor",
                a -> {
                    TensorType x = checkedLoss(a);
                    same(
                            "grad_output",
                            a.tensor("grad_output"),
                            "the loss",
                            lossType(a, x).sizes());
                    same("total_weight", a.tensor("total_weight"), "one number", Sizes.SCALAR);
                    return List.of(x);
                },
                COMPOSITE);
        c.add(
                "aten::embedding_dense_backward(Tensor grad_output, Tensor indices, SymInt num_weights, SymInt padding_idx, bool scale_grad_by_freq) -> Tensor",
                a -> {
                    TensorType g = a.tensor("grad_output");
                    Check.index("indices", a.tensor("indices"));
                    Sizes indices = a.tensor("indices").sizes();
                    Check.that(
                            g.rank() == indices.rank() + 1
                                    && java.util.Arrays.equals(
                                            java.util.Arrays.copyOf(
                                                    g.sizes().toArray(), indices.rank()),
                                            indices.toArray()),
                            "'grad_output' %s must have the indices' sizes %s and one more",
                            g.sizes(),
                            indices);
                    return Check.one(
                            g.dtype(), Sizes.of(a.integer("num_weights"), g.sizes().get(-1)));
                },
                COMPOSITE);
    }

    private static List<TensorType> softmax(Args<TensorType> a) {
        TensorType g = a.tensor("grad_output");
        Check.floating("grad_output", g);
        same("output", a.tensor("output"), "grad_output", g.sizes());
        Check.sameDType("grad_output", g, "output", a.tensor("output"));
        g.sizes().wrap(a.integer("dim"));
        Check.that(
                a.dtype("input_dtype").orElse(g.dtype()) == g.dtype(),
                "'input_dtype' must be the gradient's, %s, is %s",
                g.dtype(),
                a.dtype("input_dtype"));
        return List.of(g);
    }

    private static List<TensorType> convolution(Args<TensorType> a) {
        TensorType g = a.tensor("grad_output");
        Op forward = OpCatalog.get("aten.convolution");
        Args<TensorType> call =
                Args.of(
                        forward.schema(),
                        a.tensor("input"),
                        a.tensor("weight"),
                        null,
                        a.integers("stride"),
                        a.integers("padding"),
                        a.integers("dilation"),
                        a.bool("transposed"),
                        a.integers("output_padding"),
                        a.integer("groups"));
        TensorType result = forward.infer(call).getFirst();
        same("grad_output", g, "the convolution's result", result.sizes());
        Check.sameDType("grad_output", g, "input", a.tensor("input"));
        Sizes channels = Sizes.of(result.sizes().get(1));
        a.optionalIntegers("bias_sizes")
                .ifPresent(
                        b ->
                                Check.that(
                                        Sizes.of(b).equals(channels),
                                        "'bias_sizes' must be %s, is %s",
                                        channels,
                                        Sizes.of(b)));
        return masked(
                a, a.tensor("input"), a.tensor("weight"), new TensorType(g.dtype(), channels));
    }

    /** As much as the forward for each of the two large gradients. */
    private static double convolutionFlops(Args<TensorType> a, List<TensorType> results) {
        TensorType weight = a.tensor("weight");
        TensorType windows = a.bool("transposed") ? a.tensor("input") : a.tensor("grad_output");
        double once = 2.0 * windows.numel() * weight.numel() / Math.max(1, weight.sizes().get(0));
        List<Boolean> mask = mask(a);
        double bias = mask.get(2) ? a.tensor("grad_output").numel() : 0;
        return (mask.get(0) ? once : 0) + (mask.get(1) ? once : 0) + bias;
    }

    private static TensorType checkedInput(Args<TensorType> a) {
        TensorType x = a.tensor("input");
        Check.floating("input", x);
        same("grad_out", a.tensor("grad_out"), "input", x.sizes());
        Check.sameDType("grad_out", a.tensor("grad_out"), "input", x);
        return x;
    }

    /**
     * Gradients of input, weight and bias; the parameters' have the weight's dtype if it is given.
     */
    private static List<TensorType> affine(Args<TensorType> a, TensorType input, Sizes shape) {
        a.optionalTensor("weight").ifPresent(w -> same("weight", w, "the normalised sizes", shape));
        DType dtype = a.optionalTensor("weight").map(TensorType::dtype).orElse(input.dtype());
        TensorType parameter = new TensorType(dtype, shape);
        return masked(a, input, parameter, parameter);
    }

    private static List<TensorType> masked(Args<TensorType> a, TensorType... gradients) {
        List<Boolean> mask = mask(a);
        List<TensorType> out = new java.util.ArrayList<>();
        for (int i = 0; i < gradients.length; i++) {
            out.add(mask.get(i) ? gradients[i] : TensorType.of(gradients[i].dtype(), 0));
        }
        return out;
    }

    private static List<Boolean> mask(Args<TensorType> a) {
        if (a.get("output_mask") instanceof Arg.Bools<TensorType>(List<Boolean> mask)
                && mask.size() == 3) {
            return mask;
        }
        throw new IllegalArgumentException(
                "'output_mask' must have 3 flags, is " + a.get("output_mask"));
    }

    private static TensorType checkedLoss(Args<TensorType> a) {
        TensorType x = a.tensor("self");
        TensorType target = a.tensor("target");
        Check.floating("self", x);
        Check.rank("self", x, 1, 2);
        Check.that(
                target.dtype() == DType.INT64 || target.dtype() == DType.UINT8,
                "'target' must be int64 or uint8, is %s",
                target.dtype());
        Sizes wanted = x.rank() == 1 ? Sizes.SCALAR : Sizes.of(x.sizes().get(0));
        Check.that(
                target.sizes().equals(wanted)
                        || (x.rank() == 1 && target.sizes().equals(Sizes.of(1))),
                "'target' must be %s for 'self' %s, is %s",
                wanted,
                x.sizes(),
                target.sizes());
        a.optionalTensor("weight")
                .ifPresent(w -> same("weight", w, "the classes", Sizes.of(x.sizes().get(-1))));
        Check.that(
                a.integer("reduction") >= 0 && a.integer("reduction") <= 2,
                "'reduction' must be 0 (none), 1 (mean) or 2 (sum), is %s",
                a.integer("reduction"));
        return x;
    }

    private static TensorType lossType(Args<TensorType> a, TensorType x) {
        boolean each = a.integer("reduction") == 0 && x.rank() == 2;
        return new TensorType(x.dtype(), each ? Sizes.of(x.sizes().get(0)) : Sizes.SCALAR);
    }

    private static boolean endsIn(Sizes sizes, Sizes end) {
        for (int i = 1; i <= end.rank(); i++) {
            if (sizes.get(-i) != end.get(-i)) {
                return false;
            }
        }
        return true;
    }

    private static List<TensorType> gradient(Args<TensorType> a, String of) {
        Check.floating("grad_output", a.tensor("grad_output"));
        Check.sameDType("grad_output", a.tensor("grad_output"), of, a.tensor(of));
        return List.of(a.tensor(of));
    }

    /** Sizes of the result of the op whose derivative this is. */
    private static Sizes forward(String name, Args<TensorType> a) {
        Op op = OpCatalog.get(name);
        Object[] values =
                op.schema().params().stream().map(p -> (Object) a.get(p.name())).toArray();
        return op.infer(Args.of(op.schema(), values)).getFirst().sizes();
    }

    private static void same(String name, TensorType t, String of, Sizes sizes) {
        Check.that(
                t.sizes().equals(sizes),
                "'%s' must be %s by %s, is %s",
                name,
                sizes,
                of,
                t.sizes());
    }
}
