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

/** Samples of limits, choice by a condition, and conversion. */
final class SelectionSamples {
    private SelectionSamples() {}

    static void addTo(SampleTable t) {
        clamp(t);
        where(t);
        for (DType from : DType.values()) {
            for (DType to : DType.values()) {
                // Values that every dtype holds, so that no conversion is undefined.
                t.op("aten._to_copy")
                        .sample(
                                from + " to " + to,
                                Draw.of(from, 33).within(0, from == DType.BOOL ? 1 : 100),
                                to);
            }
        }
        t.op("aten._to_copy")
                .sample("no dtype", f32(13, 7).transposed())
                .sample("negative to i32", f32(207).within(-1000, 1000), DType.INT32)
                .sample("negative to i64", f64(33).within(-1000, 1000), DType.INT64)
                .sample("negative to u8", i64(33).within(-300, 300), DType.UINT8)
                .sample("wraps to i8", i32(33).within(-300, 300), DType.INT8)
                .sample("specials to bool", f32(33).special(), DType.BOOL)
                .sample("specials to bf16", f32(33).special(), DType.BFLOAT16)
                .sample("overflow to f16", f32(2).values(1e6, -1e6), DType.FLOAT16)
                .sample("overflow to f32", f64(2).values(1e300, -1e300), DType.FLOAT32)
                .sample(
                        "large i64 to f32",
                        i64(2).values((1L << 60) + 1, (1L << 24) + 1),
                        DType.FLOAT32)
                .sample("strided", f32(5, 33).strided(), DType.BFLOAT16)
                .sample("scalar", f32(), DType.INT64)
                .sample("empty", f32(0, 3), DType.INT64);
        t.op("aten._to_copy")
                .withoutOracle("C leaves conversions of values out of range undefined")
                .sample(
                        "out of range to i32",
                        f32(4).values(3e9, -3e9, Double.NaN, Double.POSITIVE_INFINITY),
                        DType.INT32)
                .sample(
                        "out of range to i64",
                        f64(4).values(1e30, -1e30, Double.NaN, Double.POSITIVE_INFINITY),
                        DType.INT64);
    }

    private static void clamp(SampleTable t) {
        SampleTable.Entry e = t.op("aten.clamp");
        e.sample("both", f32(7, 13), -1, 1.5);
        e.sample("min", f32(207), 0, null);
        e.sample("max", f32(207), null, 0.5);
        e.sample("crossed", f32(33), 1, -1);
        e.sample("specials", f32(33).special(), -1, 1);
        e.sample("strided", f32(5, 33).strided(), -1, 1);
        e.sample("i64", i64(33), -3, 4);
        e.sample("i64, real limits", i64(33), -2.5, 3.5);
        e.sample("u8", u8(33), 2, 5);
        e.sample("bf16", bf16(33), -1, 1);
        e.sample("f16", f16(33), -0.5, null);
        e.sample("bool, int limits", bool(13), 0, 1);
        e.sample("scalar", f32(), 0, 1);
        e.sample("empty", f32(0), 0, 1);
        e.error("at least one of min and max must be given", f32(3));
        e.error("the promoted dtype is bool, expected an integer or floating dtype", bool(3), true);
        SampleTable.Entry x = t.op("aten.clamp.Tensor");
        x.sample("both", f32(7, 13), f32(7, 13), f32(7, 13));
        x.sample("broadcast", f32(13), f32(7, 1), null);
        x.sample("max", f32(7, 13), null, f32(13));
        x.sample("specials", f32(33).special(), f32(33).special(), f32(33).special());
        x.sample("mixed", i64(13), f32(13), i64());
        x.error("at least one of min and max must be given", f32(3));
        x.error("sizes do not broadcast: [3] and [4]", f32(3), f32(4));
        for (String f : new String[] {"clamp_min", "clamp_max"}) {
            t.op("aten." + f)
                    .sample("f32", f32(7, 13), 0.5)
                    .sample("i64, real", i64(33), 1.5)
                    .sample("i64", i64(33), 2)
                    .sample("specials", f32(33).special(), 0)
                    .sample("bf16", bf16(33), 1)
                    .sample("transposed", f32(13, 7).transposed(), 0)
                    .error(
                            "the promoted dtype is bool, expected an integer or floating dtype",
                            bool(3),
                            true);
            t.op("aten." + f + ".Tensor")
                    .sample("f32", f32(7, 13), f32(13))
                    .sample("mixed", i64(7, 1), f32(13))
                    .sample("specials", f32(33).special(), f32(33).special())
                    .sample("i64", i64(33), i64(33))
                    .error("sizes do not broadcast: [3] and [4]", f32(3), f32(4));
        }
    }

    private static void where(SampleTable t) {
        SampleTable.Entry e = t.op("aten.where.self");
        e.sample("f32", bool(7, 13), f32(7, 13), f32(7, 13));
        e.sample("broadcast", bool(7, 1), f32(13), f32());
        e.sample("condition grows", bool(5, 7, 13), f32(13), f32(7, 1));
        e.sample("mixed", bool(13), i64(13), f32(13));
        e.sample("i32 and i64 scalar", bool(13), i32(13), i64());
        e.sample("specials", bool(33), f32(33).special(), f32(33).special());
        e.sample("transposed", bool(13, 7).transposed(), f32(13, 7), f32(13, 7).transposed());
        e.sample("bools", bool(13), bool(13), bool(13));
        e.sample("bf16", bool(33), bf16(33), bf16(33));
        e.sample("scalars", bool(), f32(), f32());
        e.sample("empty", bool(0), f32(), f32(1));
        e.error("sizes do not broadcast: [3] and [4] and []", bool(3), f32(4), f32());
        e.error("condition is float32, expected bool", f32(3), f32(3), f32(3));
        t.op("aten.where.ScalarSelf")
                .sample("f32", bool(7, 13), 2.5, f32(13))
                .sample("i64, real", bool(13), 2.5, i64(13))
                .sample("i32", bool(13), 3, i32(13));
        t.op("aten.where.ScalarOther")
                .sample("f32", bool(7, 13), f32(13), Double.NEGATIVE_INFINITY)
                .sample("i64, real", bool(13), i64(13), 2.5)
                .sample("bf16", bool(13), bf16(13), 0);
        t.op("aten.where.Scalar")
                .sample("reals", bool(13), 1.5, 2)
                .sample("ints", bool(13), 1, 2)
                .sample("bools", bool(13), true, false);
        SampleTable.Entry m = t.op("aten.masked_fill.Scalar");
        m.sample("f32", f32(7, 13), bool(7, 13), -1.5);
        m.sample("minus infinity", f32(3, 7, 7), bool(7, 7), Double.NEGATIVE_INFINITY);
        m.sample("self grows", f32(13), bool(7, 1), 2);
        m.sample("i64", i64(33), bool(33), 7);
        m.sample("bool", bool(33), bool(33), true);
        m.sample("bf16", bf16(33), bool(33), 0.5);
        m.sample("strided", f32(5, 33).strided(), bool(33), 0);
        m.error("mask is int64, expected bool", f32(3), i64(3), 1);
        m.error("sizes do not broadcast: [3] and [4]", f32(3), bool(4), 1);
        t.op("aten.masked_fill.Tensor")
                .sample("f32", f32(7, 13), bool(13), f32())
                .sample("i64 into f32", f32(13), bool(13), i64())
                .error("value should have no dimension, is [1]", f32(3), bool(3), f32(1));
    }
}
