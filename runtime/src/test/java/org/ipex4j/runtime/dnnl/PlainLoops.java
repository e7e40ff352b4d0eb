package org.ipex4j.runtime.dnnl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;

/**
 * Floats in row-major order and in any layout, and the plain loops that primitives are compared
 * with.
 */
public final class PlainLoops {
    private PlainLoops() {}

    public static float[] random(Sizes sizes, long seed) {
        Random r = new Random(seed);
        float[] out = new float[(int) sizes.numel()];
        for (int i = 0; i < out.length; i++) {
            out[i] = r.nextInt(-8, 9) / 8f;
        }
        return out;
    }

    /** The element's place in a buffer. */
    public static long offset(Layout layout, long[] index) {
        long[] outer = index.clone();
        long inner = 0;
        long step = 1;
        for (int i = layout.innerBlocks().length - 1; i >= 0; i--) {
            int d = layout.innerDims()[i];
            int b = layout.innerBlocks()[i];
            inner += outer[d] % b * step;
            outer[d] /= b;
            step *= b;
        }
        for (int d = 0; d < outer.length; d++) {
            inner += outer[d] * layout.strides()[d];
        }
        return inner;
    }

    private static long[] index(Sizes sizes, long flat) {
        long[] out = new long[sizes.rank()];
        for (int d = out.length - 1; d >= 0; d--) {
            out[d] = flat % sizes.get(d);
            flat /= sizes.get(d);
        }
        return out;
    }

    /** Fills a buffer; block padding becomes zero. */
    public static MemorySegment pack(Arena arena, BufferType type, float[] values) {
        MemorySegment s = arena.allocate(Math.max(64, type.byteSize()), 64);
        for (int i = 0; i < values.length; i++) {
            s.setAtIndex(
                    ValueLayout.JAVA_FLOAT,
                    offset(type.layout(), index(type.sizes(), i)),
                    values[i]);
        }
        return s;
    }

    public static float[] unpack(BufferType type, MemorySegment s) {
        float[] out = new float[(int) type.sizes().numel()];
        for (int i = 0; i < out.length; i++) {
            out[i] =
                    s.getAtIndex(
                            ValueLayout.JAVA_FLOAT, offset(type.layout(), index(type.sizes(), i)));
        }
        return out;
    }

    /** [n, ic, h, w] with [oc, ic/g, kh, kw] (oc over all groups), accumulated in double. */
    public static float[] convolution(
            float[] x,
            Sizes xs,
            float[] w,
            Sizes ws,
            float[] bias,
            Sizes ys,
            long[] stride,
            long[] dilation,
            long[] pad,
            int groups) {
        float[] y = new float[(int) ys.numel()];
        long icg = xs.get(1) / groups;
        long ocg = ys.get(1) / groups;
        for (int i = 0; i < y.length; i++) {
            long[] at = index(ys, i);
            double sum = bias == null ? 0 : bias[(int) at[1]];
            for (long c = 0; c < icg; c++) {
                for (long kh = 0; kh < ws.get(-2); kh++) {
                    for (long kw = 0; kw < ws.get(-1); kw++) {
                        long h = at[2] * stride[0] - pad[0] + kh * dilation[0];
                        long v = at[3] * stride[1] - pad[1] + kw * dilation[1];
                        if (h >= 0 && v >= 0 && h < xs.get(2) && v < xs.get(3)) {
                            long ic = at[1] / ocg * icg + c;
                            sum +=
                                    (double)
                                                    x[
                                                            (int)
                                                                    (((at[0] * xs.get(1) + ic)
                                                                                                    * xs
                                                                                                            .get(
                                                                                                                    2)
                                                                                            + h)
                                                                                    * xs.get(3)
                                                                            + v)]
                                            * w[
                                                    (int)
                                                            (((at[1] * icg + c) * ws.get(-2) + kh)
                                                                            * ws.get(-1)
                                                                    + kw)];
                        }
                    }
                }
            }
            y[i] = (float) sum;
        }
        return y;
    }

    /**
     * Scatters instead of gathering: the transpose of {@link #convolution}; w is [oc, ic, kh, kw].
     */
    public static float[] deconvolution(
            float[] x, Sizes xs, float[] w, Sizes ws, Sizes ys, long[] stride, long[] pad) {
        double[] y = new double[(int) ys.numel()];
        for (int i = 0; i < x.length; i++) {
            long[] at = index(xs, i);
            for (long o = 0; o < ys.get(1); o++) {
                for (long kh = 0; kh < ws.get(2); kh++) {
                    for (long kw = 0; kw < ws.get(3); kw++) {
                        long h = at[2] * stride[0] - pad[0] + kh;
                        long v = at[3] * stride[1] - pad[1] + kw;
                        if (h >= 0 && v >= 0 && h < ys.get(2) && v < ys.get(3)) {
                            y[(int) (((at[0] * ys.get(1) + o) * ys.get(2) + h) * ys.get(3) + v)] +=
                                    (double) x[i]
                                            * w[
                                                    (int)
                                                            (((o * xs.get(1) + at[1]) * ws.get(2)
                                                                                    + kh)
                                                                            * ws.get(3)
                                                                    + kw)];
                        }
                    }
                }
            }
        }
        float[] out = new float[y.length];
        for (int i = 0; i < y.length; i++) {
            out[i] = (float) y[i];
        }
        return out;
    }

    public static float[] pooling(
            String algorithm,
            float[] x,
            Sizes xs,
            Sizes ys,
            long[] kernel,
            long[] stride,
            long[] pad) {
        float[] y = new float[(int) ys.numel()];
        for (int i = 0; i < y.length; i++) {
            long[] at = index(ys, i);
            double sum = 0;
            double max = Double.NEGATIVE_INFINITY;
            int count = 0;
            for (long kh = 0; kh < kernel[0]; kh++) {
                for (long kw = 0; kw < kernel[1]; kw++) {
                    long h = at[2] * stride[0] - pad[0] + kh;
                    long v = at[3] * stride[1] - pad[1] + kw;
                    if (h >= 0 && v >= 0 && h < xs.get(2) && v < xs.get(3)) {
                        float e =
                                x[
                                        (int)
                                                (((at[0] * xs.get(1) + at[1]) * xs.get(2) + h)
                                                                * xs.get(3)
                                                        + v)];
                        sum += e;
                        max = Math.max(max, e);
                        count++;
                    }
                }
            }
            y[i] =
                    (float)
                            switch (algorithm) {
                                case "max" -> max;
                                case "avg_include_padding" -> sum / (kernel[0] * kernel[1]);
                                default -> sum / count;
                            };
        }
        return y;
    }

    /** [b, m, k] x [b or 1, k, n]. */
    public static float[] matmul(float[] a, Sizes as, float[] b, Sizes bs, float[] bias, Sizes ys) {
        float[] y = new float[(int) ys.numel()];
        long m = ys.get(-2);
        long n = ys.get(-1);
        long k = as.get(-1);
        for (int i = 0; i < y.length; i++) {
            long col = i % n;
            long row = i / n % m;
            long batch = i / (m * n);
            long wb = bs.numel() == k * n ? 0 : batch;
            double sum = bias == null ? 0 : bias[(int) col];
            for (long j = 0; j < k; j++) {
                sum +=
                        (double) a[(int) ((batch * m + row) * k + j)]
                                * b[(int) ((wb * k + j) * n + col)];
            }
            y[i] = (float) sum;
        }
        return y;
    }
}
