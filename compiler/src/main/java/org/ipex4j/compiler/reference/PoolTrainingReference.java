package org.ipex4j.compiler.reference;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Max pools that say where in each window the maximum was, and what that makes of gradients. */
final class PoolTrainingReference {
    private PoolTrainingReference() {}

    /** One element of a window that lies inside the input: flat positions. */
    @FunctionalInterface
    private interface Visitor {
        void visit(int output, int inWindow, int input);
    }

    static void addTo(ReferenceTable t) {
        t.add(
                "ipex.max_pool_training",
                (a, types) -> {
                    RefTensor self = a.tensor("self");
                    Sizes out = types.getFirst().sizes();
                    int n = Math.toIntExact(out.numel());
                    int[] from = new int[n];
                    int[] where = new int[n];
                    java.util.Arrays.fill(from, -1);
                    visit(
                            a,
                            self.sizes(),
                            out,
                            (o, k, i) -> {
                                if (from[o] < 0 || self.real(i) > self.real(from[o])) {
                                    from[o] = i;
                                    where[o] = k;
                                }
                            });
                    return List.of(
                            self.gather(out, o -> from[o]),
                            RefTensor.buildInts(new TensorType(DType.UINT8, out), o -> where[o]));
                });
        t.add(
                "ipex.max_pool_backward",
                (a, types) -> {
                    TensorType type = types.getFirst();
                    RefTensor grad = a.tensor("grad_output");
                    RefTensor workspace = a.tensor("workspace");
                    double[] sums = new double[Math.toIntExact(type.numel())];
                    visit(
                            a,
                            type.sizes(),
                            grad.sizes(),
                            (o, k, i) -> {
                                if ((workspace.integer(o) & 0xff) == k) {
                                    sums[i] += grad.real(o);
                                }
                            });
                    return List.of(RefTensor.of(type, sums));
                });
    }

    private static void visit(Args<RefTensor> a, Sizes input, Sizes output, Visitor visitor) {
        int n = input.rank() - 2;
        int[] in = ConvReference.three(input.toArray(), n, 1);
        int[] out = ConvReference.three(output.toArray(), n, 1);
        int[] kernel = ConvReference.three(a.integers("kernel_size"), n, 1);
        int[] stride = ConvReference.three(a.integers("stride"), n, 1);
        int[] dilation = ConvReference.three(a.integers("dilation"), n, 1);
        int[] pad = ConvReference.three(a.integers("padding"), n, 0);
        int inArea = in[0] * in[1] * in[2];
        int outArea = out[0] * out[1] * out[2];
        int window = kernel[0] * kernel[1] * kernel[2];
        for (int o = 0; o < output.numel(); o++) {
            for (int k = 0; k < window; k++) {
                int z =
                        at(
                                o / out[2] / out[1] % out[0],
                                k / kernel[2] / kernel[1],
                                0,
                                stride,
                                dilation,
                                pad);
                int y =
                        at(
                                o / out[2] % out[1],
                                k / kernel[2] % kernel[1],
                                1,
                                stride,
                                dilation,
                                pad);
                int x = at(o % out[2], k % kernel[2], 2, stride, dilation, pad);
                if (z >= 0 && z < in[0] && y >= 0 && y < in[1] && x >= 0 && x < in[2]) {
                    visitor.visit(o, k, o / outArea * inArea + (z * in[1] + y) * in[2] + x);
                }
            }
        }
    }

    private static int at(int out, int k, int d, int[] stride, int[] dilation, int[] pad) {
        return out * stride[d] - pad[d] + k * dilation[d];
    }
}
