package org.ipex4j.compiler.reference;

import java.util.Arrays;
import java.util.List;
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
        int groups = (int) args.integer("groups");
        int[] in = three(input.sizes().toArray(), n, 1);
        int[] out = three(type.sizes().toArray(), n, 1);
        int[] kernel = three(weight.sizes().toArray(), n, 1);
        int[] stride = three(spread(args.integers("stride"), n), n, 1);
        int[] dilation = three(spread(args.integers("dilation"), n), n, 1);
        int[] pad = three(spread(padding, n), n, 0);
        int channels = (int) input.sizes().get(-n - 1);
        int filters = (int) type.sizes().get(-n - 1);
        int channelsPerGroup = channels / groups;
        int filtersPerGroup = filters / groups;
        int outArea = out[0] * out[1] * out[2];
        int kernelArea = kernel[0] * kernel[1] * kernel[2];
        int[] at = new int[3];
        return RefTensor.build(
                type,
                index -> {
                    int image = index / outArea / filters;
                    int filter = index / outArea % filters;
                    int group = filter / filtersPerGroup;
                    double sum = bias == null ? 0 : bias.real(filter);
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
                            sum += input.real(x) * weight.real(w * kernelArea + k);
                        }
                    }
                    return sum;
                });
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
