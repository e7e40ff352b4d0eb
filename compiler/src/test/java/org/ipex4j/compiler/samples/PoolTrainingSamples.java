package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.i64;
import static org.ipex4j.compiler.samples.Draw.u8;

/** Max pools with a workspace. */
final class PoolTrainingSamples {
    private static final String OURS =
            "an op of our own; aten.max_pool2d_with_indices and its derivative, which it stands for, are compared with libtorch";

    private PoolTrainingSamples() {}

    private static long[] l(long... values) {
        return values;
    }

    static void addTo(SampleTable t) {
        forward(t.op("ipex.max_pool_training").withoutOracle(OURS));
        backward(t.op("ipex.max_pool_backward").withoutOracle(OURS));
    }

    private static void forward(SampleTable.Entry e) {
        e.sample("resnet", f32(2, 3, 15, 17), l(3, 3), l(2, 2), l(1, 1), l(1, 1), false)
                .sample("blocks", f32(1, 32, 8, 9), l(3, 2), l(2, 2), l(1, 0), l(1, 1), true)
                .sample(
                        "ties",
                        f32(1, 2, 7, 7).within(1, 1),
                        l(3, 3),
                        l(2, 2),
                        l(1, 1),
                        l(1, 1),
                        false)
                .sample(
                        "negative",
                        f32(1, 2, 7, 7).within(-9, -8),
                        l(2, 2),
                        l(2, 2),
                        l(1, 1),
                        l(1, 1),
                        true)
                .sample("no images", f32(0, 3, 7, 7), l(2, 2), l(2, 2), l(0, 0), l(1, 1), false)
                .sample("bf16", bf16(2, 32, 9, 7), l(3, 3), l(2, 2), l(1, 1), l(1, 1), false)
                .sample("1d", f32(2, 5, 13), l(3), l(2), l(1), l(1), false)
                .sample(
                        "3d",
                        f32(1, 3, 5, 6, 7),
                        l(2, 3, 2),
                        l(2, 1, 2),
                        l(1, 1, 0),
                        l(1, 1, 1),
                        false);
        e.error(
                "must be float32 or bfloat16",
                f16(1, 2, 7, 7),
                l(3, 3),
                l(2, 2),
                l(1, 1),
                l(1, 1),
                false);
        e.error(
                "'stride' must have 2 values",
                f32(1, 2, 7, 7),
                l(3, 3),
                l(2),
                l(1, 1),
                l(1, 1),
                false);
        e.error("at most half", f32(1, 2, 7, 7), l(3, 3), l(2, 2), l(2, 2), l(1, 1), false);
        e.error(
                "may have 255 elements",
                f32(1, 2, 20, 20),
                l(16, 16),
                l(2, 2),
                l(1, 1),
                l(1, 1),
                false);
        e.error("3 to 5 dimensions", f32(7, 7), l(3, 3), l(2, 2), l(1, 1), l(1, 1), false);
    }

    private static void backward(SampleTable.Entry e) {
        e.sample(
                        "resnet",
                        f32(2, 3, 8, 9),
                        u8(2, 3, 8, 9).within(0, 8),
                        l(2, 3, 15, 17),
                        l(3, 3),
                        l(2, 2),
                        l(1, 1),
                        l(1, 1),
                        false)
                .sample(
                        "blocks, ceil",
                        f32(1, 32, 5, 5),
                        u8(1, 32, 5, 5).within(0, 5),
                        l(1, 32, 8, 9),
                        l(3, 2),
                        l(2, 2),
                        l(1, 0),
                        l(1, 1),
                        true)
                .sample(
                        "no images",
                        f32(0, 3, 3, 3),
                        u8(0, 3, 3, 3),
                        l(0, 3, 7, 7),
                        l(2, 2),
                        l(2, 2),
                        l(0, 0),
                        l(1, 1),
                        false)
                .sample(
                        "1d",
                        f32(2, 5, 7),
                        u8(2, 5, 7).within(0, 2),
                        l(2, 5, 13),
                        l(3),
                        l(2),
                        l(1),
                        l(1),
                        false);
        e.error(
                "grad_output has [2, 3, 8, 8]",
                f32(2, 3, 8, 8),
                u8(2, 3, 8, 9),
                l(2, 3, 15, 17),
                l(3, 3),
                l(2, 2),
                l(1, 1),
                l(1, 1),
                false);
        e.error(
                "'workspace' must be uint8 [2, 3, 8, 9]",
                f32(2, 3, 8, 9),
                i64(2, 3, 8, 9),
                l(2, 3, 15, 17),
                l(3, 3),
                l(2, 2),
                l(1, 1),
                l(1, 1),
                false);
    }
}
