package org.ipex4j.ir.op;

import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/**
 * The two halves of a convolution's derivative as ops of their own, named as oneDNN names them, so
 * that each is scheduled, laid out and fused by itself. {@code aten.convolution_backward} becomes
 * these.
 */
final class ConvGradientOps {
    private ConvGradientOps() {}

    static void addTo(OpCatalog catalog) {
        catalog.add(
                "ipex::convolution_backward_data(Tensor grad_output, Tensor weight, SymInt[] input_size, int[] stride, int[] padding, int[] dilation, int groups) -> Tensor",
                args -> {
                    TensorType grad = args.tensor("grad_output");
                    TensorType weight = args.tensor("weight");
                    Check.sameDType("grad_output", grad, "weight", weight);
                    Sizes input = TypeRules.sizes(args.integers("input_size"), "input_size");
                    check(args, input, weight.sizes());
                    return Check.one(grad.dtype(), input);
                },
                (args, results) ->
                        2.0
                                * args.tensor("grad_output").numel()
                                * taps(args.tensor("weight").sizes()),
                Trait.EXPENSIVE);
        catalog.add(
                "ipex::convolution_backward_weights(Tensor grad_output, Tensor input, SymInt[] weight_size, int[] stride, int[] padding, int[] dilation, int groups) -> Tensor",
                args -> {
                    TensorType grad = args.tensor("grad_output");
                    TensorType input = args.tensor("input");
                    Check.sameDType("grad_output", grad, "input", input);
                    Sizes weight = TypeRules.sizes(args.integers("weight_size"), "weight_size");
                    check(args, input.sizes(), weight);
                    return Check.one(grad.dtype(), weight);
                },
                (args, results) ->
                        2.0 * args.tensor("grad_output").numel() * taps(results.getFirst().sizes()),
                Trait.EXPENSIVE);
    }

    /** Multiplications per output element. */
    private static double taps(Sizes weight) {
        return weight.get(0) == 0 ? 0 : weight.numel() / (double) weight.get(0);
    }

    /** Demands that a convolution of these sizes gives the gradient's. */
    private static void check(Args<TensorType> args, Sizes input, Sizes weight) {
        TensorType grad = args.tensor("grad_output");
        int spatial = weight.rank() - 2;
        Check.that(
                spatial >= 1 && spatial <= 3,
                "the weight must have 3 to 5 dimensions, has sizes %s",
                weight);
        Check.that(
                input.rank() == weight.rank() && grad.rank() == weight.rank(),
                "input %s, weight %s and grad_output %s must have as many dimensions",
                input,
                weight,
                grad.sizes());
        long groups = args.integer("groups");
        long[] stride = args.integers("stride");
        long[] padding = args.integers("padding");
        long[] dilation = args.integers("dilation");
        Check.that(
                stride.length == spatial && padding.length == spatial && dilation.length == spatial,
                "stride, padding and dilation must have %s values each",
                spatial);
        Check.that(
                groups >= 1
                        && weight.get(0) % groups == 0
                        && input.get(1) == weight.get(1) * groups,
                "weight %s with groups=%s does not fit an input of sizes %s",
                weight,
                groups,
                input);
        long[] out = new long[spatial + 2];
        out[0] = input.get(0);
        out[1] = weight.get(0);
        for (int d = 0; d < spatial; d++) {
            out[2 + d] =
                    Windows.convolved(
                            input.get(2 + d),
                            weight.get(2 + d),
                            stride[d],
                            padding[d],
                            dilation[d]);
        }
        Check.that(
                grad.sizes().equals(Sizes.of(out)),
                "a convolution of input %s with weight %s has sizes %s, grad_output has %s",
                input,
                weight,
                Sizes.of(out),
                grad.sizes());
    }
}
