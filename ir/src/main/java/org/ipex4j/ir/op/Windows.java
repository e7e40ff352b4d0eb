package org.ipex4j.ir.op;

import java.util.Arrays;

/** Sizes of what slides a window over an image: convolutions and pools. */
final class Windows {
    private Windows() {}

    /** Output size of a convolution along one spatial dimension. */
    static long convolved(long size, long kernel, long stride, long padding, long dilation) {
        long reach = dilation * (kernel - 1) + 1;
        long padded = size + 2 * padding;
        Check.that(
                padded >= reach,
                "the kernel (%s, dilated %s) is larger than the padded input (%s)",
                kernel,
                reach,
                padded);
        return (padded - reach) / stride + 1;
    }

    /** Output size of a transposed convolution along one spatial dimension. */
    static long transposed(
            long size, long kernel, long stride, long padding, long dilation, long outputPadding) {
        Check.that(
                outputPadding < stride || outputPadding < dilation,
                "output padding (%s) must be smaller than the stride (%s) or the dilation (%s)",
                outputPadding,
                stride,
                dilation);
        long out = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1;
        Check.that(out >= 0, "the output would have size %s", out);
        return out;
    }

    /**
     * Output size of a pool along one spatial dimension; with {@code ceil}, a window may hang over
     * the end.
     */
    static long pooled(
            long size, long kernel, long stride, long padding, long dilation, boolean ceil) {
        long span = size + 2 * padding - dilation * (kernel - 1) - 1;
        long out = Math.floorDiv(ceil ? span + stride - 1 : span, stride) + 1;
        // A window that starts in the right padding would see nothing of the input.
        if (ceil && (out - 1) * stride >= size + padding) {
            out--;
        }
        Check.that(
                out >= 1,
                "the pooling window (%s, dilated %s) is larger than the padded input (%s)",
                kernel,
                dilation * (kernel - 1) + 1,
                size + 2 * padding);
        return out;
    }

    /** The strides of a pool: those given, or the window's sizes if none are. */
    static long[] poolStride(long[] stride, long[] kernel) {
        return stride.length == 0 ? kernel : Check.spread("stride", stride, kernel.length);
    }

    /** Demands padding of at most half the window, as ATen does. */
    static void checkPoolPadding(long[] padding, long[] kernel) {
        for (int i = 0; i < kernel.length; i++) {
            Check.that(
                    padding[i] >= 0 && padding[i] <= kernel[i] / 2,
                    "padding must be at most half the window: window %s, padding %s",
                    Arrays.toString(kernel),
                    Arrays.toString(padding));
        }
    }
}
