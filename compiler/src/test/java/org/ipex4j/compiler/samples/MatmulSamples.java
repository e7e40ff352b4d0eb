package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.f16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i32;
import static org.ipex4j.compiler.samples.Draw.i64;

/** Matrix and vector products. */
final class MatmulSamples {
    private MatmulSamples() {}

    static void addTo(SampleTable t) {
        t.op("aten.mm")
                .slack(4)
                .sample("plain", f32(7, 13), f32(13, 5))
                .sample("long", f32(3, 207), f32(207, 33))
                .sample("transposed", f32(7, 13).transposed(), f32(13, 5).transposed())
                .sample("strided", f32(7, 13).strided(), f32(13, 5))
                .sample("one", f32(1, 1), f32(1, 1))
                .sample("no rows", f32(0, 3), f32(3, 4))
                .sample("no inner", f32(2, 0), f32(0, 4))
                .sample("special", f32(4, 3).special(), f32(3, 4))
                .sample("f64", f64(3, 4), f64(4, 5))
                .sample("bf16", bf16(3, 4), bf16(4, 5))
                .sample("f16", f16(3, 4), f16(4, 5))
                .sample("i64", i64(3, 4), i64(4, 5))
                .sample("i32", i32(3, 4), i32(4, 5))
                .error("inner dimensions differ: [2, 3] x [4, 5]", f32(2, 3), f32(4, 5))
                .error("'self' must have 2 dimensions", f32(1, 2, 3), f32(3, 5))
                .error("must have one dtype", f32(2, 3), f64(3, 5));
        t.op("aten.bmm")
                .slack(4)
                .sample("plain", f32(3, 7, 5), f32(3, 5, 4))
                .sample("transposed", f32(3, 7, 5).transposed(), f32(3, 5, 4).transposed())
                .sample("expanded", f32(3, 7, 5).expanded(), f32(3, 5, 4))
                .sample("no batch", f32(0, 7, 5), f32(0, 5, 4))
                .sample("bf16", bf16(2, 3, 4), bf16(2, 4, 5))
                .sample("i64", i64(2, 3, 4), i64(2, 4, 5))
                .error("batch sizes differ", f32(3, 7, 5), f32(2, 5, 4))
                .error("inner dimensions differ", f32(3, 7, 5), f32(3, 6, 4))
                .error("'mat2' must have 3 dimensions", f32(3, 7, 5), f32(5, 4));
        t.op("aten.addmm")
                .slack(4)
                .sample("bias", f32(5), f32(7, 13), f32(13, 5))
                .sample("full", f32(7, 5), f32(7, 13), f32(13, 5))
                .sample("column", f32(7, 1), f32(7, 13), f32(13, 5))
                .sample("scalar", f32(), f32(7, 13), f32(13, 5))
                .sample("scaled", f32(5), f32(7, 13), f32(13, 5), 0.5, -2.0)
                .sample("beta 0 ignores NaN", f32(7, 5).special(), f32(7, 13), f32(13, 5), 0, 1)
                .sample("no inner", f32(5), f32(7, 0), f32(0, 5))
                .sample("bf16", bf16(5), bf16(7, 13), bf16(13, 5))
                .sample("i64", i64(5), i64(3, 4), i64(4, 5), 2, 3)
                .error(
                        "does not expand to the product's sizes [7, 5]",
                        f32(4),
                        f32(7, 13),
                        f32(13, 5))
                .error("inner dimensions differ", f32(5), f32(7, 13), f32(12, 5))
                .error("must have one dtype", f64(5), f32(7, 13), f32(13, 5));
        t.op("aten.baddbmm")
                .slack(4)
                .sample("plain", f32(3, 7, 4), f32(3, 7, 5), f32(3, 5, 4))
                .sample("bias, scaled", f32(4), f32(3, 7, 5), f32(3, 5, 4), 2.0, 0.5)
                .sample("beta 0", f32(1, 1, 1).special(), f32(3, 7, 5), f32(3, 5, 4), 0, 1)
                .error("does not expand", f32(2, 7, 4), f32(3, 7, 5), f32(3, 5, 4));
        t.op("aten.addbmm")
                .slack(8)
                .sample("plain", f32(7, 4), f32(3, 7, 5), f32(3, 5, 4))
                .sample("scaled", f32(4), f32(3, 7, 5), f32(3, 5, 4), 2.0, 0.5)
                .error("does not expand", f32(3, 7, 4), f32(3, 7, 5), f32(3, 5, 4));
        t.op("aten.addmv")
                .slack(4)
                .sample("plain", f32(7), f32(7, 13), f32(13))
                .sample("scaled", f32(1), f32(7, 13), f32(13), 2.0, 0.5)
                .sample("bf16 added", bf16(7), f32(7, 13), f32(13), 2.0, 0.5)
                .sample("f64 added", f64(7), f32(7, 13), f32(13))
                .sample("i64 added", i64(7), f32(7, 13), f32(13))
                .sample("beta 0", bf16(1).special(), f32(7, 13), f32(13), 0, 1)
                .error("inner dimensions differ", f32(7), f32(7, 13), f32(7));
        t.op("aten.matmul")
                .slack(4)
                .sample("matrices", f32(7, 13), f32(13, 5))
                .sample("vectors", f32(13), f32(13))
                .sample("matrix, vector", f32(7, 13), f32(13))
                .sample("vector, matrix", f32(13), f32(13, 5))
                .sample("batch, matrix", f32(2, 3, 7, 13), f32(13, 5))
                .sample("matrix, batch", f32(7, 13), f32(3, 13, 5))
                .sample("batch, vector", f32(2, 3, 7, 13), f32(13))
                .sample("vector, batch", f32(13), f32(2, 13, 5))
                .sample("broadcast", f32(2, 1, 7, 13), f32(3, 13, 5))
                .sample("transposed", f32(2, 3, 7, 13).transposed(), f32(2, 3, 13, 5).transposed())
                .sample("empty batch", f32(0, 7, 13), f32(13, 5))
                .sample("no inner", f32(2, 7, 0), f32(0, 5))
                .sample("f64", f64(2, 3, 4), f64(2, 4, 3))
                .sample("i64", i64(2, 3, 4), i64(4, 3))
                .error("inner dimensions differ: [2, 3] x [4, 5]", f32(2, 3), f32(4, 5))
                .error("sizes do not broadcast", f32(2, 7, 13), f32(3, 13, 5))
                .error("at least one dimension", f32(), f32(3));
        t.op("aten.linear")
                .slack(4)
                .sample("bias", f32(7, 13), f32(5, 13), f32(5))
                .sample("no bias", f32(7, 13), f32(5, 13))
                .sample("sequence", f32(2, 3, 13), f32(5, 13), f32(5))
                .sample("one row", f32(13), f32(5, 13), f32(5))
                .sample("no rows", f32(0, 13), f32(5, 13), f32(5))
                .sample("one output, no matrix", f32(7, 13), f32(13))
                .sample("transposed", f32(7, 13).transposed(), f32(5, 13).transposed(), f32(5))
                .sample("bf16", bf16(3, 7), bf16(5, 7), bf16(5))
                .error("the last dimension of input [7, 13] must be 12", f32(7, 13), f32(5, 12))
                .error("'bias' [4] does not expand", f32(7, 13), f32(5, 13), f32(4))
                .error("must have one dtype", f32(7, 13), f64(5, 13));
        t.op("aten.mv")
                .slack(4)
                .sample("plain", f32(7, 13), f32(13))
                .sample("transposed", f32(7, 13).transposed(), f32(13).strided())
                .sample("i64", i64(3, 4), i64(4))
                .error("inner dimensions differ", f32(7, 13), f32(12));
        t.op("aten.dot")
                .slack(4)
                .sample("plain", f32(207), f32(207))
                .sample("empty", f32(0), f32(0))
                .sample("i64", i64(5), i64(5))
                .error("inner dimensions differ: [3] x [4]", f32(3), f32(4))
                .error("must have 1 dimensions", f32(3, 3), f32(3));
        t.op("aten.outer")
                .sample("plain", f32(7), f32(13))
                .sample("promoted", f32(3), i64(4))
                .sample("empty", f32(3), f32(0))
                .error("must have 1 dimensions", f32(3, 3), f32(3));
    }
}
