package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.bool;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.i64;
import static org.ipex4j.compiler.samples.Draw.u8;

/** Sorting and topk. Where the order of equal elements is not defined, samples have none. */
final class SortSamples {
    private SortSamples() {}

    static void addTo(SampleTable t) {
        for (String op : new String[] {"aten.sort", "aten.argsort"}) {
            t.op(op)
                    .sample("rows", f32(5, 13))
                    .sample("columns, descending", f32(5, 13), 0, true)
                    .sample("long", f32(207))
                    .sample(
                            "NaN last",
                            f32(6).values(1.0, Double.NaN, -2, 3, Double.POSITIVE_INFINITY, 0))
                    .sample(
                            "NaN first",
                            f32(6).values(1.0, Double.NaN, -2, 3, Double.POSITIVE_INFINITY, 0),
                            0,
                            true)
                    .sample("scalar", f32())
                    .sample("empty", f32(3, 0))
                    .sample("transposed", f32(5, 13).transposed(), 1)
                    .error("out of range", f32(5, 13), 2);
        }
        t.op("aten.sort.stable")
                .sample("ties", i64(4, 13).within(0, 3), true)
                .sample("ties, descending", i64(13, 4).within(0, 3), true, 0, true)
                .sample("bytes", u8(33), true)
                .sample("bool", bool(9), true)
                .sample("bf16", bf16(33), true, -1, true)
                .error("out of range", f32(5), true, 1);
        t.op("aten.topk")
                .sample("largest", f32(5, 13), 3)
                .sample("smallest", f32(5, 13), 4, 0, false)
                .sample("all", f32(3, 7), 7)
                .sample("none", f32(3, 7), 0)
                .sample("middle", f32(2, 7, 3), 2, 1)
                .sample(
                        "NaN",
                        f32(6).values(1.0, Double.NaN, -2, 3, Double.POSITIVE_INFINITY, 0),
                        3)
                .sample("integers", i64(7).values(3L, -1, 9, 4, 2, 8, 0), 3)
                .sample("scalar", f32(), 1)
                .sample("transposed", f32(5, 13).transposed(), 3)
                .error("'k' must be between 0 and 7", f32(3, 7), 8)
                .error("'k' must be between 0", f32(3, 7), -1);
    }
}
