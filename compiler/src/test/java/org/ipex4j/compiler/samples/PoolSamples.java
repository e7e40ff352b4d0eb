package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i64;

/** Pools. */
final class PoolSamples {
    private PoolSamples() {}

    private static long[] l(long... values) {
        return values;
    }

    static void addTo(SampleTable t) {
        for (String op : new String[] {"aten.max_pool2d", "aten.max_pool2d_with_indices"}) {
            t.op(op)
                    .sample("resnet", f32(2, 3, 15, 17), l(3, 3), l(2, 2), l(1, 1))
                    .sample("default stride", f32(1, 2, 7, 9), l(2))
                    .sample("ceil", f32(1, 2, 8, 9), l(3, 2), l(2, 2), l(1, 0), l(1, 1), true)
                    .sample(
                            "ceil, window starts past the end",
                            f32(1, 1, 3, 3),
                            l(2),
                            l(3),
                            l(1),
                            l(1),
                            true)
                    .sample("dilated", f32(2, 2, 11, 11), l(3, 3), l(2, 1), l(1, 1), l(2, 3))
                    .sample("no batch", f32(3, 7, 7), l(2, 2))
                    .sample("special", f32(2, 2, 9, 9).special(), l(3), l(2), l(1))
                    .sample("ties", f32(1, 1, 6, 6).within(1, 1), l(3), l(2), l(1))
                    .sample("no images", f32(0, 3, 7, 7), l(2, 2))
                    .sample("bf16", bf16(1, 2, 6, 6), l(2))
                    .sample("i64", i64(1, 2, 6, 6), l(2))
                    .sample("transposed", f32(2, 3, 8, 6).transposed(), l(2))
                    .error("at most half the window", f32(1, 2, 7, 7), l(2), l(2), l(2))
                    .error("larger than the padded input", f32(1, 2, 3, 7), l(5))
                    .error("'self' must have 3 to 4 dimensions", f32(7, 7), l(2))
                    .error("'kernel_size' must have 2 values", f32(1, 2, 7, 7), l(2, 2, 2))
                    .error("non-zero channels and spatial sizes", f32(1, 2, 0, 7), l(2));
        }
        t.op("aten.max_pool1d")
                .sample("plain", f32(2, 3, 17), l(3), l(2), l(1))
                .sample("no batch, dilated, ceil", f32(3, 16), l(3), l(2), l(1), l(2), true)
                .error("at most half", f32(2, 3, 17), l(3), l(2), l(2));
        for (String op : new String[] {"aten.max_pool3d", "aten.max_pool3d_with_indices"}) {
            t.op(op)
                    .sample("plain", f32(1, 2, 5, 6, 7), l(2, 3, 2), l(2, 1, 2), l(1, 1, 0))
                    .sample("no batch, ceil", f32(2, 5, 6, 7), l(2), l(2), l(0), l(1), true)
                    .error("at most half", f32(1, 2, 5, 6, 7), l(2), l(2), l(2));
        }
        t.op("aten.avg_pool2d")
                .sample("plain", f32(2, 3, 7, 9), l(3, 2), l(2, 1), l(1, 1))
                .sample("default stride", f32(1, 2, 7, 9), l(2))
                .sample("exclude padding", f32(1, 2, 7, 7), l(3), l(2), l(1), false, false)
                .sample("ceil", f32(1, 2, 8, 8), l(3), l(2), l(1), true, true)
                .sample("ceil, exclude padding", f32(1, 2, 8, 8), l(3), l(2), l(1), true, false)
                .sample("divisor", f32(1, 2, 7, 7), l(3), l(2), l(1), false, true, 5)
                .sample("no batch", f32(3, 7, 7), l(2, 2))
                .sample("whole", f32(2, 5, 7, 7), l(7, 7))
                .sample("no images", f32(0, 3, 7, 7), l(2, 2))
                .sample("bf16", bf16(1, 2, 6, 6), l(2))
                .sample("f64", f64(1, 2, 6, 6), l(2))
                .sample("i64", i64(1, 2, 6, 6), l(2))
                .error(
                        "'divisor_override' must not be 0",
                        f32(1, 2, 7, 7),
                        l(2),
                        l(2),
                        l(0),
                        false,
                        true,
                        0)
                .error("at most half", f32(1, 2, 7, 7), l(2), l(2), l(2));
        t.op("aten.avg_pool1d")
                .sample("plain", f32(2, 3, 17), l(3), l(2), l(1))
                .sample("exclude padding, ceil", f32(3, 16), l(3), l(2), l(1), true, false)
                .error("larger than the padded input", f32(2, 3, 2), l(3));
        t.op("aten.avg_pool3d")
                .sample("plain", f32(1, 2, 5, 6, 7), l(2, 3, 2), l(2, 1, 2), l(1, 1, 0))
                .sample("all", f32(2, 5, 6, 7), l(3), l(2), l(1), true, false)
                .sample("divisor", f32(2, 5, 6, 7), l(3), l(2), l(1), true, true, 3)
                .error("at most half", f32(1, 2, 5, 6, 7), l(2), l(2), l(2));
        for (String op : new String[] {"aten._adaptive_avg_pool2d", "aten.adaptive_avg_pool2d"}) {
            t.op(op)
                    .sample("global", f32(2, 3, 7, 9), l(1, 1))
                    .sample("uneven", f32(2, 3, 7, 9), l(3, 4))
                    .sample("larger than the input", f32(1, 2, 3, 3), l(5, 4))
                    .sample("equal", f32(1, 2, 7, 7), l(7, 7))
                    .sample("no batch", f32(2, 7, 9), l(2, 3))
                    .sample("no images", f32(0, 2, 7, 9), l(2, 3))
                    .sample("bf16", bf16(1, 2, 6, 7), l(2, 2))
                    .sample("transposed", f32(2, 3, 7, 9).transposed(), l(2, 2))
                    .error("'output_size' must be at least 0", f32(1, 2, 7, 7), l(-1, 2))
                    .error("'self' must have 3 to 4 dimensions", f32(7, 7), l(2, 2))
                    .error("floating", i64(1, 2, 7, 7), l(2, 2));
        }
        for (String op : new String[] {"aten._adaptive_avg_pool3d", "aten.adaptive_avg_pool3d"}) {
            t.op(op)
                    .sample("global", f32(1, 2, 3, 4, 5), l(1, 1, 1))
                    .sample("uneven", f32(2, 3, 4, 5), l(2, 3, 4));
        }
        t.op("aten.adaptive_avg_pool1d")
                .sample("uneven", f32(2, 3, 11), l(4))
                .sample("no batch", f32(3, 11), l(1));
        t.op("aten.adaptive_max_pool1d")
                .sample("uneven", f32(2, 3, 11), l(4))
                .sample("no batch", f32(3, 11), l(1));
        t.op("aten.adaptive_max_pool2d")
                .sample("global", f32(2, 3, 7, 9), l(1, 1))
                .sample("uneven", f32(3, 7, 9), l(3, 4))
                .sample("special", f32(1, 3, 7, 9).special(), l(3, 4));
        t.op("aten.adaptive_max_pool3d").sample("uneven", f32(1, 2, 4, 5, 3), l(2, 3, 2));
    }
}
