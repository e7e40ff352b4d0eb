package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.bool;
import static org.ipex4j.compiler.samples.Draw.f16;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;
import static org.ipex4j.compiler.samples.Draw.i32;
import static org.ipex4j.compiler.samples.Draw.i64;
import static org.ipex4j.compiler.samples.Draw.u8;

/** Samples of functions of one element and of activations. */
final class UnarySamples {
    private UnarySamples() {}

    static void addTo(SampleTable t) {
        for (String f :
                new String[] {
                    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt",
                            "reciprocal", "sin", "cos", "tan",
                    "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
                            "sigmoid", "erf", "erfc", "erfinv",
                    "sinc", "deg2rad", "rad2deg", "logit"
                }) {
            // Conditioning near poles costs digits.
            SampleTable.Entry e =
                    t.op("aten." + f).slack(f.equals("tan") || f.equals("erfinv") ? 4 : 2);
            floats(e, -3, 3);
            e.sample("unit interval", f32(207).within(-1, 1));
            e.sample("large", f32(33).within(-90, 90));
            e.sample("i64", i64(33));
            e.sample("u8", u8(33));
            e.sample("bool", bool(13));
        }
        for (String f : new String[] {"lgamma", "digamma"}) {
            // Away from the poles and from the zeros, where both sides lose their digits.
            SampleTable.Entry e = t.op("aten." + f).slack(8);
            floats(e, 0.1, 9);
            e.sample("negative", f32(33).within(-2.9, -2.1));
            e.sample("poles", f32(4).values(0.0, -1, -2, 1));
            e.sample("i64", i64(33).within(1, 30));
        }
        SampleTable.Entry p = t.op("aten.polygamma").slack(8);
        for (int n = 0; n < 2; n++) {
            p.sample("vector of " + n, n, f32(207).within(0.1, 9));
            p.sample("transposed of " + n, n, f32(3, 13, 7).within(0.1, 9).transposed());
            p.sample("negative of " + n, n, f32(33).within(-2.9, -2.1));
            p.sample("large of " + n, n, f32(33).within(9, 1e6));
            p.sample("pole and infinity of " + n, n, f32(2).values(0.0, Double.POSITIVE_INFINITY));
            p.sample("specials of " + n, n, f32(33).within(0.1, 9).special());
            p.sample("bf16 of " + n, n, bf16(33).within(0.1, 9));
            p.sample("f16 of " + n, n, f16(33).within(0.1, 9));
            p.sample("i64 of " + n, n, i64(33).within(1, 30));
        }
        p.sample("f64 of 0", 0, f64(33).within(0.1, 9));
        p.withoutOracle("ATen's series for the first derivative ends at 1e-10")
                .sample("f64 of 1", 1, f64(33).within(-3, 9));
        p.error("n is -1, expected 0 (the digamma function) or 1", -1, f32(3));
        p.withoutOracle("higher derivatives are not offered")
                .error("n is 2, expected 0 (the digamma function) or 1", 2, f32(3));
        t.op("aten.logit")
                .sample("eps", f32(33).within(-0.5, 1.5), 0.1)
                .sample("eps f64", f64(33).within(0, 1), 1e-6);
        for (String f :
                new String[] {
                    "abs", "neg", "floor", "ceil", "round", "trunc", "sign", "sgn", "square"
                }) {
            SampleTable.Entry e = t.op("aten." + f);
            floats(e, -3, 3);
            e.sample("halves", f32(8).values(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 1e9, -1e9));
            e.sample("i64", i64(33));
            e.sample("i32", i32(7, 13).transposed());
            e.sample("u8", u8(33));
        }
        for (String f : new String[] {"abs", "neg", "floor", "ceil", "round", "trunc"}) {
            t.op("aten." + f)
                    .error("the input is bool, expected an integer or floating dtype", bool(3));
        }
        for (String f : new String[] {"sign", "sgn", "square"}) {
            t.op("aten." + f).sample("bool", bool(13));
        }
        floats(t.op("aten.frac"), -9, 9);
        t.op("aten.frac").error("the input is int64, expected a floating dtype", i64(3));
        t.op("aten.round.decimals")
                .sample("two", f32(207), 2)
                .sample("none", f32(33), 0)
                .sample("tens", f32(33).within(-999, 999), -2)
                .sample("f64", f64(33), 3)
                .sample("specials", f32(33).special(), 1)
                .error("the input is int64, expected a floating dtype", i64(3), 1);
        for (String f : new String[] {"isnan", "isinf", "isfinite", "signbit"}) {
            SampleTable.Entry e = t.op("aten." + f);
            if (f.equals("signbit")) {
                // No specials: the sign of a NaN is nobody's business.
                e.sample(
                                "values",
                                f32(6).values(
                                                1,
                                                -1,
                                                0.0,
                                                -0.0,
                                                Double.POSITIVE_INFINITY,
                                                Double.NEGATIVE_INFINITY))
                        .sample("bf16", bf16(33));
            } else {
                e.sample("specials", f32(207).special())
                        .sample("f64", f64(33).special())
                        .sample("bf16", bf16(33).special())
                        .sample("strided", f32(5, 33).special().strided());
            }
            e.sample("i64", i64(13))
                    .sample("bool", bool(7))
                    .sample("scalar", f32())
                    .sample("empty", f32(0, 3));
        }
        t.op("aten.nan_to_num")
                .sample("defaults", f32(33).special())
                .sample("given", f32(33).special(), 1.0, 2.0, -3.0)
                .sample("some", f32(33).special(), null, 5.0, null)
                .sample("f64", f64(33).special())
                .sample("bf16", bf16(33).special())
                .sample("i64", i64(13))
                .sample("bool", bool(7));
        activations(t);
    }

    /** Shapes and memory orders, floating dtypes, and special values. */
    private static void floats(SampleTable.Entry e, double low, double high) {
        e.sample("vector", f32(207).within(low, high));
        e.sample("matrix", f32(13, 33).within(low, high));
        e.sample("one", f32(1).within(low, high));
        e.sample("scalar", f32().within(low, high));
        e.sample("empty", f32(0, 7).within(low, high));
        e.sample("transposed", f32(3, 13, 7).within(low, high).transposed());
        e.sample("strided", f32(5, 33).within(low, high).strided());
        e.sample("expanded", f32(7, 13).within(low, high).expanded());
        e.sample("f64", f64(33).within(low, high));
        e.sample("bf16", bf16(33).within(low, high));
        SampleTable.Entry specials = e;
        SampleTable.Entry half = e;
        if (e.name().equals("aten.gelu")) {
            specials =
                    e.withoutOracle(
                            "ATen's vector code makes NaN of infinity, its scalar code does not");
        } else if (e.name().equals("aten.logit")) {
            half = e.withoutOracle("ATen rounds the quotient to float16 on the way");
        }
        specials.sample("specials", f32(33).within(low, high).special());
        half.sample("f16", f16(33).within(low, high));
    }

    private static void activations(SampleTable t) {
        for (String f :
                new String[] {
                    "relu",
                    "relu6",
                    "hardtanh",
                    "leaky_relu",
                    "elu",
                    "selu",
                    "celu",
                    "gelu",
                    "silu",
                    "mish",
                    "softplus",
                    "hardswish",
                    "hardsigmoid",
                    "hardshrink",
                    "softshrink",
                    "log_sigmoid"
                }) {
            SampleTable.Entry e = t.op("aten." + f).slack(2);
            floats(e, -9, 9);
            if (f.equals("relu") || f.equals("relu6") || f.equals("hardtanh")) {
                e.sample("i64", i64(33));
                e.sample("i32", i32(33));
                e.error("the input is bool, expected an integer or floating dtype", bool(3));
            } else {
                e.error("the input is int64, expected a floating dtype", i64(3));
            }
        }
        t.op("aten.relu").sample("u8", u8(13));
        t.op("aten.hardtanh")
                .sample("limits", f32(33), -0.5, 2.5)
                .sample("int limits", f32(33), 0, 2)
                .error("negative limits for an unsigned input", u8(3));
        t.op("aten.leaky_relu").sample("slope", f32(33), 0.3).sample("negative slope", f32(33), -1);
        t.op("aten.elu").sample("alpha", f32(33), 0.7).sample("scales", f32(33), 0.7, 1.3, 0.9);
        t.op("aten.celu").sample("alpha", f32(33), 0.7).error("alpha must not be 0", f32(3), 0);
        t.op("aten.gelu")
                .slack(2)
                .sample("tanh", f32(207).within(-9, 9), "tanh")
                .sample("tanh bf16", bf16(33), "tanh")
                .sample("tanh f64", f64(33), "tanh")
                .error("approximate is 'erf', expected 'none' or 'tanh'", f32(3), "erf");
        t.op("aten.softplus")
                .slack(2)
                .sample("beta", f32(33), 2.5, 3)
                .sample("beyond threshold", f32(33).within(15, 30));
        t.op("aten.hardshrink").sample("lambd", f32(33), 1.5);
        t.op("aten.softshrink")
                .sample("lambd", f32(33), 1.5)
                .sample("zero", f32(33), 0)
                .error("lambd must not be negative, is -1.0", f32(3), -1);
        t.op("aten.threshold")
                .sample("f32", f32(207), 0.5, -1)
                .sample("specials", f32(33).special(), 0, 7)
                .sample("i64", i64(33), 2, 5)
                .sample("transposed", f32(13, 7).transposed(), 0, 0)
                .sample("bf16", bf16(33), 0.25, 2.5)
                .error("the input is bool, expected an integer or floating dtype", bool(3), 0, 1);
        SampleTable.Entry p = t.op("aten.prelu");
        p.sample("one weight", f32(7, 13), f32(1));
        p.sample("per channel", f32(3, 7, 5, 5), f32(7));
        p.sample("matrix", f32(13, 7), f32(7));
        p.sample("vector", f32(13), f32(1));
        p.sample("weight without dimensions", f32(13, 2), f32());
        p.sample("f64", f64(2, 3), f64(3));
        p.sample("transposed", f32(2, 7, 13).transposed(), f32(7));
        p.error(
                "weight [3] should have one element or one per channel, the input is [2, 4]",
                f32(2, 4),
                f32(3));
        p.error("dtypes differ", f32(2, 4), f64(4));
        p.error("self is int64, expected a floating dtype", i64(2, 4), i64(4));
    }
}
