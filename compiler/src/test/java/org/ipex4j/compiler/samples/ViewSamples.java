package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.bool;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.i32;
import static org.ipex4j.compiler.samples.Draw.i64;
import static org.ipex4j.compiler.samples.Draw.u8;

/** Views and copies. */
final class ViewSamples {
    private ViewSamples() {}

    private static long[] l(long... values) {
        return values;
    }

    static void addTo(SampleTable t) {
        reshapes(t);
        permutes(t);
        dims(t);
        parts(t);
        lists(t);
        for (String op :
                new String[] {"aten.clone", "aten.contiguous", "aten.alias", "aten.detach"}) {
            t.op(op)
                    .sample("f32", f32(3, 7))
                    .sample("transposed", f32(3, 7).transposed())
                    .sample("expanded", bf16(3, 7).expanded())
                    .sample("scalar", i64())
                    .sample("empty", bool(3, 0));
        }
        t.op("aten.copy")
                .sample("same", f32(3, 7), f32(3, 7))
                .sample("cast and broadcast", f32(3, 7), i64(7))
                .sample("to integers", i32(3, 7), f32(3, 7))
                .error("does not expand", f32(3, 7), f32(3, 6));
    }

    private static void reshapes(SampleTable t) {
        for (String op : new String[] {"aten.view", "aten.reshape", "aten._unsafe_view"}) {
            t.op(op)
                    .sample("merge", f32(2, 3, 5), l(6, 5))
                    .sample("split and infer", f32(6, 5), l(2, -1, 5))
                    .sample("flat", u8(2, 3, 5), l(-1))
                    .sample("to scalar", f32(1, 1), l())
                    .sample("ones", f32(3, 1, 2), l(1, 3, 2, 1))
                    .sample("empty", f32(2, 0, 3), l(0, 7))
                    .error("do not fit the 6 elements of [2, 3]", f32(2, 3), l(4, 2))
                    .error("do not fit", f32(2, 3), l(4, -1))
                    .error("only one size can be -1", f32(2, 3), l(-1, -1))
                    .error("invalid size -2", f32(2, 3), l(-2, 3));
        }
        t.op("aten.reshape")
                .sample("of transposed", f32(4, 6).transposed(), l(3, 8))
                .sample("of strided", f32(4, 6).strided(), l(24));
        t.op("aten.flatten.using_ints")
                .sample("all", f32(2, 3, 5))
                .sample("middle", f32(2, 3, 5, 7), 1, 2)
                .sample("negative", f32(2, 3, 5, 7), -3, -1)
                .sample("one", f32(2, 3), 1, 1)
                .sample("scalar", f32())
                .sample("of transposed", f32(2, 3, 5).transposed(), 1, 2)
                .error("must not come after", f32(2, 3, 5), 2, 1)
                .error("out of range", f32(2, 3, 5), 0, 3);
        t.op("aten.unflatten.int")
                .sample("two", f32(2, 6, 5), 1, l(2, 3))
                .sample("inferred", f32(2, 6, 5), -2, l(3, -1, 1))
                .sample("of strided", f32(2, 6).strided(), 1, l(2, 3))
                .error("do not fit the 6 elements", f32(2, 6, 5), 1, l(4, 2))
                .error("'sizes' must not be empty", f32(2, 6, 5), 1, l());
    }

    private static void permutes(SampleTable t) {
        t.op("aten.permute")
                .sample("nhwc", f32(2, 3, 5, 7), l(0, 2, 3, 1))
                .sample("negative", f32(2, 3, 5), l(-1, 0, 1))
                .sample("scalar", f32(), l())
                .sample("of transposed", f32(2, 3, 5).transposed(), l(2, 0, 1))
                .error("must name each dimension", f32(2, 3, 5), l(0, 1))
                .error("appears twice", f32(2, 3, 5), l(0, 1, 1))
                .error("out of range", f32(2, 3, 5), l(0, 1, 3));
        for (String op : new String[] {"aten.transpose.int", "aten.swapaxes"}) {
            t.op(op)
                    .sample("plain", f32(2, 3, 5), 0, 2)
                    .sample("same", f32(2, 3), 1, 1)
                    .sample("negative", i64(2, 3, 5), -1, -2)
                    .sample("scalar", f32(), 0, -1)
                    .error("out of range", f32(2, 3), 0, 2);
        }
        t.op("aten.t")
                .sample("matrix", f32(3, 7))
                .sample("vector", f32(3))
                .sample("scalar", f32())
                .error("at most 2 dimensions", f32(2, 3, 5));
        t.op("aten.movedim.intlist")
                .sample("two", f32(2, 3, 5, 7), l(0, 1), l(-1, 0))
                .sample("one", f32(2, 3, 5), l(2), l(0))
                .error("must have one length", f32(2, 3, 5), l(0, 1), l(2))
                .error("appears twice", f32(2, 3, 5), l(0, 0), l(1, 2));
        t.op("aten.movedim.int")
                .sample("forward", f32(2, 3, 5, 7), 0, 2)
                .sample("backward", f32(2, 3, 5, 7), -1, 1)
                .error("out of range", f32(2, 3), 0, 2);
    }

    private static void dims(SampleTable t) {
        t.op("aten.squeeze")
                .sample("some", f32(1, 3, 1, 5))
                .sample("all", f32(1, 1))
                .sample("none", f32(2, 3));
        t.op("aten.squeeze.dim")
                .sample("one", f32(1, 3, 1), 0)
                .sample("larger", f32(1, 3, 1), 1)
                .sample("scalar", f32(), -1)
                .error("out of range", f32(1, 3), 2);
        t.op("aten.squeeze.dims")
                .sample("two", f32(1, 3, 1), l(0, -1))
                .sample("mixed", f32(1, 3, 1), l(0, 1))
                .sample("none", f32(1, 3), l())
                .error("appears twice", f32(1, 3, 1), l(0, 0));
        t.op("aten.unsqueeze")
                .sample("front", f32(2, 3), 0)
                .sample("middle", f32(2, 3), 1)
                .sample("end", f32(2, 3), -1)
                .sample("scalar", f32(), 0)
                .error("out of range: expected -3 to 2, got 3", f32(2, 3), 3);
        for (String op : new String[] {"aten.expand", "aten.broadcast_to"}) {
            t.op(op)
                    .sample("rows", f32(1, 3), l(4, 3))
                    .sample("new dimension", f32(3, 1), l(2, -1, 5))
                    .sample("scalar", f32(), l(2, 3))
                    .sample("to none", f32(1, 3), l(0, 3))
                    .sample("of transposed", f32(1, 2, 3).transposed(), l(4, 2, 3))
                    .error("does not expand to [3]", f32(2, 3), l(3))
                    .error("does not expand to [2, 4]", f32(2, 3), l(2, 4))
                    .error("does not expand", f32(3), l(-1, 3));
        }
    }

    private static void parts(SampleTable t) {
        t.op("aten.slice.Tensor")
                .sample("range", f32(7, 5), 0, 2, 5)
                .sample("steps", f32(7, 5), 1, 0, 5, 2)
                .sample("negative", f32(7, 5), -2, -3, -1)
                .sample("open", f32(7, 5), 0, null, null)
                .sample("beyond", f32(7, 5), 0, 5, Long.MAX_VALUE)
                .sample("empty", f32(7, 5), 0, 5, 2)
                .sample("of transposed", f32(7, 6).transposed(), 1, 1, 6, 2)
                .error("'step' must be positive", f32(7, 5), 0, 0, 5, 0)
                .error("at least one dimension", f32(), 0, 0, 1);
        t.op("aten.select.int")
                .sample("first", f32(7, 5), 0, 3)
                .sample("last", f32(7, 5), -1, -1)
                .sample("vector", i64(7), 0, 2)
                .sample("of strided", f32(7, 5).strided(), 1, 2)
                .error("index 7 is out of range", f32(7, 5), 0, 7)
                .error("index -6 is out of range", f32(7, 5), 1, -6)
                .error("at least one dimension", f32(), 0, 0);
        t.op("aten.narrow")
                .sample("rows", f32(7, 5), 0, 2, 3)
                .sample("negative start", f32(7, 5), 1, -3, 2)
                .sample("to the end", f32(7, 5), 1, -3, 3)
                .sample("none", f32(7, 5), 1, 5, 0)
                .error("exceeds dimension", f32(7, 5), 0, 5, 3)
                .error("'length' must not be negative", f32(7, 5), 0, 0, -1)
                .error("out of range", f32(7, 5), 0, 8, 0);
        t.op("aten.diagonal")
                .sample("main", f32(5, 7))
                .sample("above", f32(5, 7), 2)
                .sample("below", f32(5, 7), -3)
                .sample("outside", f32(5, 7), 9)
                .sample("other dimensions", f32(2, 5, 3, 5), 1, 3, 1)
                .error("two distinct dimensions", f32(5, 7), 0, 1, 1)
                .error("out of range", f32(5), 0, 0, 1);
        t.op("aten.unfold")
                .sample("overlapping", f32(3, 9), 1, 3, 2)
                .sample("rows", f32(5, 4), 0, 2, 3)
                .sample("whole", f32(5), -1, 5, 1)
                .sample("scalar", f32(), 0, 1, 1)
                .error("exceeds dimension", f32(3, 9), 1, 10, 1)
                .error("'step' must be positive", f32(3, 9), 1, 3, 0);
        t.op("aten.as_strided")
                .sample("windows", f32(10), l(3, 4), l(2, 1), 1)
                .sample("repeat", f32(3), l(4, 3), l(0, 1))
                .sample("diagonal", f32(4, 4), l(4), l(5))
                .error("must have one length", f32(10), l(3, 4), l(2))
                .error("'storage_offset' must not be negative", f32(10), l(2), l(1), -1)
                .error("'stride' must be at least 0", f32(10), l(2), l(-1));
    }

    private static void lists(SampleTable t) {
        t.op("aten.split.Tensor")
                .sample("even", f32(6, 5), 2)
                .sample("rest", f32(7, 5), 3)
                .sample("columns", f32(3, 7), 2, -1)
                .sample("larger", f32(3, 7), 10)
                .sample("empty", f32(0, 7), 3)
                .sample("empty by 0", f32(0, 7), 0)
                .error("'split_size' must not be negative", f32(6, 5), -1)
                .error("'split_size' may be 0 only", f32(6, 5), 0)
                .error("at least one dimension", f32(), 1);
        t.op("aten.split_with_sizes")
                .sample("rows", f32(6, 5), l(1, 3, 2))
                .sample("with none", f32(6, 5), l(0, 5), 1)
                .error("must add up", f32(6, 5), l(1, 3))
                .error("'split_sizes' must be at least 0", f32(6, 5), l(7, -1));
        t.op("aten.chunk")
                .sample("even", f32(6, 5), 3)
                .sample("fewer than asked for", f32(7, 5), 5)
                .sample("columns", f32(3, 8), 3, 1)
                .sample("empty", f32(0, 5), 3)
                .error("'chunks' must be positive", f32(6, 5), 0);
        t.op("aten.unbind.int")
                .sample("rows", f32(3, 5))
                .sample("columns", f32(3, 5), -1)
                .sample("vector", f32(3))
                .error("at least one dimension", f32());
    }
}
