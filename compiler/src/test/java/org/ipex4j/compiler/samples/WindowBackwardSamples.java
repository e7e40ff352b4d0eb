package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.BackwardSamples.ALL;
import static org.ipex4j.compiler.samples.BackwardSamples.UNCHECKED;
import static org.ipex4j.compiler.samples.BackwardSamples.UNDEFINED;
import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i64;

import java.util.List;
import java.util.Random;

/** Samples of the derivatives of convolutions and pools. */
final class WindowBackwardSamples {
    private WindowBackwardSamples() {}

    static void addTo(SampleTable t) {
        convolution(t);
        pools(t);
    }

    private static void convolution(SampleTable t) {
        SampleTable.Entry e = t.op("aten.convolution_backward").slack(8);
        long[] one = {1, 1};
        long[] zero = {0, 0};
        long[] two = {2, 2};
        e.sample(
                "3x3",
                f32(2, 5, 7, 9),
                f32(2, 3, 7, 9),
                f32(5, 3, 3, 3),
                new long[] {5},
                one,
                one,
                one,
                false,
                zero,
                1,
                ALL);
        e.sample(
                "strided",
                f32(2, 4, 4, 5),
                f32(2, 3, 8, 9),
                f32(4, 3, 3, 3),
                new long[] {4},
                two,
                one,
                one,
                false,
                zero,
                1,
                ALL);
        e.sample(
                "dilated",
                f32(1, 2, 5, 5),
                f32(1, 3, 9, 9),
                f32(2, 3, 3, 3),
                new long[] {2},
                one,
                zero,
                two,
                false,
                zero,
                1,
                ALL);
        e.sample(
                "1x1",
                f32(2, 7, 5, 5),
                f32(2, 13, 5, 5),
                f32(7, 13, 1, 1),
                new long[] {7},
                one,
                zero,
                one,
                false,
                zero,
                1,
                ALL);
        e.sample(
                "grouped",
                f32(2, 6, 5, 5),
                f32(2, 4, 5, 5),
                f32(6, 2, 3, 3),
                new long[] {6},
                one,
                one,
                one,
                false,
                zero,
                2,
                ALL);
        e.sample(
                "depthwise",
                f32(2, 4, 3, 3),
                f32(2, 4, 5, 5),
                f32(4, 1, 3, 3),
                new long[] {4},
                two,
                one,
                one,
                false,
                zero,
                4,
                ALL);
        e.sample(
                "transposed",
                f32(2, 3, 9, 9),
                f32(2, 4, 5, 5),
                f32(4, 3, 3, 3),
                new long[] {3},
                two,
                one,
                one,
                true,
                zero,
                1,
                ALL);
        e.sample(
                "1d",
                f32(2, 5, 13),
                f32(2, 3, 13),
                f32(5, 3, 3),
                new long[] {5},
                new long[] {1},
                new long[] {1},
                new long[] {1},
                false,
                new long[] {0},
                1,
                ALL);
        e.sample(
                "3d",
                f32(1, 2, 3, 4, 5),
                f32(1, 3, 3, 4, 5),
                f32(2, 3, 3, 3, 3),
                new long[] {2},
                new long[] {1, 1, 1},
                new long[] {1, 1, 1},
                new long[] {1, 1, 1},
                false,
                new long[] {0, 0, 0},
                1,
                ALL);
        e.sample(
                "f64",
                f64(1, 2, 4, 4),
                f64(1, 3, 4, 4),
                f64(2, 3, 3, 3),
                new long[] {2},
                one,
                one,
                one,
                false,
                zero,
                1,
                ALL);
        e.withoutOracle(UNDEFINED)
                .sample(
                        "weight alone",
                        f32(2, 5, 7, 9),
                        f32(2, 3, 7, 9),
                        f32(5, 3, 3, 3),
                        null,
                        one,
                        one,
                        one,
                        false,
                        zero,
                        1,
                        List.of(false, true, false));
        e.error(
                "'grad_output' must be [2, 5, 7, 9]",
                f32(2, 5, 7, 8),
                f32(2, 3, 7, 9),
                f32(5, 3, 3, 3),
                null,
                one,
                one,
                one,
                false,
                zero,
                1,
                ALL);
    }

    /** Positions of elements inside the windows of a max pool over one image of these sizes. */
    private static Draw picks(
            long[] sizes, long[] in, long[] kernel, long[] stride, long[] padding, long dilation) {
        int n = in.length;
        Random random = new Random(7);
        long count = 1;
        for (long s : sizes) {
            count *= s;
        }
        long[] out = new long[(int) count];
        for (int i = 0; i < out.length; i++) {
            long rest = i;
            long position = 0;
            long[] at = new long[n];
            for (int d = n - 1; d >= 0; d--) {
                long size = sizes[sizes.length - n + d];
                at[d] = rest % size;
                rest /= size;
            }
            for (int d = 0; d < n; d++) {
                long element;
                do {
                    element =
                            at[d] * stride[d]
                                    - padding[d]
                                    + random.nextInt((int) kernel[d]) * dilation;
                } while (element < 0 || element >= in[d]);
                position = position * in[d] + element;
            }
            out[i] = position;
        }
        return i64(sizes).values(out);
    }

    private static void maxPool(
            SampleTable t,
            String label,
            long[] lead,
            long[] in,
            long[] out,
            long[] kernel,
            long[] stride,
            long[] padding,
            long dilation) {
        int n = in.length;
        long[] results = joined(lead, out);
        long[] spread = new long[n];
        java.util.Arrays.fill(spread, dilation);
        t.op("aten.max_pool" + n + "d_with_indices_backward")
                .slack(2)
                .sample(
                        label,
                        f32(results),
                        f32(joined(lead, in)),
                        kernel,
                        stride,
                        padding,
                        spread,
                        false,
                        picks(results, in, kernel, stride, padding, dilation));
    }

    private static long[] joined(long[] a, long[] b) {
        long[] out = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, out, a.length, b.length);
        return out;
    }

    private static void pools(SampleTable t) {
        long[] two = {2, 2};
        long[] three = {3, 3};
        long[] one = {1, 1};
        long[] zero = {0, 0};
        maxPool(
                t,
                "resnet",
                new long[] {2, 3},
                new long[] {13, 15},
                new long[] {7, 8},
                three,
                two,
                one,
                1);
        maxPool(
                t,
                "halves",
                new long[] {2, 3},
                new long[] {8, 9},
                new long[] {4, 4},
                two,
                two,
                zero,
                1);
        maxPool(
                t,
                "overlapping",
                new long[] {1, 2},
                new long[] {7, 9},
                new long[] {7, 9},
                three,
                one,
                one,
                1);
        maxPool(
                t,
                "dilated",
                new long[] {1, 2},
                new long[] {9, 9},
                new long[] {5, 5},
                three,
                one,
                zero,
                2);
        maxPool(
                t,
                "unbatched",
                new long[] {3},
                new long[] {7, 7},
                new long[] {3, 3},
                three,
                two,
                zero,
                1);
        long[] cube = {2, 2, 2};
        maxPool(
                t,
                "cube",
                new long[] {1, 2},
                new long[] {5, 6, 7},
                new long[] {2, 3, 3},
                cube,
                cube,
                new long[] {0, 0, 0},
                1);
        t.op("aten.max_pool2d_with_indices_backward")
                .error(
                        "'grad_output' must be [1, 1, 2, 2]",
                        f32(1, 1, 3, 3),
                        f32(1, 1, 4, 4),
                        two,
                        two,
                        zero,
                        one,
                        false,
                        i64(1, 1, 2, 2));
        t.op("aten.max_pool3d_with_indices_backward")
                .error(
                        "'indices' must be [1, 1, 1, 1, 1]",
                        f32(1, 1, 1, 1, 1),
                        f32(1, 1, 2, 2, 2),
                        cube,
                        cube,
                        new long[] {0, 0, 0},
                        new long[] {1, 1, 1},
                        false,
                        i64(1, 1, 2, 2, 2));
        SampleTable.Entry e = t.op("aten.avg_pool2d_backward").slack(2);
        e.sample("halves", f32(2, 3, 4, 4), f32(2, 3, 8, 9), two, two, zero, false, true, null);
        e.sample(
                "overlapping",
                f32(2, 3, 7, 9),
                f32(2, 3, 7, 9),
                three,
                one,
                one,
                false,
                true,
                null);
        e.sample(
                "without padding",
                f32(2, 3, 4, 5),
                f32(2, 3, 7, 9),
                three,
                two,
                one,
                false,
                false,
                null);
        e.sample("ceil", f32(1, 2, 4, 5), f32(1, 2, 8, 9), two, two, zero, true, true, null);
        e.sample(
                "ceil overlapping",
                f32(1, 2, 4, 4),
                f32(1, 2, 8, 8),
                three,
                two,
                zero,
                true,
                true,
                null);
        e.sample("divisor", f32(1, 2, 3, 4), f32(1, 2, 7, 9), three, two, zero, false, true, 5);
        e.sample(
                "global",
                f32(2, 3, 1, 1),
                f32(2, 3, 7, 7),
                new long[] {7, 7},
                new long[] {7, 7},
                zero,
                false,
                true,
                null);
        e.sample("gaps", f32(1, 2, 3, 3), f32(1, 2, 8, 8), two, three, zero, false, true, null);
        e.sample("bf16", bf16(1, 2, 4, 4), bf16(1, 2, 8, 8), two, two, zero, false, true, null);
        e.error(
                "'grad_output' must be",
                f32(1, 1, 3, 3),
                f32(1, 1, 4, 4),
                two,
                two,
                zero,
                false,
                true,
                null);
        t.op("aten.avg_pool3d_backward")
                .slack(2)
                .sample(
                        "halves",
                        f32(1, 2, 2, 3, 4),
                        f32(1, 2, 4, 6, 8),
                        cube,
                        cube,
                        new long[] {0, 0, 0},
                        false,
                        true,
                        null)
                .sample(
                        "overlapping",
                        f32(1, 2, 3, 4, 5),
                        f32(1, 2, 3, 4, 5),
                        new long[] {3, 3, 3},
                        new long[] {1, 1, 1},
                        new long[] {1, 1, 1},
                        false,
                        false,
                        null)
                .error(
                        "'grad_output' must be",
                        f32(1, 1, 1, 1, 2),
                        f32(1, 1, 2, 2, 2),
                        cube,
                        cube,
                        new long[] {0, 0, 0},
                        false,
                        true,
                        null);
        t.op("aten._adaptive_avg_pool2d_backward")
                .slack(2)
                .sample("global", f32(2, 3, 1, 1), f32(2, 3, 7, 7))
                .sample("even", f32(2, 3, 2, 3), f32(2, 3, 8, 9))
                .sample("uneven", f32(2, 3, 3, 5), f32(2, 3, 7, 13))
                .sample("enlarging", f32(1, 2, 7, 5), f32(1, 2, 3, 4))
                .withoutOracle(UNCHECKED)
                .error("'grad_output'", f32(1, 2, 1, 1), f32(1, 3, 4, 4));
        t.op("aten._adaptive_avg_pool3d_backward")
                .slack(2)
                .sample("uneven", f32(1, 2, 2, 3, 5), f32(1, 2, 5, 7, 9))
                .withoutOracle(UNCHECKED)
                .error("'grad_output'", f32(1, 2, 1, 1, 1), f32(1, 3, 4, 4, 4));
    }
}
