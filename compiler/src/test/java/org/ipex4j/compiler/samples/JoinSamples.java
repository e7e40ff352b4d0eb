package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.bool;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i32;
import static org.ipex4j.compiler.samples.Draw.i64;
import static org.ipex4j.compiler.samples.Draw.u8;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Joining, repeating, moving and padding. */
final class JoinSamples {
    private JoinSamples() {}

    private static long[] l(long... values) {
        return values;
    }

    static void addTo(SampleTable t) {
        joins(t);
        repeats(t);
        moves(t);
        pads(t);
    }

    private static void joins(SampleTable t) {
        t.op("aten.cat")
                .sample("rows", List.of(f32(3, 5), f32(1, 5), f32(7, 5)))
                .sample("columns", List.of(f32(3, 5), f32(3, 33)), 1)
                .sample("channels", List.of(f32(2, 3, 5, 5), f32(2, 7, 5, 5)), -3)
                .sample("one", List.of(f32(3, 5)))
                .sample("promoted", List.of(f32(3), i64(2), bf16(4)))
                .sample("integers", List.of(u8(3), i32(2), bool(2)))
                .sample("empty part", List.of(f32(3, 5), f32(0, 5)))
                .sample("legacy empty", List.of(f32(0), f32(3, 5)), 1)
                .sample("legacy empty promotes", List.of(f64(0), f32(3, 5)), 1)
                .sample("all empty", List.of(f32(0), f32(0)))
                .sample("transposed", List.of(f32(3, 5).transposed(), f32(3, 5).strided()), 1)
                .sample("many", many(75, i -> f32(2, 1 + i % 3)), -1)
                .sample("many promoted", many(40, i -> i < 20 ? f32(0) : bf16(1, 2)), 1)
                .error("tensor 1 has [2, 4], the first [2, 3]", List.of(f32(2, 3), f32(2, 4)), 0)
                .error("at least one tensor", List.of())
                .error("scalars cannot be concatenated", List.of(f32(), f32()))
                .error("out of range", List.of(f32(2, 3), f32(2, 3)), 2);
        t.op("aten.stack")
                .sample("front", List.of(f32(3, 5), f32(3, 5)))
                .sample("end", List.of(f32(3, 5), f32(3, 5), f32(3, 5)), -1)
                .sample("scalars", List.of(f32(), f32()))
                .sample("promoted", List.of(f32(3), i64(3)), 1)
                .sample("many", many(33, i -> f32()))
                .sample("transposed", List.of(f32(3, 5).transposed(), f32(3, 5)), 1)
                .error("must have equal sizes", List.of(f32(3, 5), f32(3, 4)))
                .error("at least one tensor", List.of())
                .error("out of range", List.of(f32(3), f32(3)), 2);
    }

    private static List<Draw> many(int count, IntFunction<Draw> tensor) {
        return IntStream.range(0, count).mapToObj(tensor).toList();
    }

    private static void repeats(SampleTable t) {
        t.op("aten.repeat")
                .sample("same rank", f32(2, 3), l(3, 2))
                .sample("more dimensions", f32(2, 3), l(2, 1, 2))
                .sample("scalar", f32(), l(3))
                .sample("none", f32(2, 3), l(0, 1))
                .sample("transposed", i64(2, 3).transposed(), l(1, 2))
                .error("at least as many values", f32(2, 3), l(2))
                .error("must be at least 0", f32(2, 3), l(2, -1));
        t.op("aten.tile")
                .sample("fewer", f32(2, 3), l(2))
                .sample("more", f32(3), l(2, 2))
                .sample("none", f32(2, 3), l());
        t.op("aten.repeat_interleave.self_int")
                .sample("flat", f32(2, 3), 2)
                .sample("rows", f32(2, 3), 3, 0)
                .sample("columns", f32(2, 3), 2, -1)
                .sample("none", f32(2, 3), 0, 1)
                .sample("size given", f32(2, 3), 2, 1, 6)
                .error("must not be negative", f32(2, 3), -1)
                .error("out of range", f32(2, 3), 2, 2);
        t.op("aten.repeat_interleave.self_Tensor")
                .sample("flat", f32(2, 2), i64(4).values(1L, 0, 3, 2))
                .sample("rows", f32(3, 2), i64(3).values(2L, 1, 0), 0)
                .sample("one count", f32(3, 2), i64(1).values(2L), 1);
    }

    private static void moves(SampleTable t) {
        t.op("aten.roll")
                .sample("flat", f32(3, 5), l(2))
                .sample("rows", f32(3, 5), l(1), l(0))
                .sample("two", f32(3, 5), l(-1, 7), l(0, 1))
                .sample("empty", f32(0, 5), l(1), l(0))
                .error("must have one length", f32(3, 5), l(1, 2), l(0))
                .error("'shifts' must not be empty", f32(3, 5), l())
                .error("out of range", f32(3, 5), l(1), l(2));
        t.op("aten.flip")
                .sample("rows", f32(3, 5), l(0))
                .sample("both", f32(3, 5), l(0, -1))
                .sample("none", f32(3, 5), l())
                .sample("middle", bool(2, 3, 5), l(1))
                .sample("transposed", f32(3, 5).transposed(), l(1))
                .error("appears twice", f32(3, 5), l(0, 0))
                .error("out of range", f32(3, 5), l(2));
        t.op("aten.rot90")
                .sample("once", f32(3, 5))
                .sample("twice", f32(3, 5), 2)
                .sample("thrice", f32(3, 5), 3)
                .sample("back", f32(3, 5), -1)
                .sample("full", f32(3, 5), 4)
                .sample("other dimensions", f32(2, 3, 5), 1, l(2, 1))
                .error("must name two dimensions", f32(3, 5), 1, l(0))
                .error("at least 2 dimensions", f32(3));
    }

    private static void pads(SampleTable t) {
        t.op("aten.constant_pad_nd")
                .sample("last", f32(2, 3), l(1, 2))
                .sample("two", f32(2, 3, 5), l(1, 0, 2, 1), 7.5)
                .sample("crop", f32(5, 7), l(-1, 2, 0, -2), -1)
                .sample("integer", i64(2, 3), l(1, 1), 3)
                .sample("bool", bool(3), l(1, 1), true)
                .sample("infinity", f32(2, 2), l(1, 1, 1, 1), Double.NEGATIVE_INFINITY)
                .sample("nothing", f32(2, 3), l())
                .sample("transposed", f32(3, 5).transposed(), l(1, 1, 2, 0))
                .error("a pair for up to 2 dimensions", f32(2, 3), l(1))
                .error("a pair for up to 1 dimensions", f32(3), l(1, 1, 1, 1))
                .error("would give size -1", f32(2, 3), l(-4, 0));
        t.op("aten.pad")
                .sample("constant", f32(2, 3), l(1, 2))
                .sample("value", f32(2, 3), l(1, 2), "constant", 2.5)
                .sample("reflect", f32(2, 3, 5, 7), l(1, 2, 3, 0), "reflect")
                .sample("replicate", f32(2, 3, 5), l(2, 6), "replicate")
                .sample("circular", f32(1, 2, 4, 5), l(2, 1, 3, 4), "circular")
                .error("takes no 'value'", f32(1, 2, 3), l(1, 1), "reflect", 1.0)
                .error("'mode' must be", f32(1, 2, 3), l(1, 1), "mirror")
                .error("pads at most 2", f32(1, 2, 3), l(3, 1), "reflect");
        t.op("aten.reflection_pad1d")
                .sample("plain", f32(2, 3, 5), l(4, 2))
                .sample("no batch", f32(3, 5), l(0, 3))
                .error("pads at most 4", f32(2, 3, 5), l(5, 0));
        t.op("aten.reflection_pad2d")
                .sample("plain", f32(2, 3, 5, 4), l(3, 2, 1, 4))
                .sample("crop", f32(3, 5, 4), l(-1, 2, 1, -2))
                .error("pads at most 3", f32(2, 3, 5, 4), l(4, 0, 0, 0));
        t.op("aten.reflection_pad3d").sample("plain", f32(1, 2, 3, 4, 5), l(1, 2, 3, 0, 2, 1));
        t.op("aten.replication_pad1d")
                .sample("plain", f32(2, 3, 5), l(7, 2))
                .sample("crop", f32(3, 5), l(-2, 3));
        t.op("aten.replication_pad2d").sample("plain", f32(2, 3, 5, 4), l(5, 2, 1, 7));
        t.op("aten.replication_pad3d").sample("plain", f32(1, 2, 3, 4, 5), l(1, 2, 5, 0, 2, 1));
    }
}
