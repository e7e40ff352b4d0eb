package org.ipex4j.ir.op;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/**
 * Pools over the last one to three dimensions; batch and channel dimensions come before (batch
 * optional).
 */
final class PoolOps {
    private PoolOps() {}

    static void addTo(OpCatalog catalog) {
        for (int n = 1; n <= 3; n++) {
            int spatial = n;
            String maxArgs =
                    "(Tensor self, int[%d] kernel_size, int[%d] stride=[], int[%d] padding=0, int[%d] dilation=1, bool ceil_mode=False) -> ";
            catalog.add(
                    schema("aten::max_pool%dd" + maxArgs + "Tensor", n),
                    a -> List.of(pool(a, spatial)),
                    PoolOps::windowFlops);
            if (n > 1) {
                catalog.add(
                        schema("aten::max_pool%dd_with_indices" + maxArgs + "(Tensor, Tensor)", n),
                        a -> withIndices(pool(a, spatial)),
                        PoolOps::windowFlops);
            }
            catalog.add(
                    schema(
                            "aten::avg_pool%dd(Tensor self, int[%d] kernel_size, int[%d] stride=[], int[%d] padding=0, bool ceil_mode=False, bool count_include_pad=True"
                                    + (n == 1 ? "" : ", int? divisor_override=None")
                                    + ") -> Tensor",
                            n),
                    a -> average(a, spatial),
                    PoolOps::windowFlops);
            if (n > 1) {
                catalog.add(
                        schema(
                                "aten::_adaptive_avg_pool%dd(Tensor self, int[%d] output_size) -> Tensor",
                                n),
                        a -> adaptiveAverage(a, spatial),
                        PoolOps::inputFlops);
            }
            catalog.add(
                    schema(
                            "aten::adaptive_avg_pool%dd(Tensor self, int[%d] output_size) -> Tensor",
                            n),
                    a -> adaptiveAverage(a, spatial),
                    PoolOps::inputFlops,
                    Trait.COMPOSITE);
            catalog.add(
                    schema(
                            "aten::adaptive_max_pool%dd(Tensor self, int[%d] output_size) -> (Tensor, Tensor)",
                            n),
                    a -> withIndices(adaptive(a, spatial)),
                    PoolOps::inputFlops,
                    Trait.COMPOSITE);
        }
    }

    private static String schema(String template, int spatial) {
        return template.replace("%d", "" + spatial);
    }

    private static List<TensorType> average(Args<TensorType> args, int spatial) {
        if (args.schema().has("divisor_override")) {
            args.optionalInteger("divisor_override")
                    .ifPresent(d -> Check.that(d != 0, "'divisor_override' must not be 0"));
        }
        Check.that(args.tensor("self").dtype() != DType.BOOL, "'self' must not be bool");
        return List.of(pool(args, spatial));
    }

    private static List<TensorType> adaptiveAverage(Args<TensorType> args, int spatial) {
        Check.floating("self", args.tensor("self"));
        return List.of(adaptive(args, spatial));
    }

    private static TensorType pool(Args<TensorType> args, int spatial) {
        TensorType self = args.tensor("self");
        checkInput(self, spatial);
        long[] kernel =
                Check.atLeast(
                        "kernel_size",
                        Check.spread("kernel_size", args.integers("kernel_size"), spatial),
                        1);
        long[] stride =
                Check.atLeast("stride", Windows.poolStride(args.integers("stride"), kernel), 1);
        long[] padding = Check.spread("padding", args.integers("padding"), spatial);
        long[] dilation =
                args.schema().has("dilation")
                        ? Check.atLeast(
                                "dilation",
                                Check.spread("dilation", args.integers("dilation"), spatial),
                                1)
                        : Check.spread("dilation", new long[] {1}, spatial);
        Windows.checkPoolPadding(padding, kernel);
        long[] out = self.sizes().toArray();
        for (int i = 0; i < spatial; i++) {
            int d = out.length - spatial + i;
            out[d] =
                    Windows.pooled(
                            out[d],
                            kernel[i],
                            stride[i],
                            padding[i],
                            dilation[i],
                            args.bool("ceil_mode"));
        }
        return new TensorType(self.dtype(), Sizes.of(out));
    }

    private static TensorType adaptive(Args<TensorType> args, int spatial) {
        TensorType self = args.tensor("self");
        checkInput(self, spatial);
        long[] size =
                Check.atLeast(
                        "output_size",
                        Check.spread("output_size", args.integers("output_size"), spatial),
                        0);
        long[] out = self.sizes().toArray();
        System.arraycopy(size, 0, out, out.length - spatial, spatial);
        return new TensorType(self.dtype(), Sizes.of(out));
    }

    private static void checkInput(TensorType self, int spatial) {
        Check.rank("self", self, spatial + 1, spatial + 2);
        for (int d = self.rank() - spatial - 1; d < self.rank(); d++) {
            Check.that(
                    self.sizes().get(d) > 0,
                    "'self' must have non-zero channels and spatial sizes, has %s",
                    self.sizes());
        }
    }

    private static List<TensorType> withIndices(TensorType values) {
        return List.of(values, new TensorType(DType.INT64, values.sizes()));
    }

    /** One operation per element of each window. */
    private static double windowFlops(Args<TensorType> args, List<TensorType> results) {
        TensorType out = results.getFirst();
        int spatial =
                args.schema().name().contains("1d")
                        ? 1
                        : args.schema().name().contains("2d") ? 2 : 3;
        double window = 1;
        for (long k : Check.spread("kernel_size", args.integers("kernel_size"), spatial)) {
            window *= k;
        }
        return window * out.numel();
    }

    private static double inputFlops(Args<TensorType> args, List<TensorType> results) {
        return args.tensor("self").numel();
    }
}
