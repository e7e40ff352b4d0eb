package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;

/** Convolutions. */
final class ConvSamples {
    private ConvSamples() {}

    private static long[] l(long... values) {
        return values;
    }

    static void addTo(SampleTable t) {
        core(t);
        composites(t);
        transposed(t);
        errors(t);
    }

    private static void core(SampleTable t) {
        long[] one = l(1, 1);
        long[] zero = l(0, 0);
        t.op("aten.convolution")
                .slack(4)
                .sample(
                        "3x3",
                        f32(2, 3, 7, 9),
                        f32(5, 3, 3, 3),
                        f32(5),
                        one,
                        one,
                        one,
                        false,
                        zero,
                        1)
                .sample(
                        "no bias",
                        f32(1, 3, 7, 7),
                        f32(4, 3, 3, 3),
                        null,
                        one,
                        zero,
                        one,
                        false,
                        zero,
                        1)
                .sample(
                        "1x1",
                        f32(2, 7, 5, 3),
                        f32(13, 7, 1, 1),
                        f32(13),
                        one,
                        zero,
                        one,
                        false,
                        zero,
                        1)
                .sample(
                        "stem",
                        f32(1, 3, 33, 33),
                        f32(16, 3, 7, 7),
                        null,
                        l(2, 2),
                        l(3, 3),
                        one,
                        false,
                        zero,
                        1)
                .sample(
                        "uneven",
                        f32(1, 2, 13, 8),
                        f32(3, 2, 5, 2),
                        f32(3),
                        l(3, 2),
                        l(2, 1),
                        l(2, 1),
                        false,
                        zero,
                        1)
                .sample(
                        "depthwise",
                        f32(2, 8, 9, 9),
                        f32(8, 1, 3, 3),
                        f32(8),
                        l(2, 2),
                        one,
                        one,
                        false,
                        zero,
                        8)
                .sample(
                        "depthwise, two per channel",
                        f32(1, 4, 6, 6),
                        f32(8, 1, 3, 3),
                        null,
                        one,
                        one,
                        one,
                        false,
                        zero,
                        4)
                .sample(
                        "groups",
                        f32(2, 6, 7, 7),
                        f32(9, 2, 3, 3),
                        f32(9),
                        one,
                        one,
                        one,
                        false,
                        zero,
                        3)
                .sample(
                        "dilated",
                        f32(1, 2, 11, 11),
                        f32(3, 2, 3, 3),
                        null,
                        one,
                        l(2, 2),
                        l(2, 2),
                        false,
                        zero,
                        1)
                .sample(
                        "whole input",
                        f32(2, 3, 4, 4),
                        f32(5, 3, 4, 4),
                        f32(5),
                        one,
                        zero,
                        one,
                        false,
                        zero,
                        1)
                .sample(
                        "no images",
                        f32(0, 3, 7, 7),
                        f32(5, 3, 3, 3),
                        f32(5),
                        one,
                        one,
                        one,
                        false,
                        zero,
                        1)
                .sample("1d", f32(2, 3, 17), f32(4, 3, 3), f32(4), l(2), l(1), l(1), false, l(0), 1)
                .sample(
                        "3d",
                        f32(1, 2, 5, 6, 7),
                        f32(3, 2, 3, 2, 3),
                        f32(3),
                        l(1, 2, 1),
                        l(1, 0, 1),
                        l(1, 1, 2),
                        false,
                        l(0, 0, 0),
                        1)
                .sample(
                        "transposed in memory",
                        f32(2, 3, 7, 9).transposed(),
                        f32(5, 3, 3, 3).transposed(),
                        f32(5),
                        one,
                        one,
                        one,
                        false,
                        zero,
                        1)
                .sample(
                        "one stride for all",
                        f32(2, 3, 7, 9),
                        f32(5, 3, 3, 3),
                        null,
                        l(2),
                        l(1),
                        l(1),
                        false,
                        l(0),
                        1)
                .sample(
                        "f64",
                        f64(1, 2, 5, 5),
                        f64(3, 2, 3, 3),
                        f64(3),
                        one,
                        one,
                        one,
                        false,
                        zero,
                        1)
                .sample(
                        "bf16",
                        bf16(1, 2, 5, 5),
                        bf16(3, 2, 3, 3),
                        bf16(3),
                        one,
                        one,
                        one,
                        false,
                        zero,
                        1)
                .sample(
                        "transposed",
                        f32(2, 4, 5, 6),
                        f32(4, 3, 3, 3),
                        f32(3),
                        l(2, 2),
                        one,
                        one,
                        true,
                        one,
                        1)
                .sample(
                        "transposed, groups",
                        f32(1, 4, 5, 5),
                        f32(4, 3, 2, 2),
                        f32(6),
                        l(2, 2),
                        zero,
                        one,
                        true,
                        zero,
                        2)
                .sample(
                        "transposed, dilated",
                        f32(1, 2, 4, 5),
                        f32(2, 3, 3, 2),
                        null,
                        l(2, 1),
                        l(1, 0),
                        l(2, 3),
                        true,
                        l(1, 2),
                        1)
                .sample(
                        "transposed 1d",
                        f32(2, 3, 7),
                        f32(3, 4, 4),
                        f32(4),
                        l(3),
                        l(1),
                        l(1),
                        true,
                        l(2),
                        1)
                .sample(
                        "transposed 3d",
                        f32(1, 2, 3, 4, 3),
                        f32(2, 3, 2, 3, 2),
                        null,
                        l(2, 1, 2),
                        l(0, 1, 0),
                        l(1, 1, 1),
                        true,
                        l(1, 0, 1),
                        1);
    }

    private static void composites(SampleTable t) {
        t.op("aten.conv1d")
                .slack(4)
                .sample("defaults", f32(2, 3, 9), f32(4, 3, 3))
                .sample("all", f32(2, 4, 13), f32(6, 2, 3), f32(6), l(2), l(2), l(2), 2)
                .sample("no batch", f32(3, 9), f32(4, 3, 3), f32(4));
        t.op("aten.conv2d")
                .slack(4)
                .sample("defaults", f32(2, 3, 7, 7), f32(4, 3, 3, 3))
                .sample(
                        "all",
                        f32(2, 4, 9, 8),
                        f32(6, 2, 3, 3),
                        f32(6),
                        l(2, 1),
                        l(1, 2),
                        l(1, 2),
                        2)
                .sample("no batch", f32(3, 7, 7), f32(4, 3, 3, 3), f32(4), l(2), l(1))
                .sample("bf16", bf16(1, 2, 5, 5), bf16(3, 2, 3, 3));
        t.op("aten.conv3d")
                .slack(4)
                .sample("defaults", f32(1, 2, 4, 5, 6), f32(3, 2, 2, 3, 2))
                .sample("no batch", f32(2, 4, 5, 6), f32(3, 2, 2, 3, 2), f32(3), l(2), l(1));
        for (String op :
                new String[] {
                    "aten.conv1d.padding", "aten.conv2d.padding", "aten.conv3d.padding"
                }) {
            long[] tail = op.contains("1d") ? l(9) : op.contains("2d") ? l(9, 7) : l(5, 6, 7);
            long[] kernel = op.contains("1d") ? l(4) : op.contains("2d") ? l(3, 4) : l(3, 2, 1);
            t.op(op)
                    .slack(4)
                    .sample(
                            "valid",
                            f32(join(l(2, 3), tail)),
                            f32(join(l(4, 3), kernel)),
                            f32(4),
                            l(2),
                            "valid")
                    .sample(
                            "same",
                            f32(join(l(2, 3), tail)),
                            f32(join(l(4, 3), kernel)),
                            null,
                            l(1),
                            "same")
                    .sample(
                            "same, dilated",
                            f32(join(l(1, 4), tail)),
                            f32(join(l(4, 2), kernel)),
                            null,
                            l(1),
                            "same",
                            l(2),
                            2)
                    .sample(
                            "same, no batch",
                            f32(join(l(3), tail)),
                            f32(join(l(4, 3), kernel)),
                            null,
                            l(1),
                            "same");
        }
    }

    private static void transposed(SampleTable t) {
        t.op("aten.conv_transpose1d")
                .slack(4)
                .sample("defaults", f32(2, 3, 5), f32(3, 4, 3))
                .sample("all", f32(2, 4, 5), f32(4, 3, 3), f32(6), l(2), l(1), l(1), 2, l(2))
                .sample("no batch", f32(3, 5), f32(3, 4, 3), f32(4));
        t.op("aten.conv_transpose2d.input")
                .slack(4)
                .sample("defaults", f32(2, 3, 5, 4), f32(3, 4, 3, 3))
                .sample(
                        "all",
                        f32(2, 4, 5, 4),
                        f32(4, 3, 3, 3),
                        f32(6),
                        l(2, 3),
                        l(1, 0),
                        l(1, 2),
                        2,
                        l(2, 1))
                .sample("no batch", f32(3, 5, 4), f32(3, 4, 3, 3), f32(4), l(2));
        t.op("aten.conv_transpose3d.input")
                .slack(4)
                .sample("defaults", f32(1, 2, 3, 4, 3), f32(2, 3, 2, 2, 2))
                .sample("no batch", f32(2, 3, 4, 3), f32(2, 3, 2, 2, 2), null, l(2), l(1));
    }

    private static void errors(SampleTable t) {
        long[] one = l(1, 1);
        long[] zero = l(0, 0);
        t.op("aten.convolution")
                .error(
                        "expects an input of 3 channels, got [2, 4, 7, 7]",
                        f32(2, 4, 7, 7),
                        f32(5, 3, 3, 3),
                        null,
                        one,
                        zero,
                        one,
                        false,
                        zero,
                        1)
                .error(
                        "larger than the padded input",
                        f32(2, 3, 2, 7),
                        f32(5, 3, 3, 3),
                        null,
                        one,
                        zero,
                        one,
                        false,
                        zero,
                        1)
                .error(
                        "'bias' must have sizes [5]",
                        f32(2, 3, 7, 7),
                        f32(5, 3, 3, 3),
                        f32(4),
                        one,
                        zero,
                        one,
                        false,
                        zero,
                        1)
                .error(
                        "divisible by groups=2",
                        f32(2, 6, 7, 7),
                        f32(5, 3, 3, 3),
                        null,
                        one,
                        zero,
                        one,
                        false,
                        zero,
                        2)
                .error(
                        "'stride' must be at least 1",
                        f32(2, 3, 7, 7),
                        f32(5, 3, 3, 3),
                        null,
                        zero,
                        zero,
                        one,
                        false,
                        zero,
                        1)
                .error(
                        "'padding' must be at least 0",
                        f32(2, 3, 7, 7),
                        f32(5, 3, 3, 3),
                        null,
                        one,
                        l(-1, 0),
                        one,
                        false,
                        zero,
                        1)
                .error(
                        "must have one dtype",
                        f32(2, 3, 7, 7),
                        f64(5, 3, 3, 3),
                        null,
                        one,
                        zero,
                        one,
                        false,
                        zero,
                        1)
                .error(
                        "'input' must have 4 dimensions",
                        f32(2, 3, 7, 7, 7),
                        f32(5, 3, 3, 3),
                        null,
                        one,
                        zero,
                        one,
                        false,
                        zero,
                        1)
                .error(
                        "output padding (2) must be smaller",
                        f32(2, 4, 5, 6),
                        f32(4, 3, 3, 3),
                        null,
                        l(2, 2),
                        one,
                        one,
                        true,
                        l(2, 2),
                        1);
        t.op("aten.conv2d.padding")
                .error(
                        "padding 'same' needs stride 1",
                        f32(2, 3, 7, 7),
                        f32(5, 3, 3, 3),
                        null,
                        2,
                        "same")
                .error(
                        "padding must be 'valid' or 'same'",
                        f32(2, 3, 7, 7),
                        f32(5, 3, 3, 3),
                        null,
                        1,
                        "full");
        t.op("aten.conv1d")
                .error("'stride' must have 1 values", f32(2, 3, 7), f32(5, 3, 3), null, l(1, 1));
    }

    private static long[] join(long[] a, long[] b) {
        long[] out = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, out, a.length, b.length);
        return out;
    }
}
