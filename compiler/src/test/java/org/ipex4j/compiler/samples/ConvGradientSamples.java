package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f32;

/** The derivatives of convolutions. */
final class ConvGradientSamples {
    private static final String OURS =
            "an op of our own; aten.convolution_backward, made of it, is compared with libtorch";

    private ConvGradientSamples() {}

    private static long[] l(long... values) {
        return values;
    }

    static void addTo(SampleTable t) {
        data(t.op("ipex.convolution_backward_data").slack(4).withoutOracle(OURS));
        weights(t.op("ipex.convolution_backward_weights").slack(8).withoutOracle(OURS));
    }

    private static void data(SampleTable.Entry e) {
        e.sample(
                        "3x3",
                        f32(2, 5, 7, 9),
                        f32(5, 3, 3, 3),
                        l(2, 3, 7, 9),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        1)
                .sample(
                        "blocks",
                        f32(2, 32, 5, 5),
                        f32(32, 16, 3, 3),
                        l(2, 16, 9, 9),
                        l(2, 2),
                        l(1, 1),
                        l(1, 1),
                        1)
                .sample(
                        "1x1 stride 2, last row unread",
                        f32(1, 16, 4, 3),
                        f32(16, 32, 1, 1),
                        l(1, 32, 8, 6),
                        l(2, 2),
                        l(0, 0),
                        l(1, 1),
                        1)
                .sample(
                        "groups",
                        f32(2, 6, 5, 5),
                        f32(6, 2, 3, 3),
                        l(2, 4, 5, 5),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        2)
                .sample(
                        "depthwise",
                        f32(1, 16, 7, 7),
                        f32(16, 1, 3, 3),
                        l(1, 16, 7, 7),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        16)
                .sample(
                        "dilated",
                        f32(1, 4, 3, 3),
                        f32(4, 3, 3, 3),
                        l(1, 3, 7, 7),
                        l(1, 1),
                        l(0, 0),
                        l(2, 2),
                        1)
                .sample("1d", f32(2, 5, 6), f32(5, 3, 2), l(2, 3, 13), l(2), l(0), l(1), 1)
                .sample(
                        "3d",
                        f32(1, 2, 2, 3, 3),
                        f32(2, 3, 2, 2, 2),
                        l(1, 3, 3, 4, 4),
                        l(1, 1, 1),
                        l(0, 0, 0),
                        l(1, 1, 1),
                        1)
                .sample(
                        "no images",
                        f32(0, 5, 7, 9),
                        f32(5, 3, 3, 3),
                        l(0, 3, 7, 9),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        1)
                .sample(
                        "no filters",
                        f32(2, 0, 7, 9),
                        f32(0, 3, 3, 3),
                        l(2, 3, 7, 9),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        1)
                .sample(
                        "bf16",
                        bf16(1, 4, 5, 5),
                        bf16(4, 3, 3, 3),
                        l(1, 3, 5, 5),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        1);
        e.error(
                "grad_output has [2, 5, 7, 8]",
                f32(2, 5, 7, 8),
                f32(5, 3, 3, 3),
                l(2, 3, 7, 9),
                l(1, 1),
                l(1, 1),
                l(1, 1),
                1);
        e.error(
                "does not fit an input",
                f32(2, 5, 7, 9),
                f32(5, 3, 3, 3),
                l(2, 4, 7, 9),
                l(1, 1),
                l(1, 1),
                l(1, 1),
                1);
        e.error(
                "one dtype",
                f32(2, 5, 7, 9),
                bf16(5, 3, 3, 3),
                l(2, 3, 7, 9),
                l(1, 1),
                l(1, 1),
                l(1, 1),
                1);
        e.error(
                "2 values each",
                f32(2, 5, 7, 9),
                f32(5, 3, 3, 3),
                l(2, 3, 7, 9),
                l(1),
                l(1, 1),
                l(1, 1),
                1);
    }

    private static void weights(SampleTable.Entry e) {
        e.sample(
                        "3x3",
                        f32(2, 5, 7, 9),
                        f32(2, 3, 7, 9),
                        l(5, 3, 3, 3),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        1)
                .sample(
                        "blocks",
                        f32(2, 32, 5, 5),
                        f32(2, 16, 9, 9),
                        l(32, 16, 3, 3),
                        l(2, 2),
                        l(1, 1),
                        l(1, 1),
                        1)
                .sample(
                        "1x1 stride 2",
                        f32(1, 16, 4, 3),
                        f32(1, 32, 8, 6),
                        l(16, 32, 1, 1),
                        l(2, 2),
                        l(0, 0),
                        l(1, 1),
                        1)
                .sample(
                        "image",
                        f32(2, 16, 4, 4),
                        f32(2, 3, 8, 8),
                        l(16, 3, 3, 3),
                        l(2, 2),
                        l(1, 1),
                        l(1, 1),
                        1)
                .sample(
                        "groups",
                        f32(2, 6, 5, 5),
                        f32(2, 4, 5, 5),
                        l(6, 2, 3, 3),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        2)
                .sample(
                        "depthwise",
                        f32(1, 16, 7, 7),
                        f32(1, 16, 7, 7),
                        l(16, 1, 3, 3),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        16)
                .sample(
                        "dilated",
                        f32(1, 4, 3, 3),
                        f32(1, 3, 7, 7),
                        l(4, 3, 3, 3),
                        l(1, 1),
                        l(0, 0),
                        l(2, 2),
                        1)
                .sample("1d", f32(2, 5, 6), f32(2, 3, 13), l(5, 3, 2), l(2), l(0), l(1), 1)
                .sample(
                        "3d",
                        f32(1, 2, 2, 3, 3),
                        f32(1, 3, 3, 4, 4),
                        l(2, 3, 2, 2, 2),
                        l(1, 1, 1),
                        l(0, 0, 0),
                        l(1, 1, 1),
                        1)
                .sample(
                        "no images",
                        f32(0, 5, 7, 9),
                        f32(0, 3, 7, 9),
                        l(5, 3, 3, 3),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        1)
                .sample(
                        "bf16",
                        bf16(1, 4, 5, 5),
                        bf16(1, 3, 5, 5),
                        l(4, 3, 3, 3),
                        l(1, 1),
                        l(1, 1),
                        l(1, 1),
                        1);
        e.error(
                "grad_output has [2, 5, 7, 8]",
                f32(2, 5, 7, 8),
                f32(2, 3, 7, 9),
                l(5, 3, 3, 3),
                l(1, 1),
                l(1, 1),
                l(1, 1),
                1);
        e.error(
                "as many dimensions",
                f32(2, 5, 7),
                f32(2, 3, 7, 9),
                l(5, 3, 3, 3),
                l(1, 1),
                l(1, 1),
                l(1, 1),
                1);
    }
}
