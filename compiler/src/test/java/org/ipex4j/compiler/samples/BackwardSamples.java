package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i64;

import java.util.List;
import org.ipex4j.ir.DType;

/** Samples of derivatives that are ops of their own: all but convolutions and pools. */
final class BackwardSamples {
    static final List<Boolean> ALL = List.of(true, true, true);
    static final String UNCHECKED = "libtorch does not check it, or not safely";
    static final String UNDEFINED = "libtorch leaves the other gradients undefined";

    private BackwardSamples() {}

    static void addTo(SampleTable t) {
        pointwise(t);
        softmax(t);
        norms(t);
        losses(t);
    }

    private static void pointwise(SampleTable t) {
        t.op("aten.threshold_backward")
                .sample("relu", f32(7, 13), f32(7, 13), 0L)
                .sample("specials", f32(33), f32(33).special(), 0.5)
                .sample("transposed", f32(13, 7).transposed(), f32(13, 7), 0L)
                .sample("bf16", bf16(33), bf16(33), 0L)
                .withoutOracle(UNCHECKED)
                .error("must have one dtype", f32(3), f64(3), 0L);
        for (String f : new String[] {"none", "tanh"}) {
            t.op("aten.gelu_backward")
                    .slack(4)
                    .sample(f, f32(7, 13), f32(7, 13), f)
                    .sample(f + " f64", f64(33), f64(33), f)
                    .sample(f + " bf16", bf16(33), bf16(33), f)
                    .sample(f + " large", f32(33), f32(33).within(-30, 30), f);
        }
        t.op("aten.gelu_backward")
                .withoutOracle(UNCHECKED)
                .error("must have one dtype", f32(3), f64(3), "none");
        for (String f : new String[] {"sigmoid", "tanh"}) {
            t.op("aten." + f + "_backward")
                    .sample("plain", f32(7, 13), f32(7, 13).within(0, 1))
                    .sample("strided", f32(5, 33).strided(), f32(5, 33).within(0, 1))
                    .sample("f64", f64(33), f64(33).within(0, 1))
                    .sample("empty", f32(0, 3), f32(0, 3))
                    .error("do not broadcast", f32(3), f32(4));
        }
        t.op("aten.native_dropout_backward")
                .sample("plain", f32(7, 13), Draw.bool(7, 13), 2.0)
                .sample("all dropped", f32(7), Draw.bool(7), 0.0)
                .sample("bf16", bf16(33), Draw.bool(33), 1.25)
                .withoutOracle(UNCHECKED)
                .error("'mask' must be bool", f32(3), f32(3), 2.0);
    }

    private static void softmax(SampleTable t) {
        for (String f : new String[] {"softmax", "log_softmax"}) {
            double low = f.equals("softmax") ? 0 : -5;
            double high = f.equals("softmax") ? 1 : 0;
            SampleTable.Entry e = t.op("aten._" + f + "_backward_data").slack(4);
            e.sample("last", f32(7, 13), f32(7, 13).within(low, high), -1, DType.FLOAT32);
            e.sample("first", f32(13, 7), f32(13, 7).within(low, high), 0, DType.FLOAT32);
            e.sample("middle", f32(3, 33, 5), f32(3, 33, 5).within(low, high), 1, DType.FLOAT32);
            e.sample("scalar", f32(), f32().within(low, high), 0, DType.FLOAT32);
            e.sample("empty", f32(0, 7), f32(0, 7), 1, DType.FLOAT32);
            e.sample("f64", f64(7, 13), f64(7, 13).within(low, high), 1, DType.FLOAT64);
            e.sample("bf16", bf16(7, 13), bf16(7, 13).within(low, high), 1, DType.BFLOAT16);
            e.withoutOracle(UNCHECKED).error("must be", f32(3), f32(4), 0, DType.FLOAT32);
        }
    }

    private static void norms(SampleTable t) {
        SampleTable.Entry batch = t.op("aten.native_batch_norm_backward").slack(8);
        Draw positive = f32(3).within(0.5, 2);
        batch.sample(
                "training",
                f32(5, 3, 7, 7),
                f32(5, 3, 7, 7),
                f32(3),
                null,
                null,
                f32(3),
                positive,
                true,
                1e-5,
                ALL);
        batch.sample(
                "inference",
                f32(5, 3, 7),
                f32(5, 3, 7),
                f32(3),
                f32(3),
                positive,
                null,
                null,
                false,
                1e-5,
                ALL);
        batch.sample(
                "plain", f32(7, 3), f32(7, 3), null, null, null, f32(3), positive, true, 1e-5, ALL);
        batch.withoutOracle(UNDEFINED)
                .sample(
                        "input alone",
                        f32(7, 3),
                        f32(7, 3),
                        f32(3),
                        null,
                        null,
                        f32(3),
                        positive,
                        true,
                        1e-5,
                        List.of(true, false, false));
        batch.withoutOracle(UNCHECKED)
                .error(
                        "'save_mean' must be given",
                        f32(7, 3),
                        f32(7, 3),
                        null,
                        f32(3),
                        f32(3),
                        null,
                        null,
                        true,
                        1e-5,
                        ALL);
        SampleTable.Entry layer = t.op("aten.native_layer_norm_backward").slack(8);
        layer.sample(
                "affine",
                f32(7, 13),
                f32(7, 13),
                new long[] {13},
                f32(7, 1),
                f32(7, 1).within(0.5, 2),
                f32(13),
                f32(13),
                ALL);
        layer.sample(
                "two dimensions",
                f32(3, 7, 5),
                f32(3, 7, 5),
                new long[] {7, 5},
                f32(3, 1, 1),
                f32(3, 1, 1).within(0.5, 2),
                f32(7, 5),
                f32(7, 5),
                ALL);
        layer.withoutOracle(UNDEFINED)
                .sample(
                        "plain",
                        f32(7, 13),
                        f32(7, 13),
                        new long[] {13},
                        f32(7, 1),
                        f32(7, 1).within(0.5, 2),
                        null,
                        null,
                        List.of(true, false, false));
        layer.withoutOracle(UNCHECKED)
                .error(
                        "must be [7, 1]",
                        f32(7, 13),
                        f32(7, 13),
                        new long[] {13},
                        f32(7),
                        f32(7),
                        f32(13),
                        f32(13),
                        ALL);
        SampleTable.Entry group = t.op("aten.native_group_norm_backward").slack(8);
        group.sample(
                "affine",
                f32(2, 6, 5),
                f32(2, 6, 5),
                f32(2, 3),
                f32(2, 3).within(0.5, 2),
                f32(6),
                2,
                6,
                5,
                3,
                ALL);
        group.withoutOracle(UNDEFINED)
                .sample(
                        "plain",
                        f32(2, 6, 5),
                        f32(2, 6, 5),
                        f32(2, 3),
                        f32(2, 3).within(0.5, 2),
                        null,
                        2,
                        6,
                        5,
                        3,
                        List.of(true, false, false));
        group.withoutOracle(UNCHECKED)
                .error(
                        "do not divide",
                        f32(2, 6, 5),
                        f32(2, 6, 5),
                        f32(2, 4),
                        f32(2, 4),
                        f32(6),
                        2,
                        6,
                        5,
                        4,
                        ALL);
    }

    private static void losses(SampleTable t) {
        Draw classes = i64(7).values(0L, 12, 3, 5, 3, -100, 1);
        for (int reduction = 0; reduction <= 2; reduction++) {
            t.op("aten.nll_loss_forward")
                    .slack(4)
                    .sample("plain " + reduction, f32(7, 13), classes, null, reduction, -100)
                    .sample("weighted " + reduction, f32(7, 13), classes, f32(13), reduction, -100)
                    .sample(
                            "ignored class " + reduction,
                            f32(7, 13),
                            i64(7).within(0, 12),
                            null,
                            reduction,
                            3)
                    .sample(
                            "one " + reduction,
                            f32(13),
                            i64().values(4L),
                            f32(13),
                            reduction,
                            -100);
            Draw g = reduction == 0 ? f32(7) : f32();
            t.op("aten.nll_loss_backward")
                    .slack(4)
                    .sample(
                            "plain " + reduction,
                            g,
                            f32(7, 13),
                            classes,
                            null,
                            reduction,
                            -100,
                            f32().values(6.0))
                    .sample(
                            "weighted " + reduction,
                            g,
                            f32(7, 13),
                            classes,
                            f32(13),
                            reduction,
                            -100,
                            f32().values(2.5))
                    .sample(
                            "one " + reduction,
                            f32(),
                            f32(13),
                            i64().values(4L),
                            null,
                            reduction,
                            -100,
                            f32().values(1.0));
        }
        t.op("aten.nll_loss_forward")
                .sample("f64", f64(7, 13), classes, null, 1, -100)
                .sample("nothing left", f32(2, 3), i64(2).values(-100L, -100), null, 1, -100)
                .error("'target' must be [7]", f32(7, 13), i64(6), null, 1, -100);
        t.op("aten.nll_loss_backward")
                .error(
                        "'grad_output' must be []",
                        f32(7),
                        f32(7, 13),
                        i64(7),
                        null,
                        1,
                        -100,
                        f32());
        t.op("aten.embedding_dense_backward")
                .slack(4)
                .sample("plain", f32(7, 5), i64(7).within(0, 10), 11, -1, false)
                .sample("padding", f32(2, 7, 5), i64(2, 7).within(0, 3), 4, 2, false)
                .sample("by frequency", f32(13, 3), i64(13).within(0, 4), 5, -1, true)
                .sample("int32", f32(7, 5), Draw.i32(7).within(0, 10), 11, -1, false)
                .error(
                        "'grad_output' [7, 5] must have the indices' sizes",
                        f32(7, 5),
                        i64(6),
                        11,
                        -1,
                        false);
    }
}
