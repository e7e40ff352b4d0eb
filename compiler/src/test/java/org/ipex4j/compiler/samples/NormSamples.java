package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i64;

import org.ipex4j.ir.DType;

/** Samples of softmax and normalisations. */
final class NormSamples {
    private NormSamples() {}

    static void addTo(SampleTable t) {
        for (String op :
                new String[] {"_softmax", "_log_softmax", "softmax.int", "log_softmax.int"}) {
            SampleTable.Entry e = t.op("aten." + op).slack(2);
            boolean composite = op.endsWith(".int");
            Object last = composite ? null : (Object) false;
            e.sample("last", f32(7, 13), -1, last);
            e.sample("first", f32(13, 7), 0, last);
            e.sample("middle", f32(3, 33, 5), 1, last);
            e.sample("attention", f32(2, 3, 7, 7), -1, last);
            e.sample("long", f32(3, 1000), 1, last);
            e.sample("large", f32(7, 13).within(-1000, 1000), 1, last);
            e.sample("one", f32(7, 1), 1, last);
            e.sample("scalar", f32(), 0, last);
            e.sample("scalar infinity", f32().values(Double.POSITIVE_INFINITY), 0, last);
            e.sample("scalar NaN", f32().values(Double.NaN), 0, last);
            e.sample("empty", f32(0, 7), 1, last);
            e.sample("minus infinity", f32(3).values(1, Double.NEGATIVE_INFINITY, 2), 0, last);
            e.sample(
                    "all minus infinity",
                    f32(2).values(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY),
                    0,
                    last);
            e.sample("transposed", f32(13, 7).transposed(), 1, last);
            e.sample("strided", f32(5, 33).strided(), 1, last);
            e.sample("f64", f64(7, 13), 1, last);
            e.sample("bf16", bf16(7, 13), 1, last);
            e.error("dimension out of range: expected -2 to 1, got 2", f32(2, 3), 2, last);
            e.error("is int64, expected a floating dtype", i64(3), 0, last);
            if (composite) {
                e.sample("dtype", i64(7, 13), 1, DType.FLOAT32);
                e.sample("bf16 to f32", bf16(7, 13), 1, DType.FLOAT32);
            } else {
                e.error("half_to_float is for accelerators", Draw.f16(3), 0, true);
            }
        }
        layerNorm(t);
        groupNorm(t);
        batchNorm(t);
    }

    private static void layerNorm(SampleTable t) {
        for (String op : new String[] {"native_layer_norm", "layer_norm"}) {
            SampleTable.Entry e = t.op("aten." + op).slack(8);
            e.sample("affine", f32(7, 13), new long[] {13}, f32(13), f32(13), 1e-5);
            e.sample("plain", f32(3, 7, 33), new long[] {33}, null, null, 1e-5);
            e.sample("weight only", f32(7, 13), new long[] {13}, f32(13), null, 1e-3);
            e.sample("two dimensions", f32(3, 7, 5), new long[] {7, 5}, f32(7, 5), f32(7, 5), 1e-5);
            e.sample("everything", f32(7, 5), new long[] {7, 5}, null, null, 1e-5);
            e.sample("long", f32(3, 768), new long[] {768}, f32(768), f32(768), 1e-12);
            e.sample("transposed", f32(13, 7).transposed(), new long[] {7}, f32(7), f32(7), 1e-5);
            e.sample("no rows", f32(0, 7), new long[] {7}, f32(7), f32(7), 1e-5);
            e.sample("f64", f64(7, 13), new long[] {13}, f64(13), f64(13), 1e-5);
            e.sample("bf16", bf16(7, 13), new long[] {13}, bf16(13), bf16(13), 1e-5);
            e.sample("bf16 with f32 weights", bf16(7, 13), new long[] {13}, f32(13), f32(13), 1e-5);
            e.error(
                    "input [7, 13] should end in normalized_shape [12]",
                    f32(7, 13),
                    new long[] {12},
                    null,
                    null,
                    1e-5);
            e.error(
                    "weight [7] should have sizes normalized_shape [13]",
                    f32(7, 13),
                    new long[] {13},
                    f32(7),
                    null,
                    1e-5);
            e.error(
                    "normalized_shape must not be empty",
                    f32(7, 13),
                    new long[0],
                    null,
                    null,
                    1e-5);
            e.error(
                    "the input is int64, expected a floating dtype",
                    i64(7, 13),
                    new long[] {13},
                    null,
                    null,
                    1e-5);
        }
        t.op("aten.rms_norm")
                .slack(8)
                .sample("weight", f32(7, 13), new long[] {13}, f32(13), 1e-5)
                .sample("plain", f32(3, 33), new long[] {33})
                .sample("two dimensions", f32(3, 7, 5), new long[] {7, 5}, null, 1e-6)
                .sample("bf16", bf16(7, 13), new long[] {13}, bf16(13), 1e-5)
                .sample("f64", f64(7, 13), new long[] {13})
                .sample("bf16, f32 weight", bf16(7, 13), new long[] {13}, f32(13), 1e-5)
                .sample("f32, bf16 weight", f32(7, 13), new long[] {13}, bf16(13), 1e-5)
                .sample("f32, f64 weight", f32(7, 13), new long[] {13}, f64(13), 1e-5)
                .sample("bf16, own eps", bf16(7, 13).within(-1e-3, 1e-3), new long[] {13})
                .error(
                        "input [7, 13] should end in normalized_shape [7]",
                        f32(7, 13),
                        new long[] {7});
    }

    private static void groupNorm(SampleTable t) {
        SampleTable.Entry n = t.op("aten.native_group_norm").slack(8);
        n.sample("affine", f32(2, 6, 5), f32(6), f32(6), 2, 6, 5, 3, 1e-5);
        n.sample("plain", f32(3, 4, 7, 5), null, null, 3, 4, 35, 2, 1e-5);
        n.sample("one group", f32(2, 6, 5), f32(6), f32(6), 2, 6, 5, 1, 1e-5);
        n.sample("bf16", bf16(2, 4, 7), bf16(4), bf16(4), 2, 4, 7, 2, 1e-5);
        n.error(
                "N * C * HxW = 2 * 6 * 7 does not fit input [2, 6, 5]",
                f32(2, 6, 5),
                null,
                null,
                2,
                6,
                7,
                3,
                1e-5);
        n.error(
                "the 6 channels of input [2, 6, 5] do not divide into 4 groups",
                f32(2, 6, 5),
                null,
                null,
                2,
                6,
                5,
                4,
                1e-5);
        SampleTable.Entry g = t.op("aten.group_norm").slack(8);
        g.sample("affine", f32(2, 6, 5), 3, f32(6), f32(6))
                .sample("images", f32(2, 4, 7, 5), 2)
                .sample("instance", f32(2, 3, 13), 3, f32(3), null, 1e-3)
                .sample("transposed", f32(2, 4, 7, 5).transposed(), 4, f32(4), f32(4))
                .sample("f64", f64(2, 4, 5), 2);
        g.error("the 6 channels of input [2, 6, 5] do not divide into 4 groups", f32(2, 6, 5), 4);
        g.error(
                "weight [5] should be [6], one per channel of input [2, 6, 5]",
                f32(2, 6, 5),
                3,
                f32(5));
        g.error("input should have a batch and a channel dimension, is [6]", f32(6), 3);
    }

    private static void batchNorm(SampleTable t) {
        Draw variance = f32(7).within(0.5, 2);
        SampleTable.Entry n = t.op("aten._native_batch_norm_legit_no_training").slack(4);
        n.sample("images", f32(2, 7, 5, 3), f32(7), f32(7), f32(7), variance, 0.1, 1e-5);
        n.sample("matrix", f32(13, 7), f32(7), f32(7), f32(7), variance, 0.1, 1e-3);
        n.sample("plain", f32(2, 7, 5), null, null, f32(7), variance, 0.1, 1e-5);
        n.sample("bf16", bf16(2, 7, 5), f32(7), f32(7), f32(7), variance, 0.1, 1e-5);
        n.withoutOracle("ATen does not look, and reads beyond the end")
                .error(
                        "running_var [6] should be [7], one per channel of input [2, 7, 5]",
                        f32(2, 7, 5),
                        null,
                        null,
                        f32(7),
                        f32(6),
                        0.1,
                        1e-5);
        for (String op : new String[] {"native_batch_norm", "batch_norm"}) {
            SampleTable.Entry e = t.op("aten." + op).slack(4);
            boolean composite = op.equals("batch_norm");
            batchNorm(
                    e,
                    composite,
                    "inference",
                    f32(2, 7, 5, 3),
                    f32(7),
                    f32(7),
                    f32(7),
                    variance,
                    false);
            batchNorm(
                    e,
                    composite,
                    "volumes",
                    f32(2, 7, 2, 3, 5),
                    f32(7),
                    f32(7),
                    f32(7),
                    variance,
                    false);
            batchNorm(e, composite, "no affine", f32(13, 7), null, null, f32(7), variance, false);
            batchNorm(
                    e,
                    composite,
                    "transposed",
                    f32(2, 7, 5).transposed(),
                    f32(7),
                    null,
                    f32(7),
                    variance,
                    false);
            batchNorm(
                    e.slack(16),
                    composite,
                    "batch statistics",
                    f32(13, 7, 5),
                    f32(7),
                    f32(7),
                    null,
                    null,
                    true);
            batchNorm(
                    e,
                    composite,
                    "f64",
                    f64(2, 7, 5),
                    f64(7),
                    f64(7),
                    f64(7),
                    f64(7).within(0.5, 2),
                    false);
        }
        t.op("aten.native_batch_norm")
                .error(
                        "input should have a batch and a channel dimension, is [7]",
                        f32(7),
                        null,
                        null,
                        f32(7),
                        f32(7),
                        false,
                        0.1,
                        1e-5)
                .error(
                        "the input is int64, expected a floating dtype",
                        i64(2, 7),
                        null,
                        null,
                        f32(7),
                        f32(7),
                        false,
                        0.1,
                        1e-5)
                .withoutOracle("ATen does not look, and crashes")
                .error(
                        "running_mean and running_var must be given when not training",
                        f32(2, 7),
                        null,
                        null,
                        null,
                        null,
                        false,
                        0.1,
                        1e-5)
                .withoutOracle("ATen writes to the running statistics here")
                .error(
                        "training with running statistics would write to them",
                        f32(2, 7),
                        null,
                        null,
                        f32(7),
                        f32(7),
                        true,
                        0.1,
                        1e-5);
        String rounding = "libtorch scales before it subtracts the mean, which costs more digits";
        t.op("aten.native_batch_norm")
                .slack(4)
                .withoutOracle(rounding)
                .sample(
                        "large mean",
                        f32(13, 7, 33).within(9998, 10002),
                        f32(7),
                        f32(7),
                        null,
                        null,
                        true,
                        0.1,
                        1e-5)
                .sample(
                        "constant",
                        f32(3, 2, 5).within(1234.567, 1234.567),
                        f32(2),
                        f32(2),
                        null,
                        null,
                        true,
                        0.1,
                        1e-5);
        t.op("aten.native_batch_norm")
                .slack(16)
                .sample(
                        "NaN and infinities",
                        f32(13, 7, 3).special(),
                        f32(7),
                        f32(7),
                        null,
                        null,
                        true,
                        0.1,
                        1e-5);
        t.op("aten._native_batch_norm_legit_functional")
                .slack(16)
                .withoutOracle(rounding)
                .sample(
                        "large mean",
                        f32(13, 7, 33).within(9998, 10002),
                        f32(7),
                        f32(7),
                        f32(7),
                        f32(7).within(0.5, 2),
                        true,
                        0.1,
                        1e-5);
        t.op("aten._native_batch_norm_legit_functional")
                .slack(16)
                .sample(
                        "training",
                        f32(13, 7, 5),
                        f32(7),
                        f32(7),
                        f32(7),
                        variance,
                        true,
                        0.1,
                        1e-5)
                .sample("moved by half", f32(33, 7), null, null, f32(7), variance, true, 0.5, 1e-5)
                .sample(
                        "inference",
                        f32(13, 7, 5),
                        f32(7),
                        f32(7),
                        f32(7),
                        variance,
                        false,
                        0.1,
                        1e-5)
                .withoutOracle("ATen does not look, and reads beyond the end")
                .error(
                        "weight [6] should be [7], one per channel",
                        f32(2, 7),
                        f32(6),
                        null,
                        f32(7),
                        f32(7),
                        true,
                        0.1,
                        1e-5);
    }

    private static void batchNorm(
            SampleTable.Entry e,
            boolean composite,
            String label,
            Draw x,
            Draw w,
            Draw b,
            Draw mean,
            Draw var,
            boolean training) {
        if (composite) {
            e.sample(label, x, w, b, mean, var, training, 0.1, 1e-5, false);
        } else {
            e.sample(label, x, w, b, mean, var, training, 0.1, 1e-5);
        }
    }
}
