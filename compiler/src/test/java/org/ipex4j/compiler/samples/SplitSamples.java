package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;

import org.ipex4j.ir.DType;

/** Samples of the ops of split master weights. */
final class SplitSamples {
    private static final double[] AWKWARD = {
        0.0,
        -0.0,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.NaN,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        0x1.fffffcp-127,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        1 + 0x1p-23,
        -(1 + 0x1.fffep-8),
        0x1.01p0
    };

    private SplitSamples() {}

    private static Draw i16(long... sizes) {
        return Draw.of(DType.INT16, sizes);
    }

    static void addTo(SampleTable t) {
        for (String half : new String[] {"top", "trail"}) {
            t.op("ipex.bfloat16_" + half)
                    .withoutOracle("an op of our own")
                    .sample("drawn", f32(7, 13))
                    .sample("awkward", f32(13).values(AWKWARD))
                    .sample("scalar", f32())
                    .sample("empty", f32(0, 3))
                    .error("expected f32", f64(3))
                    .error("expected f32", bf16(3));
        }
        // Zero, -0, ±1, ±infinity, NaN, the smallest denormal with either sign of the trail.
        long[] tops = {0, -32768, 0x3F80, -16512, 0x7F80, -128, 0x7FC0, 0, 0, 0x3F80, 0x3F80};
        long[] trails = {0, 0, 0, 0, 0, 0, 0, 1, -1, -1, 32767};
        t.op("ipex.join_bfloat16")
                .withoutOracle("an op of our own")
                .sample("awkward", i16(11).values(tops), i16(11).values(trails))
                .sample("scalar", i16().values(0x4049L), i16().values(0x0FDBL))
                .sample("empty", i16(0, 3), i16(0, 3))
                .error("i16 of the same sizes", i16(3), i16(4))
                .error("i16 of the same sizes", bf16(3), i16(3));
    }
}
