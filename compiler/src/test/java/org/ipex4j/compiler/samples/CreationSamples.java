package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bool;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.i32;
import static org.ipex4j.compiler.samples.Draw.i64;

import org.ipex4j.ir.DType;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;

/** Samples of creation ops, triangles and (errors only) random ops. */
final class CreationSamples {
    private CreationSamples() {}

    static void addTo(SampleTable t) {
        // Negative seeds and positions beyond 32 bits: all words of key and counter matter.
        t.op("ipex.philox_uniform")
                .withoutOracle("an op of our own")
                .sample("f32", i64(2).values(42L, 0), 0, new long[] {7, 13}, null)
                .sample("f64", i64(2).values(-42L, 1L << 33), 3, new long[] {33}, DType.FLOAT64)
                .sample("bf16", i64(2).values(1L << 40, 5), 0, new long[] {33}, DType.BFLOAT16)
                .sample(
                        "f16",
                        i64(2).values(7L, 1L << 50),
                        1L << 35,
                        new long[] {3, 11},
                        DType.FLOAT16)
                .sample("scalar", i64(2).values(7L, 3), 1, new long[] {}, null)
                .sample("empty", i64(2).values(7L, 3), 1, new long[] {0, 3}, null)
                .error("state should be i64[2]", i64(3), 0, new long[] {3}, null)
                .error("offset must not be negative", i64(2), -1, new long[] {3}, null)
                .error("expected a floating dtype", i64(2), 0, new long[] {3}, DType.INT32);
        SampleTable.Entry full = t.op("aten.full");
        full.sample("real", new long[] {7, 13}, 2.5)
                .sample("int", new long[] {13}, 3)
                .sample("bool", new long[] {13}, true)
                .sample("dtype", new long[] {13}, 2.7, DType.INT32)
                .sample("scalar", new long[0], 1.5)
                .sample("empty", new long[] {0, 3}, 1)
                .sample("infinity", new long[] {3}, Double.NEGATIVE_INFINITY)
                .sample("bf16", new long[] {33}, 0.1, DType.BFLOAT16)
                .error("size has a negative size: [-1]", new long[] {-1}, 1);
        for (String f : new String[] {"zeros", "ones"}) {
            t.op("aten." + f)
                    .sample("f32", new long[] {7, 13})
                    .sample("i64", new long[] {13}, DType.INT64)
                    .sample("bool", new long[] {13}, DType.BOOL)
                    .sample("scalar", new long[0])
                    .error("size has a negative size: [2, -3]", new long[] {2, -3});
            t.op("aten." + f + "_like")
                    .sample("f32", f32(7, 13))
                    .sample("i64", i64(13))
                    .sample("dtype", f32(13), DType.INT32)
                    .sample("bool", bool(3));
        }
        t.op("aten.full_like")
                .sample("f32", f32(7, 13), 2.5)
                .sample("i64", i64(13), 2.7)
                .sample("dtype", i64(13), 2.5, DType.FLOAT32);
        t.op("aten.scalar_tensor")
                .sample("real", 2.5)
                .sample("int", 3)
                .sample("dtype", 3, DType.INT64);
        t.op("aten.arange")
                .sample("int", 13)
                .sample("real", 2.5)
                .sample("dtype", 7, DType.FLOAT32)
                .sample("none", 0);
        t.op("aten.arange.start")
                .sample("ints", 3, 20)
                .sample("reals", -1.5, 3)
                .sample("dtype", 2, 9, DType.FLOAT64);
        t.op("aten.arange.start_step")
                .sample("ints", 3, 40, 7)
                .sample("down", 9, -4, -2)
                .sample("reals", 0, 1, 0.1)
                .sample("long", 0, 207, 1, DType.FLOAT32)
                .sample("i32", 0, 13, 3, DType.INT32)
                .sample("none", 5, 5, 1)
                .error("step must not be 0", 0, 1, 0)
                .error("does not go the way of step", 5, 0, 1)
                .error("unsupported range", 0, Double.POSITIVE_INFINITY, 1);
        t.op("aten.linspace")
                .sample("unit", 0, 1, 13)
                .sample("down", 3, -4.5, 8)
                .sample("one", 2, 9, 1)
                .sample("none", 0, 1, 0)
                .sample("f64", 0, 1, 33, DType.FLOAT64)
                .error("steps must not be negative, is -1", 0, 1, -1);
        t.op("aten.eye")
                .sample("seven", 7)
                .sample("none", 0)
                .sample("i64", 3, DType.INT64)
                .error("sizes must not be negative: -1 and -1", -1);
        t.op("aten.eye.m")
                .sample("wide", 3, 7)
                .sample("tall", 13, 5)
                .sample("bool", 3, 4, DType.BOOL);
        t.op("aten.one_hot")
                .sample("vector", i64(13).within(0, 6), 7)
                .sample("matrix", i64(7, 3).within(0, 32), 33)
                .sample("scalar", i64().within(0, 2), 3)
                .error("the input is int32, expected int64 class numbers", i32(3), 3)
                .withoutOracle("ATen reads the number of classes from the data")
                .error("num_classes must be given and positive, is -1", i64(3));
        for (String f : new String[] {"tril", "triu"}) {
            t.op("aten." + f)
                    .sample("square", f32(7, 7))
                    .sample("wide above", f32(5, 13), 2)
                    .sample("tall below", f32(13, 5), -3)
                    .sample("batch", f32(3, 7, 7), 1)
                    .sample("transposed", f32(13, 7).transposed())
                    .sample("i64", i64(7, 7))
                    .sample("bool", bool(7, 7), -1)
                    .sample("specials", f32(7, 7).special())
                    .sample("far", f32(3, 3), 10)
                    .sample("empty", f32(0, 3))
                    .error("the input should have at least 2 dimensions, is [3]", f32(3));
        }
        String undefined = "its elements are undefined";
        t.op("aten.empty.memory_format")
                .error("size has a negative size: [-1]", new long[] {-1})
                .none(undefined);
        t.op("aten.empty_like").none(undefined);
        random(t);
    }

    private static void random(SampleTable t) {
        t.op("aten.native_dropout")
                .error("the probability should be between 0 and 1, is 1.5", f32(3), 1.5, true);
        t.op("aten.dropout")
                .error("the probability should be between 0 and 1, is -0.5", f32(3), -0.5, true);
        t.op("aten.bernoulli").error("the input is int64, expected a floating dtype", i64(3));
        t.op("aten.bernoulli.p")
                .error("the probability should be between 0 and 1, is 2.0", f32(3), 2.0);
        t.op("aten.rand")
                .error("dtype is int64, expected a floating dtype", new long[] {3}, DType.INT64);
        t.op("aten.randn")
                .error("dtype is int64, expected a floating dtype", new long[] {3}, DType.INT64);
        t.op("aten.uniform").error("from 2.0 is above to 1.0", f32(3), 2.0, 1.0);
        t.op("aten.normal_functional")
                .error("std must not be negative, is -1.0", f32(3), 0.0, -1.0);
        t.op("aten.randint").error("low 0 should be below high 0", 0, new long[] {3});
        t.op("aten.randint.low").error("low 5 should be below high 2", 5, 2, new long[] {3});
        t.op("aten.randperm").error("n must not be negative, is -1", -1);
        for (Op op : OpCatalog.all()) {
            if (op.is(Trait.RANDOM)) {
                t.op(op.name()).none("draws random numbers");
            }
        }
    }
}
