package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.bool;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i32;
import static org.ipex4j.compiler.samples.Draw.i64;

import java.util.Arrays;
import java.util.List;

/** Reading and writing by index. */
final class IndexSamples {
    private IndexSamples() {}

    static void addTo(SampleTable t) {
        reads(t);
        dataDependent(t);
        scatters(t);
        writes(t);
    }

    private static Draw index(long below, long... sizes) {
        return i64(sizes).within(0, below - 1);
    }

    private static void reads(SampleTable t) {
        t.op("aten.index_select")
                .sample("rows", f32(5, 7), 0, index(5, 9))
                .sample("columns", f32(5, 7), -1, index(7, 3))
                .sample("middle", f32(2, 5, 3), 1, index(5, 4))
                .sample("int32 index", f32(5, 7), 0, i32(3).within(0, 4))
                .sample("scalar index", f32(5, 7), 0, index(5))
                .sample("none", f32(5, 7), 0, i64(0))
                .sample("scalar", f32(), 0, i64(1).values(0L))
                .sample("transposed", f32(5, 7).transposed(), 1, index(7, 3))
                .error("must be int64 or int32", f32(5, 7), 0, f32(3))
                .error("'index' must have 0 to 1 dimensions", f32(5, 7), 0, i64(2, 2))
                .error("out of range", f32(5, 7), 2, i64(3));
        t.op("aten.gather")
                .sample("rows", f32(5, 7), 0, index(5, 3, 7))
                .sample("columns", f32(5, 7), 1, index(7, 5, 9))
                .sample("part", f32(5, 7), 1, index(7, 3, 2))
                .sample("3d", f32(2, 5, 3), -2, index(5, 2, 4, 3))
                .sample("none", f32(5, 7), 0, i64(0, 7))
                .sample("scalar", f32(), 0, i64().values(0L))
                .sample("transposed", f32(5, 7).transposed(), 0, index(5, 5, 7))
                .error("equally many dimensions", f32(5, 7), 0, i64(3))
                .error(
                        "must not exceed 'self' [5, 7] except in dimension 0",
                        f32(5, 7),
                        0,
                        i64(3, 8))
                .error("must be int64", f32(5, 7), 0, f32(3, 7));
        t.op("aten.index.Tensor")
                .sample("rows", f32(5, 7), List.of(index(5, 3)))
                .sample("negative", f32(5, 7), List.of(i64(4).within(-5, 4)))
                .sample("columns", f32(5, 7), Arrays.asList(null, index(7, 3, 2)))
                .sample("pairs", f32(5, 7), List.of(index(5, 4), index(7, 4)))
                .sample("broadcast", f32(5, 7), List.of(index(5, 3, 1), index(7, 4)))
                .sample("adjacent", f32(2, 3, 5, 7), Arrays.asList(null, index(3, 4), index(5, 4)))
                .sample("apart", f32(2, 3, 5, 7), Arrays.asList(index(2, 4), null, index(5, 4)))
                .sample("scalar index", f32(5, 7), List.of(index(5)))
                .sample("none", f32(5, 7), List.of(i64(0)))
                .sample("int32 index", f32(5, 7), List.of(i32(3).within(0, 4)))
                .sample("transposed", f32(5, 7).transposed(), List.of(index(5, 3)))
                .error("3 indices for sizes [5, 7]", f32(5, 7), List.of(i64(1), i64(1), i64(1)))
                .error("indices do not broadcast", f32(5, 7), List.of(i64(3), i64(4)))
                .error("must be int64, int32 or bool", f32(5, 7), List.of(f32(3)));
        t.op("aten.index.Tensor")
                .withoutOracle("libtorch runs with a mask; the IR has no type for the result")
                .error("sizes depend on the data", f32(5, 7), List.of(bool(5)));
        t.op("aten.take")
                .sample("plain", f32(5, 7), index(35, 4, 2))
                .sample("negative", f32(5, 7), i64(6).within(-35, 34))
                .sample("transposed", f32(5, 7).transposed(), index(35, 4))
                .error("'index' must be int64", f32(5, 7), f32(3))
                .error("empty tensor", f32(0), i64(3));
        t.op("aten.take_along_dim")
                .sample("rows", f32(5, 7), index(5, 3, 7), 0)
                .sample("broadcast", f32(5, 7), index(7, 1, 3), 1)
                .sample("flat", f32(5, 7), index(35, 4))
                .error("equally many dimensions", f32(5, 7), i64(3), 0);
        t.op("aten.embedding")
                .sample("sentence", f32(13, 8), index(13, 7))
                .sample("batch", f32(13, 8), index(13, 2, 5), 3)
                .sample("int32", bf16(13, 8), i32(5).within(0, 12))
                .sample("one", f32(13, 8), index(13))
                .error("'weight' must have 2 dimensions", f32(13), i64(3))
                .error("must be int64 or int32", f32(13, 8), f32(3));
    }

    private static void dataDependent(SampleTable t) {
        t.op("aten.masked_select")
                .sample("plain", f32(5, 7), bool(5, 7))
                .sample("broadcast", f32(5, 7), bool(7))
                .sample("mask larger", f32(7), bool(5, 7))
                .sample("none", f32(3), bool(3).values(0L, 0, 0));
        t.op("aten.nonzero")
                .sample("floats", f32(3, 2).values(0.0, 1, -0.0, Double.NaN, 2, 0))
                .sample("bool", bool(5, 7))
                .sample("none", i64(3).values(0L, 0, 0))
                .sample("scalar", f32().values(2.0));
        t.op("aten._unique2")
                .sample("values", i64(13).within(0, 4))
                .sample("all", i64(3, 5).within(0, 4), true, true, true)
                .sample("floats", f32(6).values(2.0, 1, 2, -1, 1, 3), true, true, true)
                .sample("bool", bool(6), true, true, true)
                .sample("empty", f32(0), true, true, true);
        t.op("aten.unique_dim")
                .sample("rows", i64(6, 2).within(0, 1), 0, true, true, true)
                .sample("columns", i64(2, 6).within(0, 1), 1, true, true, true)
                .sample("vector", f32(5).values(2.0, 1, 2, -1, 1), 0, true, true, true);
    }

    private static void scatters(SampleTable t) {
        // Distinct positions: with repeated ones it is not said which value stays.
        Draw distinct = i64(3, 4).values(0L, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1);
        t.op("aten.scatter.src")
                .sample("rows", f32(5, 4), 0, distinct, f32(3, 4))
                .sample("int32 index", f32(5, 4), 0, i32(2, 3).values(0L, 1, 2, 3, 4, 0), f32(3, 4))
                .sample("larger source", f32(5, 7), 0, distinct, f32(4, 9))
                .sample("columns", f32(4, 5), 1, i64(3, 2).values(0L, 4, 1, 2, 3, 0), f32(3, 2))
                .sample("scalar", f32(), 0, i64().values(0L), f32())
                .sample("none", f32(5, 4), 0, i64(0), f32(3, 4))
                .sample("transposed", f32(5, 4).transposed(), 0, distinct, f32(3, 4).transposed())
                .error("must not exceed 'src' [2, 4]", f32(5, 4), 0, distinct, f32(2, 4))
                .error("except in dimension 0", f32(5, 3), 0, distinct, f32(3, 4))
                .error("must have one dtype", f32(5, 4), 0, distinct, f64(3, 4))
                .error("must be int64", f32(5, 4), 0, f32(3, 4), f32(3, 4));
        t.op("aten.scatter.value")
                .sample("rows", f32(5, 4), 0, distinct, 2.5)
                .sample("repeated", f32(5, 4), 1, index(4, 2, 3), -1)
                .sample("integers", i64(5, 4), 0, distinct, 7)
                .error("equally many dimensions", f32(5, 4), 0, i64(3), 1.0);
        t.op("aten.scatter_add")
                .sample("repeated", f32(5, 4), 0, index(5, 9, 4), f32(9, 4))
                .sample("part", f32(5, 4), 1, index(4, 2, 3), f32(5, 7))
                .sample("integers", i64(5, 4), 0, index(5, 9, 4), i64(9, 4))
                .sample("scalar", f32(), 0, i64().values(0L), f32())
                .error("must not exceed 'src'", f32(5, 4), 0, i64(9, 4), f32(8, 4));
        t.op("aten.index_add")
                .sample("rows", f32(5, 4), 0, index(5, 9), f32(9, 4))
                .sample("columns, scaled", f32(5, 4), 1, index(4, 3), f32(5, 3), -2.0)
                .sample("integers", i64(5), 0, i32(3).within(0, 4), i64(3), 2)
                .sample("scalar", f32(), 0, i64(1).values(0L), f32())
                .error(
                        "'source' [9, 3] must have the sizes of 'self' [5, 4], with 9",
                        f32(5, 4),
                        0,
                        i64(9),
                        f32(9, 3))
                .error("must have one dtype", f32(5, 4), 0, i64(9), f64(9, 4));
        t.op("aten.index_copy")
                .sample("rows", f32(5, 4), 0, i64(3).values(4L, 0, 2), f32(3, 4))
                .sample("columns", f32(5, 4).transposed(), -1, i64(2).values(3L, 1), f32(5, 2))
                .error("must have the sizes of", f32(5, 4), 0, i64(3), f32(2, 4))
                .error("'index' must be int64", f32(5, 4), 0, i32(3), f32(3, 4));
        t.op("aten.index_fill.int_Scalar")
                .sample("rows", f32(5, 4), 0, index(5, 3), 2.5)
                .sample("negative", f32(5, 4), 1, i64(2).values(-1L, 0), 1)
                .error("'index' must be int64", f32(5, 4), 0, i32(3), 1.0);
    }

    private static void writes(SampleTable t) {
        t.op("aten.index_put")
                .sample("rows", f32(5, 7), List.of(i64(3).values(4L, -5, 2)), f32(3, 7))
                .sample("broadcast", f32(5, 7), List.of(i64(3).values(4L, 0, 2)), f32(7))
                .sample(
                        "pairs",
                        f32(5, 7),
                        List.of(i64(3).values(4L, 0, 2), i64(3).values(1L, 1, 6)),
                        f32())
                .sample("accumulate", f32(5, 7), List.of(index(5, 9)), f32(9, 7), true)
                .sample(
                        "apart",
                        f32(2, 3, 5),
                        Arrays.asList(i64(2).values(1L, 0), null, i64(2).values(4L, 0)),
                        f32(2, 3))
                .sample("integers", i64(5), List.of(index(5, 9)), i64(9), true)
                .sample("columns", f32(3, 5), Arrays.asList(null, i64(2).values(4L, 0)), f32(3, 2))
                .sample(
                        "grid",
                        f32(3, 5),
                        List.of(i64(2, 1).values(2L, 0), i64(3).values(4L, -5, 2)),
                        f32(3))
                .sample(
                        "middle",
                        f32(2, 5, 3),
                        Arrays.asList(null, i64(2, 2).values(4L, 0, 1, 2), null),
                        f32(2, 2, 2, 3))
                .error(
                        "does not expand to the indexed sizes [3, 7]",
                        f32(5, 7),
                        List.of(i64(3)),
                        f32(3, 6))
                .error("must have one dtype", f32(5, 7), List.of(i64(3)), f64(7));
        t.op("aten.put")
                .sample("plain", f32(5, 7), i64(3).values(34L, -35, 8), f32(3))
                .sample("other sizes", f32(5, 7), i64(2, 2).values(34L, 0, 8, 9), f32(4))
                .sample("accumulate", f32(5, 7), index(35, 50), f32(50), true)
                .error("equally many elements", f32(5, 7), i64(3), f32(4))
                .error("must have one dtype", f32(5, 7), i64(3), f64(3));
        t.op("aten.slice_scatter")
                .sample("rows", f32(5, 7), f32(2, 7), 0, 1, 3)
                .sample("steps", f32(5, 7), f32(5, 3), 1, 0, 6, 2)
                .sample("all", f32(5, 7), f32(5, 7))
                .sample("transposed", f32(5, 7).transposed(), f32(5, 3).transposed(), 1, -3)
                .error(
                        "'src' must have the sizes of the slice [2, 7], has [3, 7]",
                        f32(5, 7),
                        f32(3, 7),
                        0,
                        1,
                        3);
        t.op("aten.select_scatter")
                .sample("row", f32(5, 7), f32(7), 0, 2)
                .sample("column", f32(5, 7), f32(5), 1, -1)
                .error(
                        "'src' must have the sizes of the selection [7], has [5]",
                        f32(5, 7),
                        f32(5),
                        0,
                        2)
                .error("index 5 is out of range", f32(5, 7), f32(7), 0, 5);
    }
}
