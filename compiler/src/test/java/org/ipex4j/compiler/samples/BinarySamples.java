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
import org.ipex4j.ir.Scalar;

/** Samples of arithmetic, comparison and logic on two or three operands. */
final class BinarySamples {
    private BinarySamples() {}

    static void addTo(SampleTable t) {
        arithmetic(t);
        division(t);
        powers(t);
        floating(t);
        comparison(t);
        bits(t);
        ternary(t);
    }

    /** Shapes and memory orders, in float32. */
    private static void shapes(SampleTable.Entry e) {
        e.sample("same sizes", f32(7, 13), f32(7, 13));
        e.sample("long vectors", f32(207), f32(207));
        e.sample("row", f32(7, 13), f32(13));
        e.sample("column", f32(33, 7), f32(33, 1));
        e.sample("both broadcast", f32(7, 1, 3), f32(1, 5, 1));
        e.sample("rank grows", f32(3), f32(2, 1, 3));
        e.sample("scalar left", f32(), f32(13));
        e.sample("scalar right", f32(13), f32());
        e.sample("scalars", f32(), f32());
        e.sample("empty", f32(0, 13), f32(13));
        e.sample("single", f32(1), f32(1, 1));
        e.sample("transposed", f32(13, 7).transposed(), f32(13, 7));
        e.sample("strided", f32(5, 33).strided(), f32(5, 33).transposed());
        e.sample("expanded", f32(7, 13).expanded(), f32(7, 13));
        e.sample("specials", f32(33).special(), f32(33).special());
        e.error("sizes do not broadcast: [2, 3] and [4]", f32(2, 3), f32(4));
        e.error("sizes do not broadcast: [7, 1, 2] and [3, 3]", f32(7, 1, 2), f32(3, 3));
    }

    private static void floats(SampleTable.Entry e) {
        e.sample("f64", f64(13), f64(13));
        e.sample("bf16", bf16(33), bf16(33));
        e.sample("f16", f16(33), f16(33));
        e.sample("f16 and bf16", f16(7), bf16(7));
        e.sample("bf16 and f32 scalar", bf16(7), f32());
        e.sample("f32 and f64", f32(7, 1), f64(3));
        e.sample("f32 and f64 scalar", f32(7), f64());
    }

    private static void mixed(SampleTable.Entry e) {
        e.sample("i64 and f32", i64(7, 13), f32(13).within(0.5, 3));
        e.sample("f32 and i64", f32(7, 13), i64(13).within(1, 9));
        e.sample("i64 and f16 scalar", i64(7), f16().within(1, 2));
        e.sample("u8 and f32", u8(13), f32(13).within(0.5, 3));
        e.sample("bool and f32", bool(13), f32(13).within(0.5, 3));
    }

    private static void ints(SampleTable.Entry e) {
        e.sample("i64", i64(7, 13), i64(13).within(1, 9));
        e.sample("i64 negative", i64(33), i64(33).within(-9, -1));
        e.sample("i32", i32(33), i32(33).within(1, 9));
        e.sample("u8", u8(33).within(0, 255), u8(33).within(1, 255));
        e.sample(
                "i8",
                Draw.of(DType.INT8, 33).within(-128, 127),
                Draw.of(DType.INT8, 33).within(1, 127));
        e.sample("i16 and u8", Draw.of(DType.INT16, 33).within(-300, 300), u8(33).within(1, 255));
        e.sample("i8 and u8", Draw.of(DType.INT8, 33), u8(33).within(1, 9));
        e.sample("i32 and i64 scalar", i32(33), i64().within(1, 9));
        e.sample("u8 scalar and i64", u8().within(0, 9), i64(7).within(1, 9));
        e.sample("bool and i32", bool(13), i32(13).within(1, 9));
    }

    private static void scalars(SampleTable.Entry e) {
        e.sample("f32, real", f32(7, 13), 2.5);
        e.sample("f32, int", f32(207), 3);
        e.sample("f32 without dimensions", f32(), 3);
        e.sample("f32 empty", f32(0), 3);
        e.sample("f32 specials", f32(33).special(), 0.5);
        e.sample("f32 strided", f32(13, 7).transposed(), -1.5);
        e.sample("f32, inexact", f32(13), 0.1);
        e.sample("f64, inexact", f64(13), 0.1);
        e.sample("bf16, real", bf16(33), 1.5);
        e.sample("f16, int", f16(33), 2);
        e.sample("i64, int", i64(33), 3);
        e.sample("i64, real", i64(33), 2.5);
        e.sample("i32, negative int", i32(33), -2);
        e.sample("u8, int", u8(33), 7);
        e.sample("bool, int", bool(13), 2);
        e.sample("bool, real", bool(13), 2.5);
    }

    private static void arithmetic(SampleTable t) {
        for (String op : new String[] {"add", "sub", "rsub", "mul"}) {
            SampleTable.Entry tensor = t.op("aten." + op + ".Tensor");
            shapes(tensor);
            floats(tensor);
            wrapping(tensor);
            SampleTable.Entry scalar = t.op("aten." + op + ".Scalar");
            if (op.equals("add") || op.equals("mul")) {
                mixed(tensor);
                ints(tensor);
                tensor.sample("bools", bool(13), bool(13));
                scalars(scalar);
                scalar.sample("bool, bool", bool(13), true);
                scalar.sample("i32, bool", i32(13), true);
            } else {
                tensor.sample("i64 and f32", i64(7, 13), f32(13));
                tensor.sample("u8 wraps", u8(33), u8(33));
                scalar.sample("f32, real", f32(7, 13), 2.5);
                scalar.sample("i64, int", i64(33), 3);
                scalar.sample("i64, real", i64(33), 2.5);
                scalar.sample("bf16, int", bf16(33), 2);
                tensor.error("subtraction with a bool operand", bool(3), bool(3));
                tensor.error("subtraction with a bool operand", i64(3), bool(3));
                scalar.error("subtraction with a bool operand", f32(3), true);
                scalar.error("subtraction with a bool operand", bool(3), 1);
            }
            if (!op.equals("mul")) {
                tensor.sample("alpha", f32(7, 13), f32(13), 2.5);
                tensor.sample("int alpha", i64(13), i64(13), 3);
                tensor.sample("bf16 alpha", bf16(13), bf16(13), 0.5);
                scalar.sample("alpha", f32(13), 2, 2.5);
                tensor.error(
                        "a floating alpha needs a floating result, the result dtype is int64",
                        i64(3),
                        i64(3),
                        0.5);
                tensor.error(
                        "a bool alpha needs bool tensors, the result dtype is float32",
                        f32(3),
                        f32(3),
                        true);
            }
        }
        for (String op : new String[] {"maximum", "minimum", "fmax", "fmin"}) {
            SampleTable.Entry e = t.op("aten." + op);
            shapes(e);
            floats(e);
            mixed(e);
            ints(e);
            e.sample("bools", bool(13), bool(13));
        }
    }

    private static void wrapping(SampleTable.Entry e) {
        e.sample(
                "large i64",
                i64(3).values(Long.MAX_VALUE - 1, 1L << 53, -5),
                i64(3).values(1L, 1L, 1L));
        e.sample(
                "i32 wraps",
                i32(2).values(Integer.MAX_VALUE, Integer.MIN_VALUE),
                i32(2).values(2L, 3L));
    }

    private static void division(SampleTable t) {
        SampleTable.Entry div = t.op("aten.div.Tensor");
        shapes(div);
        floats(div);
        mixed(div);
        ints(div);
        div.sample("by zero", f32(4).values(1, -1, 0, Double.NaN), f32(4).values(0.0, 0, 0, 0));
        div.sample("integers by zero", i64(3).values(1L, -1, 0), i64(3).values(0L, 0, 0));
        div.sample("bools", bool(13), bool(13));
        scalars(t.op("aten.div.Scalar"));
        for (String mode : new String[] {"floor", "trunc"}) {
            SampleTable.Entry e = t.op("aten.div.Tensor_mode");
            e.sample(mode + " f32", f32(7, 13), f32(13), mode);
            e.sample(
                    mode + " quotients",
                    f32(5).values(7, -7, 7, -7, 6),
                    f32(5).values(2, 2, -2, -2, 3),
                    mode);
            e.sample(
                    mode + " by zero",
                    f32(4).values(1, -1, 0, Double.NaN),
                    f32(4).values(0.0, 0, 0, 0),
                    mode);
            e.sample(mode + " specials", f32(33).special(), f32(33).within(1, 2), mode);
            e.sample(mode + " i64", i64(33), i64(33).within(1, 4), mode);
            e.sample(mode + " i32 negative", i32(33), i32(33).within(-4, -1), mode);
            e.sample(mode + " u8", u8(33), u8(33).within(1, 4), mode);
            e.sample(mode + " i64 and f32", i64(33), f32(33).within(1, 4), mode);
            t.op("aten.div.Scalar_mode").sample(mode + " f32", f32(33), 0.7, mode);
            t.op("aten.div.Scalar_mode").sample(mode + " i64", i64(33), 3, mode);
            t.op("aten.div.Scalar_mode").sample(mode + " i64 by real", i64(33), -2.5, mode);
        }
        t.op("aten.div.Tensor_mode").sample("true", i64(13), i64(13).within(1, 9), null);
        t.op("aten.div.Scalar_mode").sample("true", i64(13), 4, null);
        t.op("aten.div.Tensor_mode")
                .error(
                        "rounding_mode is 'up', expected None, 'floor' or 'trunc'",
                        f32(3),
                        f32(3),
                        "up");
        t.op("aten.div.Tensor_mode")
                .error(
                        "the promoted dtype is bool, expected an integer or floating dtype",
                        bool(3),
                        bool(3),
                        "floor");
        for (String op : new String[] {"floor_divide", "remainder.Tensor", "fmod.Tensor"}) {
            SampleTable.Entry e = t.op("aten." + op);
            e.sample("f32", f32(7, 13), f32(13));
            e.sample("broadcast", f32(33, 1), f32(7));
            e.sample(
                    "signs",
                    f32(5).values(7.5, -7.5, 7.5, -7.5, 6),
                    f32(5).values(2, 2, -2, -2, 3));
            e.sample("specials", f32(33).special(), f32(33).within(1, 2));
            e.sample("f64", f64(13), f64(13));
            e.sample("empty", f32(0), f32());
            ints(e);
            mixed(e);
            e.error(
                    "the promoted dtype is bool, expected an integer or floating dtype",
                    bool(3),
                    bool(3));
            e.error("sizes do not broadcast: [3] and [4]", f32(3), f32(4));
            String scalar = op.replace(".Tensor", "") + ".Scalar";
            SampleTable.Entry s = t.op("aten." + scalar);
            s.sample("f32", f32(33), 0.75);
            s.sample("f32, negative", f32(33), -2);
            s.sample("i64", i64(33), 4);
            s.sample("i64, negative", i64(33), -4);
            s.sample("i64, real", i64(33), 2.5);
            s.sample("u8", u8(33), 4);
            s.sample("bool, int", bool(13), 2);
        }
        SampleTable.Entry reversed = t.op("aten.remainder.Scalar_Tensor");
        reversed.sample("f32", 7.5, f32(33).within(0.5, 3));
        reversed.sample("i64", -17, i64(33).within(1, 9));
        reversed.sample("i64, real", 7.5, i64(33).within(1, 9));
    }

    private static void powers(SampleTable t) {
        SampleTable.Entry e = t.op("aten.pow.Tensor_Tensor").slack(4);
        e.sample("positive bases", f32(7, 13).within(0.1, 3), f32(13));
        e.sample("any base", f32(33), f32(33));
        e.sample("whole exponents", f32(33), i64(33).within(-4, 4));
        e.sample("specials", f32(33).special(), f32(33).special());
        e.sample(
                "edges",
                f32(6).values(1, -1, 0, 0, -1, 2),
                f32(6).values(Double.NaN, Double.POSITIVE_INFINITY, 0, -1, 0.5, 1000));
        e.sample("f64", f64(13).within(0, 3), f64(13));
        e.sample("bf16", bf16(33).within(0.1, 2), bf16(33));
        e.sample("i64", i64(33), i64(33).within(0, 5));
        e.sample(
                "i64 negative exponents",
                i64(5).values(1L, -1, -1, 2, 3),
                i64(5).values(-3L, -3, -2, -1, -2));
        e.sample("i32 wraps", i32(13), i32(13).within(0, 20));
        e.sample("u8", u8(13), u8(13).within(0, 4));
        e.error("the promoted dtype is bool", bool(3), bool(3));
        e.error("sizes do not broadcast: [3] and [4]", f32(3), f32(4));
        SampleTable.Entry s = t.op("aten.pow.Tensor_Scalar").slack(4);
        for (double exponent : new double[] {0, 0.5, 1, 2, 3, -0.5, -1, -2, 2.7, 17}) {
            s.sample("f32 to " + exponent, f32(7, 13), exponent);
        }
        s.sample("f32 to int 2", f32(207), 2);
        s.sample("f32 to int -3", f32(13), -3);
        s.sample("specials to 0.5", f32(33).special(), 0.5);
        s.sample("specials to -0.5", f32(33).special(), -0.5);
        s.sample("specials to 3", f32(33).special(), 3);
        s.sample("bf16", bf16(33), 2);
        s.sample("f16", f16(33).within(0.5, 2), 1.5);
        s.sample("i64 to int", i64(33), 3);
        s.sample("i64 to real", i64(33), 0.5);
        s.sample("bool to int", bool(13), 2);
        s.error("integers to negative integer powers are not allowed", i64(3), -1);
        SampleTable.Entry b = t.op("aten.pow.Scalar").slack(4);
        b.sample("f32", 2, f32(33));
        b.sample("f32 of 0.3", 0.3, f32(7, 13));
        b.sample("f32 of 1", 1, f32(33).special());
        b.sample("i64", 2, i64(13).within(0, 9));
        b.sample("i64 of real", 1.5, i64(13));
        b.sample("bf16", 2.5, bf16(33));
    }

    private static void floating(SampleTable t) {
        for (String op :
                new String[] {"atan2", "hypot", "logaddexp", "copysign.Tensor", "xlogy.Tensor"}) {
            SampleTable.Entry e = t.op("aten." + op).slack(2);
            shapes(e);
            floats(e);
        }
        for (String op : new String[] {"atan2", "copysign.Tensor", "xlogy.Tensor"}) {
            ints(t.op("aten." + op));
            mixed(t.op("aten." + op));
        }
        for (String op : new String[] {"hypot", "logaddexp"}) {
            t.op("aten." + op)
                    .error(
                            "the promoted dtype is int64, expected a floating dtype",
                            i64(3),
                            i64(3));
        }
        t.op("aten.logaddexp")
                .sample(
                        "infinities",
                        f32(3).values(
                                        Double.POSITIVE_INFINITY,
                                        Double.NEGATIVE_INFINITY,
                                        Double.NEGATIVE_INFINITY),
                        f32(3).values(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1));
        t.op("aten.xlogy.Tensor")
                .sample(
                        "zeros",
                        f32(4).values(0.0, 0, 0, 1),
                        f32(4).values(0, Double.NaN, Double.POSITIVE_INFINITY, 0));
        t.op("aten.xlogy.Scalar_Self")
                .sample("f32", 2.5, f32(33))
                .sample("zero", 0, f32(33).special())
                .sample("i64", 2, i64(13));
        t.op("aten.xlogy.Scalar_Other")
                .sample("f32", f32(33), 2.5)
                .sample("by zero", f32(33), 0)
                .sample("i64", i64(13), 2);
    }

    private static void comparison(SampleTable t) {
        for (String op : new String[] {"eq", "ne", "lt", "le", "gt", "ge"}) {
            SampleTable.Entry e = t.op("aten." + op + ".Tensor");
            shapes(e);
            floats(e);
            mixed(e);
            ints(e);
            e.sample("equal values", f32(13).within(0, 0), f32(13).within(0, 0));
            e.sample("bools", bool(13), bool(13));
            e.sample("large i64", i64(2).values((1L << 53) + 1, 5), i64(2).values(1L << 53, 5));
            SampleTable.Entry s = t.op("aten." + op + ".Scalar");
            scalars(s);
            s.sample("zero", f32(33).special(), 0);
            s.sample("bool, bool", bool(13), true);
            s.sample("inexact", f32(2).values(0.1, 0.2), 0.1);
        }
        SampleTable.Entry close = t.op("aten.isclose");
        close.sample(
                "near and far",
                f32(4).values(1, 1, 1e6, 0),
                f32(4).values(1 + 1e-6, 1.1, 1e6 + 1, 1e-9));
        close.sample("specials", f32(33).special(), f32(33).special());
        close.sample(
                "nan equal",
                f32(2).values(Double.NaN, 1),
                f32(2).values(Double.NaN, Double.NaN),
                1e-5,
                1e-8,
                true);
        close.sample("broadcast", f32(7, 1), f32(13), 0.5, 0.5);
        close.sample("i64", i64(33), i64(33), 0.0, 1.0);
        close.error("dtypes differ: f32[3] and f64[3]", f32(3), f64(3));
        close.error("rtol and atol must not be negative", f32(3), f32(3), -1.0);
    }

    private static void bits(SampleTable t) {
        for (String op : new String[] {"logical_and", "logical_or", "logical_xor"}) {
            SampleTable.Entry e = t.op("aten." + op);
            e.sample("bools", bool(7, 13), bool(13));
            e.sample("broadcast", bool(33, 1), bool(7));
            e.sample("f32", f32(13).special(), f32(13).special());
            e.sample("f32 and i64", f32(2).values(0.5, 0), i64(2).values(3L, 0L));
            e.sample("transposed", bool(13, 7).transposed(), bool(13, 7));
            e.sample("empty", bool(0), bool());
            e.error("sizes do not broadcast: [3] and [4]", bool(3), bool(4));
        }
        t.op("aten.logical_not")
                .sample("bool", bool(207))
                .sample("f32", f32(33).special())
                .sample("i64", i64(33).within(-1, 1))
                .sample("strided", bool(5, 33).strided())
                .sample("empty", bool(0, 3))
                .sample("scalar", bool());
        for (String op : new String[] {"bitwise_and", "bitwise_or", "bitwise_xor"}) {
            SampleTable.Entry e = t.op("aten." + op + ".Tensor");
            e.sample("bools", bool(7, 13), bool(13));
            ints(e);
            e.sample("strided", i64(5, 33).strided(), i64(33));
            e.error(
                    "the promoted dtype is float32, expected bool or an integer dtype",
                    f32(3),
                    i64(3));
            SampleTable.Entry s = t.op("aten." + op + ".Scalar");
            s.sample("i64", i64(33), 6)
                    .sample("u8", u8(33), 3)
                    .sample("bool", bool(13), true)
                    .sample("bool, int", bool(13), 3);
            s.error(
                    "the promoted dtype is float32, expected bool or an integer dtype",
                    i64(3),
                    1.5);
        }
        t.op("aten.bitwise_not")
                .sample("bool", bool(33))
                .sample("i64", i64(33))
                .sample("u8", u8(33))
                .sample("i32", i32(7, 13).transposed())
                .error("the input is float32, expected bool or an integer dtype", f32(3));
        for (String op : new String[] {"bitwise_left_shift", "bitwise_right_shift"}) {
            SampleTable.Entry e = t.op("aten." + op + ".Tensor");
            e.sample("i64", i64(33).within(-1000, 1000), i64(33).within(0, 9));
            e.sample("i32 broadcast", i32(7, 13), i32(13).within(0, 5));
            e.sample("u8", u8(33).within(0, 255), u8(33).within(0, 7));
            e.sample("too far", i32(4).values(5L, -5, 5, -5), i32(4).values(31L, 31, 40, 40));
            e.error("the promoted dtype is bool, expected an integer dtype", bool(3), bool(3));
            t.op("aten." + op + ".Tensor_Scalar")
                    .sample("i64", i64(33), 3)
                    .sample("u8", u8(33), 2)
                    .sample("i32", i32(33), 1);
        }
    }

    private static void ternary(SampleTable t) {
        SampleTable.Entry lerp = t.op("aten.lerp.Tensor");
        lerp.sample("f32", f32(7, 13), f32(7, 13), f32(7, 13).within(0, 1));
        lerp.sample("broadcast", f32(7, 1), f32(13), f32().within(0, 1));
        lerp.sample("bf16", bf16(33), bf16(33), bf16(33).within(0, 1));
        lerp.sample("ends", f32(2).values(1, 1), f32(2).values(3, 3), f32(2).values(0.0, 1));
        lerp.error("dtypes differ", f32(3), f64(3), f32(3));
        lerp.error("self is int64, expected a floating dtype", i64(3), i64(3), i64(3));
        lerp.error("sizes do not broadcast: [3] and [4] and [1]", f32(3), f32(4), f32(1));
        t.op("aten.lerp.Scalar")
                .sample("f32", f32(7, 13), f32(13), 0.3)
                .sample("beyond", f32(33), f32(33), 1.7)
                .sample("f64", f64(13), f64(13), 0.5)
                .sample("f16", f16(33), f16(33), 0.25);
        for (String op : new String[] {"addcmul", "addcdiv"}) {
            SampleTable.Entry e = t.op("aten." + op);
            e.sample("f32", f32(7, 13), f32(7, 13), f32(7, 13).within(0.5, 3));
            e.sample("value", f32(33), f32(33), f32(33).within(0.5, 3), Scalar.of(-0.5));
            e.sample("broadcast", f32(13), f32(7, 1), f32(1, 13).within(0.5, 3), 2);
            e.sample(
                    "strided", f32(5, 33).strided(), f32(33), f32(5, 33).transposed().within(1, 2));
            e.sample("bf16", bf16(33), bf16(33), bf16(33).within(0.5, 3));
            e.sample("f64", f64(13), f64(13), f64(13).within(0.5, 3));
            e.sample("empty", f32(0), f32(0), f32());
            e.error("sizes do not broadcast: [3] and [4] and [1]", f32(3), f32(4), f32(1));
        }
        t.op("aten.addcmul")
                .sample("i64", i64(33), i64(33), i64(33), 3)
                .error("the promoted dtype is bool", bool(3), bool(3), bool(3))
                .withoutOracle("ATen truncates the value")
                .error("a floating value needs a floating result", i64(3), i64(3), i64(3), 0.5);
        t.op("aten.addcdiv")
                .error(
                        "division of integer tensors (int64 by int64) is not defined",
                        f32(3),
                        i64(3),
                        i64(3));
    }
}
