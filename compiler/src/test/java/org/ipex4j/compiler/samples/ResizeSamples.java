package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i64;
import static org.ipex4j.compiler.samples.Draw.u8;

/** Image resizing. */
final class ResizeSamples {
    private ResizeSamples() {}

    private static long[] l(long... values) {
        return values;
    }

    static void addTo(SampleTable t) {
        t.op("aten.upsample_nearest2d")
                .sample("double", f32(2, 3, 5, 7), l(10, 14))
                .sample("uneven", f32(1, 2, 5, 7), l(13, 8))
                .sample("smaller", f32(1, 2, 13, 9), l(5, 4))
                .sample("scales", f32(1, 2, 5, 7), l(12, 17), 2.5, 2.5)
                .sample("bytes", u8(1, 2, 3, 4), l(6, 8))
                .sample("bf16", bf16(1, 2, 3, 4), l(7, 5))
                .sample("transposed", f32(2, 3, 5, 7).transposed(), l(10, 14))
                .error("'self' must have 4 dimensions", f32(3, 5, 7), l(10, 14))
                .error("'output_size' must be at least 1", f32(1, 3, 5, 7), l(0, 14))
                .error("'output_size' must have 2 values", f32(1, 3, 5, 7), l(3, 3, 3));
        t.op("aten.upsample_bilinear2d")
                .slack(8)
                .sample("double", f32(2, 3, 5, 7), l(10, 14), false)
                .sample("corners", f32(2, 3, 5, 7), l(10, 14), true)
                .sample("uneven", f32(1, 2, 5, 7), l(13, 8), false)
                .sample("smaller", f32(1, 2, 13, 9), l(5, 4), false)
                .sample("to one, corners", f32(1, 2, 13, 9), l(1, 1), true)
                .sample("scales", f32(1, 2, 5, 7), l(12, 17), false, 2.5, 2.5)
                .sample("f64", f64(1, 2, 5, 7), l(9, 9), false)
                .sample("bf16", bf16(1, 2, 5, 7), l(9, 9), false)
                .error("floating-point type", i64(1, 2, 5, 7), l(9, 9), false)
                .error("'self' must have 4 dimensions", f32(3, 5, 7), l(10, 14), false);
        t.op("aten.pixel_shuffle")
                .sample("batch", f32(2, 12, 3, 5), 2)
                .sample("no batch", f32(9, 2, 3), 3)
                .error("must be divisible by upscale_factor squared (4)", f32(2, 10, 3, 5), 2)
                .error("at least 3 dimensions", f32(4, 4), 2)
                .error("must be positive", f32(2, 12, 3, 5), 0);
        t.op("aten.pixel_unshuffle")
                .sample("batch", f32(2, 3, 6, 10), 2)
                .sample("no batch", f32(1, 6, 9), 3)
                .error("must be divisible by downscale_factor (2)", f32(2, 3, 5, 10), 2);
    }
}
