package org.ipex4j.ir.op;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Convolutions: {@code aten.convolution} and the forms that decompose to it. */
final class ConvOps {
    private ConvOps() {}

    static void addTo(OpCatalog catalog) {
        catalog.add(
                "aten::convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups) -> Tensor",
                ConvOps::convolution,
                ConvOps::flops,
                Trait.EXPENSIVE);
        for (int n = 1; n <= 3; n++) {
            int spatial = n;
            catalog.add(
                    "aten::conv%dd(Tensor input, Tensor weight, Tensor? bias=None, int[%d] stride=1, int[%d] padding=0, int[%d] dilation=1, int groups=1) -> Tensor"
                            .replace("%d", "" + n),
                    args -> explicit(args, spatial, false),
                    ConvOps::flops,
                    Trait.EXPENSIVE,
                    Trait.COMPOSITE);
            catalog.add(
                    "aten::conv%dd.padding(Tensor input, Tensor weight, Tensor? bias=None, int[%d] stride=1, str padding=\"valid\", int[%d] dilation=1, int groups=1) -> Tensor"
                            .replace("%d", "" + n),
                    args -> named(args, spatial),
                    ConvOps::flops,
                    Trait.EXPENSIVE,
                    Trait.COMPOSITE);
            catalog.add(
                    ("aten::conv_transpose%dd"
                                    + (n == 1 ? "" : ".input")
                                    + "(Tensor input, Tensor weight, Tensor? bias=None, int[%d] stride=1, int[%d] padding=0, int[%d] output_padding=0, int groups=1, int[%d] dilation=1) -> Tensor")
                            .replace("%d", "" + n),
                    args -> explicit(args, spatial, true),
                    ConvOps::transposedFlops,
                    Trait.EXPENSIVE,
                    Trait.COMPOSITE);
        }
    }

    private static List<TensorType> convolution(Args<TensorType> args) {
        TensorType weight = args.tensor("weight");
        int spatial = weight.rank() - 2;
        Check.that(
                spatial >= 1 && spatial <= 3,
                "'weight' must have 3 to 5 dimensions, has sizes %s",
                weight.sizes());
        return infer(
                args,
                spatial,
                args.integers("padding"),
                args.bool("transposed"),
                args.integers("output_padding"));
    }

    private static List<TensorType> explicit(
            Args<TensorType> args, int spatial, boolean transposed) {
        long[] outputPadding = transposed ? args.integers("output_padding") : new long[spatial];
        return batched(args, spatial, args.integers("padding"), transposed, outputPadding);
    }

    private static List<TensorType> named(Args<TensorType> args, int spatial) {
        TensorType weight = args.tensor("weight");
        switch (args.text("padding")) {
            case "valid" -> {
                return batched(args, spatial, new long[spatial], false, new long[spatial]);
            }
            case "same" -> {
                for (long s : Check.spread("stride", args.integers("stride"), spatial)) {
                    Check.that(s == 1, "padding 'same' needs stride 1, got %s", s);
                }
                Check.rank("weight", weight, spatial + 2);
                // Padding may be uneven by one at the end, but the size is always kept.
                TensorType input = args.tensor("input");
                checkChannels(args, spatial, false);
                int channel = input.rank() - spatial - 1;
                return Check.one(input.dtype(), input.sizes().with(channel, weight.sizes().get(0)));
            }
            default ->
                    throw new IllegalArgumentException(
                            "padding must be 'valid' or 'same', got '"
                                    + args.text("padding")
                                    + "'");
        }
    }

    /** Allows an input without a batch dimension. */
    private static List<TensorType> batched(
            Args<TensorType> args,
            int spatial,
            long[] padding,
            boolean transposed,
            long[] outputPadding) {
        Check.rank("weight", args.tensor("weight"), spatial + 2);
        TensorType input = args.tensor("input");
        if (input.rank() != spatial + 1) {
            return infer(args, spatial, padding, transposed, outputPadding);
        }
        long[] sizes = new long[spatial + 2];
        sizes[0] = 1;
        System.arraycopy(input.sizes().toArray(), 0, sizes, 1, spatial + 1);
        Args<TensorType> withBatch =
                args.with(
                        "input", new Arg.Tensor<>(new TensorType(input.dtype(), Sizes.of(sizes))));
        TensorType out = infer(withBatch, spatial, padding, transposed, outputPadding).getFirst();
        long[] dims = out.sizes().toArray();
        return Check.one(out.dtype(), Sizes.of(Arrays.copyOfRange(dims, 1, dims.length)));
    }

    private static List<TensorType> infer(
            Args<TensorType> args,
            int spatial,
            long[] padding,
            boolean transposed,
            long[] outputPadding) {
        TensorType input = args.tensor("input");
        TensorType weight = args.tensor("weight");
        Check.that(
                input.rank() == spatial + 2,
                "'input' must have %s dimensions for a weight of sizes %s, has sizes %s",
                spatial + 2,
                weight.sizes(),
                input.sizes());
        checkChannels(args, spatial, transposed);
        long groups = args.integer("groups");
        long[] stride =
                Check.atLeast(
                        "stride", Check.spread("stride", args.integers("stride"), spatial), 1);
        long[] pad = Check.atLeast("padding", Check.spread("padding", padding, spatial), 0);
        long[] dilation =
                Check.atLeast(
                        "dilation",
                        Check.spread("dilation", args.integers("dilation"), spatial),
                        1);
        long[] outPad =
                Check.atLeast(
                        "output_padding",
                        Check.spread("output_padding", outputPadding, spatial),
                        0);
        long[] out = new long[spatial + 2];
        out[0] = input.sizes().get(0);
        out[1] = transposed ? weight.sizes().get(1) * groups : weight.sizes().get(0);
        for (int i = 0; i < spatial; i++) {
            long size = input.sizes().get(i + 2);
            long kernel = weight.sizes().get(i + 2);
            out[i + 2] =
                    transposed
                            ? Windows.transposed(
                                    size, kernel, stride[i], pad[i], dilation[i], outPad[i])
                            : Windows.convolved(size, kernel, stride[i], pad[i], dilation[i]);
        }
        return Check.one(input.dtype(), Sizes.of(out));
    }

    private static void checkChannels(Args<TensorType> args, int spatial, boolean transposed) {
        TensorType input = args.tensor("input");
        TensorType weight = args.tensor("weight");
        Optional<TensorType> bias = args.optionalTensor("bias");
        long groups = args.integer("groups");
        Check.sameDType("input", input, "weight", weight);
        Check.that(groups >= 1, "'groups' must be at least 1, got %s", groups);
        Check.that(
                input.rank() == spatial + 1 || input.rank() == spatial + 2,
                "'input' must have %s dimensions, or %s without a batch, has sizes %s",
                spatial + 2,
                spatial + 1,
                input.sizes());
        long channels = input.sizes().get(-spatial - 1);
        long first = weight.sizes().get(0);
        long wanted = transposed ? first : weight.sizes().get(1) * groups;
        Check.that(
                channels == wanted,
                "weight %s with groups=%s expects an input of %s channels, got %s",
                weight.sizes(),
                groups,
                wanted,
                input.sizes());
        Check.that(
                first % groups == 0,
                "the first dimension of weight %s must be divisible by groups=%s",
                weight.sizes(),
                groups);
        long out = transposed ? weight.sizes().get(1) * groups : first;
        bias.ifPresent(
                b -> {
                    Check.that(
                            b.rank() == 1 && b.sizes().get(0) == out,
                            "'bias' must have sizes [%s] for a weight of sizes %s, has %s",
                            out,
                            weight.sizes(),
                            b.sizes());
                    Check.sameDType("input", input, "bias", b);
                });
    }

    private static double flops(Args<TensorType> args, List<TensorType> results) {
        boolean transposed = args.schema().has("transposed") && args.bool("transposed");
        return transposed
                ? transposedFlops(args, results)
                : 2 * perElement(args) * results.getFirst().numel() + biasFlops(args, results);
    }

    private static double transposedFlops(Args<TensorType> args, List<TensorType> results) {
        return 2 * perElement(args) * args.tensor("input").numel() + biasFlops(args, results);
    }

    /** Multiplications per output element (input element if transposed): weights of one filter. */
    private static double perElement(Args<TensorType> args) {
        Sizes weight = args.tensor("weight").sizes();
        double product = 1;
        for (int i = 1; i < weight.rank(); i++) {
            product *= weight.get(i);
        }
        return product;
    }

    private static double biasFlops(Args<TensorType> args, List<TensorType> results) {
        return args.optionalTensor("bias").isPresent() ? results.getFirst().numel() : 0;
    }
}
