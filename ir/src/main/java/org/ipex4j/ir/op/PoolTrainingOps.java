package org.ipex4j.ir.op;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/**
 * Max pools as oneDNN trains them. Forward says of each window where its maximum was, one byte
 * each, and backward needs no more than that. A pair of {@code aten.max_poolNd_with_indices} and
 * its derivative becomes these where nothing else reads the indices.
 */
final class PoolTrainingOps {
    /** Positions in a window fit a byte. */
    private static final long MAX_WINDOW = 255;

    private static final String WINDOW =
            "int[] kernel_size, int[] stride, int[] padding, int[] dilation, bool ceil_mode";

    private PoolTrainingOps() {}

    static void addTo(OpCatalog catalog) {
        // The second result is the row-major number, within the window, of its first maximum; a
        // NaN is passed by.
        catalog.add(
                "ipex::max_pool_training(Tensor self, " + WINDOW + ") -> (Tensor, Tensor)",
                args -> {
                    TensorType self = args.tensor("self");
                    Sizes out = pooled(args, "self", self.sizes());
                    floating("self", self);
                    return List.of(
                            new TensorType(self.dtype(), out), new TensorType(DType.UINT8, out));
                },
                (args, results) -> flops(args, results.getFirst()),
                Trait.EXPENSIVE);
        catalog.add(
                "ipex::max_pool_backward(Tensor grad_output, Tensor workspace, SymInt[] input_size, "
                        + WINDOW
                        + ") -> Tensor",
                args -> {
                    TensorType grad = args.tensor("grad_output");
                    TensorType workspace = args.tensor("workspace");
                    Sizes input = TypeRules.sizes(args.integers("input_size"), "input_size");
                    Sizes out = pooled(args, "input_size", input);
                    floating("grad_output", grad);
                    Check.that(
                            grad.sizes().equals(out),
                            "a pool of input %s has sizes %s, grad_output has %s",
                            input,
                            out,
                            grad.sizes());
                    Check.that(
                            workspace.dtype() == DType.UINT8 && workspace.sizes().equals(out),
                            "'workspace' must be uint8 %s, is %s",
                            out,
                            workspace);
                    return Check.one(grad.dtype(), input);
                },
                (args, results) -> flops(args, args.tensor("grad_output")),
                Trait.EXPENSIVE);
    }

    private static void floating(String name, TensorType t) {
        Check.that(
                t.dtype() == DType.FLOAT32 || t.dtype() == DType.BFLOAT16,
                "'%s' must be float32 or bfloat16, is %s",
                name,
                t.dtype());
    }

    /** Sizes of the pool's result; batch and channels come first. */
    private static Sizes pooled(Args<TensorType> args, String name, Sizes input) {
        Check.that(
                input.rank() >= 3 && input.rank() <= 5,
                "'%s' must have 3 to 5 dimensions, has %s",
                name,
                input);
        int spatial = input.rank() - 2;
        long[] kernel = window(args, "kernel_size", spatial, 1);
        long[] stride = window(args, "stride", spatial, 1);
        long[] padding = window(args, "padding", spatial, 0);
        long[] dilation = window(args, "dilation", spatial, 1);
        Windows.checkPoolPadding(padding, kernel);
        Check.that(
                elements(kernel) <= MAX_WINDOW,
                "a window may have %s elements, has %s",
                MAX_WINDOW,
                elements(kernel));
        long[] out = input.toArray();
        for (int d = 0; d < spatial; d++) {
            out[2 + d] =
                    Windows.pooled(
                            out[2 + d],
                            kernel[d],
                            stride[d],
                            padding[d],
                            dilation[d],
                            args.bool("ceil_mode"));
        }
        return Sizes.of(out);
    }

    private static long[] window(Args<TensorType> args, String name, int spatial, long least) {
        long[] values = args.integers(name);
        Check.that(
                values.length == spatial,
                "'%s' must have %s values, has %s",
                name,
                spatial,
                values.length);
        return Check.atLeast(name, values, least);
    }

    private static long elements(long[] kernel) {
        long n = 1;
        for (long k : kernel) {
            n *= k;
        }
        return n;
    }

    /** One operation per element of each window. */
    private static double flops(Args<TensorType> args, TensorType windows) {
        return (double) elements(args.integers("kernel_size")) * windows.numel();
    }
}
