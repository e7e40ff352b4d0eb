package org.ipex4j.compiler.reference;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Convolutions, by their definition. */
final class ConvReference {
    private ConvReference() {}

    static void addTo(ReferenceTable t) {
        t.add(
                "aten.convolution",
                (a, types) -> {
                    int n = a.tensor("weight").rank() - 2;
                    return List.of(
                            of(
                                    a,
                                    types.getFirst(),
                                    n,
                                    a.integers("padding"),
                                    a.bool("transposed")));
                });
        t.add("aten.convolution_backward", ConvReference::backward);
        for (int n = 1; n <= 3; n++) {
            int spatial = n;
            t.add(
                    "aten.conv" + n + "d",
                    (a, types) ->
                            List.of(
                                    of(
                                            a,
                                            types.getFirst(),
                                            spatial,
                                            a.integers("padding"),
                                            false)));
            t.add(
                    "aten.conv" + n + "d.padding",
                    (a, types) ->
                            List.of(of(a, types.getFirst(), spatial, named(a, spatial), false)));
            t.add(
                    "aten.conv_transpose" + n + "d" + (n == 1 ? "" : ".input"),
                    (a, types) ->
                            List.of(of(a, types.getFirst(), spatial, a.integers("padding"), true)));
        }
    }

    /** Padding before the input; what comes after follows from the output's size. */
    private static long[] named(Args<RefTensor> args, int spatial) {
        long[] out = new long[spatial];
        if (args.text("padding").equals("same")) {
            long[] dilation = spread(args.integers("dilation"), spatial);
            for (int i = 0; i < spatial; i++) {
                out[i] = dilation[i] * (args.tensor("weight").sizes().get(i + 2) - 1) / 2;
            }
        }
        return out;
    }

    static long[] spread(long[] values, int n) {
        if (values.length == n) {
            return values;
        }
        long[] out = new long[n];
        Arrays.fill(out, values[0]);
        return out;
    }

    /** The last {@code n} of three values, the others as given: all loops are three deep. */
    static int[] three(long[] values, int n, int filler) {
        int[] out = {filler, filler, filler};
        for (int i = 0; i < n; i++) {
            out[3 - n + i] = Math.toIntExact(values[values.length - n + i]);
        }
        return out;
    }

    private static RefTensor of(
            Args<RefTensor> args, TensorType type, int n, long[] padding, boolean transposed) {
        RefTensor input = args.tensor("input");
        RefTensor weight = args.tensor("weight");
        RefTensor bias = args.optionalTensor("bias").orElse(null);
        int filters = (int) type.sizes().get(-n - 1);
        int outArea = area(type.sizes(), n);
        double[] sums = new double[Math.toIntExact(type.numel())];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = bias == null ? 0 : bias.real(i / outArea % filters);
        }
        visit(
                args,
                type.sizes(),
                n,
                padding,
                transposed,
                (o, x, w) -> sums[o] += input.real(x) * weight.real(w));
        return RefTensor.of(type, sums);
    }

    /** The gradients of input, weight and bias. */
    private static List<RefTensor> backward(Args<RefTensor> args, List<TensorType> types) {
        RefTensor g = args.tensor("grad_output");
        RefTensor input = args.tensor("input");
        RefTensor weight = args.tensor("weight");
        double[] gx = new double[input.numel()];
        double[] gw = new double[weight.numel()];
        int n = weight.rank() - 2;
        visit(
                args,
                g.sizes(),
                n,
                args.integers("padding"),
                args.bool("transposed"),
                (o, x, w) -> {
                    gx[x] += g.real(o) * weight.real(w);
                    gw[w] += g.real(o) * input.real(x);
                });
        double[] gb = new double[(int) g.sizes().get(1)];
        int outArea = area(g.sizes(), n);
        for (int o = 0; o < g.numel(); o++) {
            gb[o / outArea % gb.length] += g.real(o);
        }
        return BackwardReference.masked(types, gx, gw, gb);
    }

    private static int area(Sizes sizes, int n) {
        int[] out = three(sizes.toArray(), n, 1);
        return out[0] * out[1] * out[2];
    }

    /** One product of a convolution: the positions of result, input and weight. */
    @FunctionalInterface
    private interface Product {
        void at(int output, int input, int weight);
    }

    private static void visit(
            Args<RefTensor> args,
            Sizes result,
            int n,
            long[] padding,
            boolean transposed,
            Product product) {
        Sizes inputSizes = args.tensor("input").sizes();
        Sizes weightSizes = args.tensor("weight").sizes();
        int groups = (int) args.integer("groups");
        int[] in = three(inputSizes.toArray(), n, 1);
        int[] out = three(result.toArray(), n, 1);
        int[] kernel = three(weightSizes.toArray(), n, 1);
        int[] stride = three(spread(args.integers("stride"), n), n, 1);
        int[] dilation = three(spread(args.integers("dilation"), n), n, 1);
        int[] pad = three(spread(padding, n), n, 0);
        int channels = (int) inputSizes.get(-n - 1);
        int filters = (int) result.get(-n - 1);
        int channelsPerGroup = channels / groups;
        int filtersPerGroup = filters / groups;
        int outArea = area(result, n);
        int kernelArea = kernel[0] * kernel[1] * kernel[2];
        int[] at = new int[3];
        for (int index = 0; index < result.numel(); index++) {
            int image = index / outArea / filters;
            int filter = index / outArea % filters;
            int group = filter / filtersPerGroup;
            for (int k = 0; k < kernelArea; k++) {
                if (!source(
                        index % outArea,
                        k,
                        in,
                        out,
                        kernel,
                        stride,
                        dilation,
                        pad,
                        transposed,
                        at)) {
                    continue;
                }
                for (int c = 0; c < channelsPerGroup; c++) {
                    int channel = group * channelsPerGroup + c;
                    int w =
                            transposed
                                    ? channel * filtersPerGroup + filter % filtersPerGroup
                                    : filter * channelsPerGroup + c;
                    int x =
                            ((image * channels + channel) * in[0] + at[0]) * in[1] * in[2]
                                    + at[1] * in[2]
                                    + at[2];
                    product.at(index, x, w * kernelArea + k);
                }
            }
        }
    }

    /**
     * The input position that meets kernel element {@code k} at an output position; false if none
     * does.
     */
    static boolean source(
            int position,
            int k,
            int[] in,
            int[] out,
            int[] kernel,
            int[] stride,
            int[] dilation,
            int[] pad,
            boolean transposed,
            int[] at) {
        for (int d = 2; d >= 0; d--) {
            int o = position % out[d];
            position /= out[d];
            int offset = k % kernel[d] * dilation[d];
            k /= kernel[d];
            if (transposed) {
                int back = o + pad[d] - offset;
                if (back < 0 || back % stride[d] != 0) {
                    return false;
                }
                at[d] = back / stride[d];
            } else {
                at[d] = o * stride[d] - pad[d] + offset;
            }
            if (at[d] < 0 || at[d] >= in[d]) {
                return false;
            }
        }
        return true;
    }
}
