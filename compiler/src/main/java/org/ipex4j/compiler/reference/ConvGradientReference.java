package org.ipex4j.compiler.reference;

import java.util.List;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/**
 * A convolution's derivatives by the definition: each product of the convolution hands the output's
 * gradient, times the other factor, to each of its factors.
 */
final class ConvGradientReference {
    private ConvGradientReference() {}

    static void addTo(ReferenceTable t) {
        t.add(
                "ipex.convolution_backward_data",
                (a, types) -> {
                    TensorType type = types.getFirst();
                    RefTensor grad = a.tensor("grad_output");
                    RefTensor weight = a.tensor("weight");
                    double[] out = new double[Math.toIntExact(type.numel())];
                    products(
                            a,
                            type.sizes(),
                            weight.sizes(),
                            (x, w, y) -> out[x] += grad.real(y) * weight.real(w));
                    return List.of(RefTensor.of(type, out));
                });
        t.add(
                "ipex.convolution_backward_weights",
                (a, types) -> {
                    TensorType type = types.getFirst();
                    RefTensor grad = a.tensor("grad_output");
                    RefTensor input = a.tensor("input");
                    double[] out = new double[Math.toIntExact(type.numel())];
                    products(
                            a,
                            input.sizes(),
                            type.sizes(),
                            (x, w, y) -> out[w] += grad.real(y) * input.real(x));
                    return List.of(RefTensor.of(type, out));
                });
    }

    /** One product of a convolution: flat positions in input, weights and output. */
    @FunctionalInterface
    private interface Product {
        void visit(int input, int weight, int output);
    }

    private static void products(Args<RefTensor> a, Sizes input, Sizes weight, Product visitor) {
        Sizes output = a.tensor("grad_output").sizes();
        int n = weight.rank() - 2;
        int[] in = ConvReference.three(input.toArray(), n, 1);
        int[] out = ConvReference.three(output.toArray(), n, 1);
        int[] kernel = ConvReference.three(weight.toArray(), n, 1);
        int[] stride = ConvReference.three(a.integers("stride"), n, 1);
        int[] dilation = ConvReference.three(a.integers("dilation"), n, 1);
        int[] pad = ConvReference.three(a.integers("padding"), n, 0);
        int perGroup = (int) weight.get(1);
        int filters = (int) weight.get(0);
        int filtersPerGroup = filters / (int) a.integer("groups");
        int channels = (int) input.get(1);
        int inArea = in[0] * in[1] * in[2];
        int outArea = out[0] * out[1] * out[2];
        int kernelArea = kernel[0] * kernel[1] * kernel[2];
        int[] at = new int[3];
        for (int y = 0; y < output.numel(); y++) {
            int image = y / outArea / filters;
            int filter = y / outArea % filters;
            for (int k = 0; k < kernelArea; k++) {
                if (!ConvReference.source(
                        y % outArea, k, in, out, kernel, stride, dilation, pad, false, at)) {
                    continue;
                }
                int pixel = (at[0] * in[1] + at[1]) * in[2] + at[2];
                for (int c = 0; c < perGroup; c++) {
                    int channel = filter / filtersPerGroup * perGroup + c;
                    visitor.visit(
                            (image * channels + channel) * inArea + pixel,
                            (filter * perGroup + c) * kernelArea + k,
                            y);
                }
            }
        }
    }
}
