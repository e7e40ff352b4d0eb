package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.bool;
import static org.ipex4j.compiler.samples.Draw.f16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i32;
import static org.ipex4j.compiler.samples.Draw.i64;
import static org.ipex4j.compiler.samples.Draw.u8;

import org.ipex4j.ir.DType;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Schema;

/** Samples of reductions and scans. */
final class ReductionSamples {
    private static final long[] ALL = {};

    private ReductionSamples() {}

    static void addTo(SampleTable t) {
        sums(t);
        extremes(t);
        truths(t);
        moments(t);
        norms(t);
        for (String op : new String[] {"cumsum", "cumprod"}) {
            SampleTable.Entry e = t.op("aten." + op).slack(4);
            e.sample("last", f32(7, 13).within(-1.5, 1.5), -1);
            e.sample("first", f32(13, 7).within(-1.5, 1.5), 0);
            e.sample("middle", f32(3, 33, 5).within(-1.2, 1.2), 1);
            e.sample("long", f32(207).within(-1, 1), 0);
            e.sample("transposed", f32(13, 7).within(-1, 1).transposed(), 1);
            e.sample("i64", i64(33).within(-2, 2), 0);
            e.sample("u8", u8(7).within(0, 3), 0);
            e.sample("bool", bool(13), 0);
            e.sample("dtype", i32(13).within(1, 2), 0, DType.FLOAT32);
            e.sample("f64", f64(13), 0);
            e.sample("scalar", f32(), 0);
            e.sample("empty", f32(0, 3), 0);
            e.sample("specials", f32(13).special(), 0);
            e.error("dimension out of range: expected -2 to 1, got 2", f32(2, 3), 2);
        }
    }

    private static Schema schema(String op) {
        return OpCatalog.get("aten." + op).schema();
    }

    /**
     * Which dimensions, shapes and memory orders, for an op with {@code int[] dim} and {@code
     * keepdim}.
     */
    private static void overDims(SampleTable.Entry e, Object... before) {
        e.sample("last", with(f32(7, 13), before, new long[] {-1}, false));
        e.sample("first", with(f32(13, 7), before, new long[] {0}, false));
        e.sample("keepdim", with(f32(7, 13), before, new long[] {1}, true));
        e.sample("middle", with(f32(3, 33, 5), before, new long[] {1}, false));
        e.sample("two", with(f32(3, 7, 13), before, new long[] {0, 2}, false));
        e.sample("two kept", with(f32(2, 3, 7, 5), before, new long[] {-1, -2}, true));
        e.sample("all", with(f32(7, 13), before, new long[] {0, 1}, false));
        e.sample("long rows", with(f32(3, 207), before, new long[] {1}, false));
        e.sample("long columns", with(f32(207, 3), before, new long[] {0}, false));
        e.sample("ones", with(f32(1, 7, 1), before, new long[] {0, 2}, false));
        e.sample("scalar", with(f32(), before, new long[] {0}, false));
        e.sample("transposed", with(f32(13, 7).transposed(), before, new long[] {1}, false));
        e.sample("strided", with(f32(5, 33).strided(), before, new long[] {0}, true));
        e.sample("expanded", with(f32(7, 13).expanded(), before, new long[] {0}, false));
        e.sample("specials", with(f32(33, 5).special(), before, new long[] {1}, false));
        e.sample("no rows", with(f32(0, 7), before, new long[] {1}, false));
        e.sample("f64", with(f64(7, 13), before, new long[] {0}, false));
        e.sample("bf16", with(bf16(7, 13), before, new long[] {1}, false));
        e.sample("f16", with(f16(7, 13), before, new long[] {1}, false));
        e.error(
                "dimension out of range: expected -2 to 1, got 2",
                with(f32(2, 3), before, new long[] {2}, false));
        e.error("appears twice in", with(f32(2, 3), before, new long[] {1, -1}, false));
    }

    private static Object[] with(Draw x, Object[] before, Object... after) {
        Object[] out = new Object[1 + before.length + after.length];
        out[0] = x;
        System.arraycopy(before, 0, out, 1, before.length);
        System.arraycopy(after, 0, out, 1 + before.length, after.length);
        return out;
    }

    private static void whole(SampleTable.Entry e) {
        e.sample("matrix", f32(7, 13));
        e.sample("vector", f32(207));
        e.sample("scalar", f32());
        e.sample("transposed", f32(13, 7).transposed());
        e.sample("strided", f32(5, 33).strided());
        e.sample("specials", f32(33).special());
        e.sample("f64", f64(33));
        e.sample("bf16", bf16(33));
    }

    private static void sums(SampleTable t) {
        for (String op : new String[] {"sum.dim_IntList", "mean.dim", "nansum"}) {
            SampleTable.Entry e = t.op("aten." + op).slack(4);
            overDims(e);
            e.sample("empty list", f32(7, 13), ALL);
            e.sample("left out", f32(7, 13), null);
            e.sample("nothing to add", f32(3, 0), new long[] {1});
            e.sample("dtype", i64(7, 13), new long[] {1}, false, DType.FLOAT32);
        }
        for (String op : new String[] {"sum", "prod", "mean"}) {
            SampleTable.Entry e = t.op("aten." + op).slack(4);
            e.sample("matrix", f32(7, 13).within(-1.5, 1.5));
            e.sample("vector", f32(207).within(-1.5, 1.5));
            e.sample("scalar", f32());
            e.sample("empty", f32(0));
            e.sample("strided", f32(5, 33).within(-1.2, 1.2).strided());
            e.sample("specials", f32(13).special());
            e.sample("f64", f64(33).within(-1.5, 1.5));
            e.sample("bf16", bf16(33).within(-1, 1));
            e.sample("dtype", i32(7), DType.FLOAT64);
        }
        for (String op : new String[] {"sum", "prod"}) {
            t.op("aten." + op)
                    .sample("i64", i64(13).within(-3, 3))
                    .sample("i32", i32(13).within(1, 3))
                    .sample("u8", u8(33).within(1, 2))
                    .sample("bool", bool(33))
                    .sample("narrow dtype", i64(33).within(1, 9), DType.INT32);
        }
        t.op("aten.sum.dim_IntList")
                .sample("i64", i64(7, 13), new long[] {0})
                .sample("bool", bool(7, 13), new long[] {1})
                .sample("u8", u8(7, 200), new long[] {1});
        t.op("aten.sum").sample("large i64", i64(2).values(1L << 60, 1L));
        SampleTable.Entry p = t.op("aten.prod.dim_int").slack(4);
        p.sample("last", f32(7, 13).within(-1.5, 1.5), -1)
                .sample("first kept", f32(13, 7).within(-1.5, 1.5), 0, true)
                .sample("i64", i64(5, 7).within(-3, 3), 1)
                .sample("dtype", i32(5, 3), 1, false, DType.FLOAT32)
                .sample("scalar", f32(), 0)
                .sample("nothing to multiply", f32(3, 0), 1)
                .error("dimension out of range: expected -1 to 0, got 1", f32(3), 1);
        for (String op : new String[] {"mean", "mean.dim"}) {
            Object[] args =
                    op.equals("mean")
                            ? new Object[] {i64(3)}
                            : new Object[] {i64(3), new long[] {0}};
            t.op("aten." + op).error("the dtype is int64, expected a floating dtype", args);
        }
    }

    private static void extremes(SampleTable t) {
        for (String op : new String[] {"amax", "amin"}) {
            SampleTable.Entry e = t.op("aten." + op);
            overDims(e);
            e.sample("empty list", f32(7, 13), ALL);
            e.sample("i64", i64(7, 13), new long[] {1});
            e.sample("u8", u8(7, 13), new long[] {0});
            e.sample("bool", bool(7, 3), new long[] {1});
            e.error(
                    "cannot reduce dimension 1 of size 0 of [3, 0]: there is no identity",
                    f32(3, 0),
                    new long[] {1});
        }
        for (String op : new String[] {"max", "min"}) {
            SampleTable.Entry e = t.op("aten." + op);
            whole(e);
            e.sample("i64", i64(33));
            e.sample("bool", bool(7));
            e.error("cannot reduce dimension 0 of size 0 of [0]: there is no identity", f32(0));
            overDim(t.op("aten." + op + ".dim"));
            t.op("aten." + op + ".dim").sample("bool", bool(7, 3), 1);
        }
        for (String op : new String[] {"argmax", "argmin"}) {
            SampleTable.Entry e = t.op("aten." + op);
            overDim(e);
            e.sample("whole", f32(7, 13));
            e.sample("whole kept", f32(7, 13), null, true);
            e.sample("whole transposed", f32(13, 7).transposed());
            e.error("the input is bool, expected an integer or floating dtype", bool(3));
            e.error("cannot reduce dimension 0 of size 0 of [0]: there is no identity", f32(0));
        }
    }

    private static void overDim(SampleTable.Entry e) {
        e.sample("last", f32(7, 13), -1);
        e.sample("first", f32(13, 7), 0);
        e.sample("kept", f32(3, 33, 5), 1, true);
        e.sample("long", f32(3, 207), 1);
        e.sample("ties", f32(3, 33).within(0, 0), 1);
        e.sample("few values", i64(7, 33).within(0, 3), 1);
        e.sample("specials", f32(33, 5).special(), 1);
        e.sample("specials down", f32(5, 33).special(), 0);
        e.sample("transposed", f32(13, 7).transposed(), 1);
        e.sample("scalar", f32(), 0);
        e.sample("no rows", f32(0, 3), 1);
        e.sample("u8", u8(33), 0);
        e.sample("bf16", bf16(7, 13), 1);
        e.error("dimension out of range: expected -2 to 1, got -3", f32(2, 3), -3);
        e.error(
                "cannot reduce dimension 1 of size 0 of [3, 0]: there is no identity",
                f32(3, 0),
                1);
    }

    private static void truths(SampleTable t) {
        for (String op : new String[] {"any", "all"}) {
            t.op("aten." + op)
                    .sample("bool", bool(7, 13))
                    .sample("f32", f32(33).special())
                    .sample("zeros", f32(33).within(0, 0))
                    .sample("ones", bool(33).within(1, 1))
                    .sample("u8", u8(33))
                    .sample("empty", bool(0))
                    .sample("scalar", bool())
                    .sample("transposed", bool(13, 7).transposed());
            t.op("aten." + op + ".dim")
                    .sample("last", bool(7, 3), -1)
                    .sample("first kept", bool(3, 7), 0, true)
                    .sample("f32", f32(7, 3).within(-1, 1), 1)
                    .sample("i64", i64(33, 3).within(0, 1), 1)
                    .sample("u8", u8(7, 3).within(0, 1), 1)
                    .sample("nothing", bool(3, 0), 1)
                    .error("dimension out of range", bool(3), 1);
            t.op("aten." + op + ".dims")
                    .sample("two", bool(3, 7, 5), new long[] {0, 2})
                    .sample("kept", bool(3, 2), new long[] {1}, true)
                    .sample("left out", bool(3, 2))
                    .error("appears twice in", bool(2, 3), new long[] {0, 0})
                    .withoutOracle(
                            "ATen takes an empty list here for no dimension, elsewhere for all")
                    .error(
                            "dim is an empty list; leave it out to reduce all dimensions",
                            bool(3),
                            ALL);
        }
        for (String op : new String[] {"count_nonzero", "count_nonzero.dim_IntList"}) {
            boolean list = schema(op).params().get(1).kind() == org.ipex4j.ir.op.Param.Kind.INTS;
            SampleTable.Entry e = t.op("aten." + op);
            Object first = list ? new long[] {0} : (Object) 0;
            e.sample("f32", f32(33, 5).special(), first)
                    .sample("i64", i64(7, 13).within(0, 1), first)
                    .sample("bool", bool(7, 13), first);
        }
        t.op("aten.count_nonzero").sample("whole", i64(7, 13).within(0, 2)).sample("empty", f32(0));
        t.op("aten.count_nonzero.dim_IntList")
                .sample("two", i64(3, 7, 5).within(0, 1), new long[] {0, 2});
    }

    private static void moments(SampleTable t) {
        for (String op :
                new String[] {
                    "var.correction", "std.correction", "var_mean.correction", "std_mean.correction"
                }) {
            SampleTable.Entry e = t.op("aten." + op).slack(4);
            e.sample("last", f32(7, 13), new long[] {-1});
            e.sample("first kept", f32(13, 7), new long[] {0}, null, true);
            e.sample("population", f32(7, 13), new long[] {1}, 0);
            e.sample("real correction", f32(7, 13), new long[] {1}, 1.5);
            e.sample("whole", f32(7, 13));
            e.sample("two", f32(3, 7, 13), new long[] {0, 2}, 0, true);
            e.sample("far from zero", f32(7, 33).within(1000, 1001), new long[] {1});
            e.sample("long", f32(207));
            e.sample("one element", f32(7, 1), new long[] {1}, 0);
            e.sample("one element too few", f32(7, 1), new long[] {1}, 1);
            e.sample("transposed", f32(13, 7).transposed(), new long[] {1});
            SampleTable.Entry infinite =
                    op.contains("mean")
                            ? e.withoutOracle("ATen's running mean turns infinity into NaN")
                            : e;
            infinite.sample("specials", f32(13, 5).special(), new long[] {1});
            e.sample("f64", f64(33));
            e.sample("bf16", bf16(7, 13), new long[] {1});
            e.error("the dtype is int64, expected a floating dtype", i64(3));
            e.error("dimension out of range", f32(3), new long[] {1});
        }
    }

    private static void norms(SampleTable t) {
        SampleTable.Entry e = t.op("aten.linalg_vector_norm").slack(4);
        for (double ord :
                new double[] {
                    2, 1, 0, 3, 0.5, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
                }) {
            e.sample("ord " + ord, f32(7, 13), ord, new long[] {1}, false);
        }
        overDims(e, 2);
        e.sample("whole", f32(7, 13));
        e.sample("dtype", f32(7, 13), 2, null, false, DType.FLOAT64);
        e.sample("nothing", f32(3, 0), 2, new long[] {1});
        e.error("the input is int64, expected a floating dtype", i64(3));
        e.error(
                "dtype float16 is narrower than the input's float32",
                f32(3),
                2,
                null,
                false,
                DType.FLOAT16);
        e.error("there is no identity", f32(3, 0), Double.POSITIVE_INFINITY, new long[] {1});
        t.op("aten.norm.Scalar")
                .slack(4)
                .sample("two", f32(7, 13))
                .sample("one", f32(207), 1)
                .sample("f64", f64(13), 3)
                .error("the dtype is int64, expected a floating dtype", i64(3));
        t.op("aten.norm.ScalarOpt_dim")
                .slack(4)
                .sample("two", f32(7, 13), 2, new long[] {1})
                .sample("left out", f32(7, 13), null, new long[] {0}, true)
                .sample("one", f32(3, 7, 5), 1, new long[] {0, 2});
        SampleTable.Entry l = t.op("aten.logsumexp").slack(2);
        l.sample("last", f32(7, 13), new long[] {-1})
                .sample("large", f32(7, 13).within(80, 100), new long[] {1})
                .sample("two kept", f32(3, 7, 5), new long[] {0, 2}, true)
                .sample("i64", i64(7, 13), new long[] {1})
                .sample(
                        "minus infinity",
                        f32(2).values(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY),
                        new long[] {0})
                .sample("specials", f32(33, 5).special(), new long[] {1})
                .sample("bf16", bf16(7, 13), new long[] {1})
                .error("dimension out of range", f32(3), new long[] {1});
    }
}
