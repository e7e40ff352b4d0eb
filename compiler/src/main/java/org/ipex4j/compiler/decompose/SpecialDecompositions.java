package org.ipex4j.compiler.decompose;

import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Value;

/** Special functions that the C library lacks, by approximations in elementary ones. */
final class SpecialDecompositions {
    private SpecialDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.erfinv", (a, e) -> wide(a.tensor("self"), e, x -> erfinv(x, e)));
        table.put("aten.digamma", (a, e) -> wide(a.tensor("self"), e, x -> digamma(x, e)));
    }

    private interface Function {
        Value of(Value x);
    }

    /** Computes 16-bit floats and integers in float32. */
    private static List<Value> wide(Value x, Emitter e, Function f) {
        DType dtype = x.type().dtype();
        boolean direct = dtype == DType.FLOAT32 || dtype == DType.FLOAT64;
        Value y = f.of(direct ? x : e.cast(x, DType.FLOAT32));
        return List.of(dtype.isFloating() ? e.cast(y, dtype) : y);
    }

    /** Highest power first. */
    private static Value polynomial(Emitter e, Value x, double... coefficients) {
        Value p = e.add(e.mul(x, coefficients[0]), coefficients[1]);
        for (int i = 2; i < coefficients.length; i++) {
            p = e.add(e.mul(p, x), coefficients[i]);
        }
        return p;
    }

    /**
     * Giles's approximation (GPU Computing Gems, volume 2, 2010), good to float32; for float64 two
     * steps of Newton's method follow.
     */
    private static Value erfinv(Value x, Emitter e) {
        Value w =
                e.call(
                        "aten.neg",
                        e.call(
                                "aten.log",
                                e.mul(
                                        e.call("aten.rsub.Scalar", x, 1.0),
                                        e.call("aten.add.Scalar", x, 1.0))));
        Value centre =
                polynomial(
                        e,
                        e.add(w, -2.5),
                        2.81022636e-08,
                        3.43273939e-07,
                        -3.5233877e-06,
                        -4.39150654e-06,
                        0.00021858087,
                        -0.00125372503,
                        -0.00417768164,
                        0.246640727,
                        1.50140941);
        Value tail =
                polynomial(
                        e,
                        e.add(e.call("aten.sqrt", w), -3),
                        -0.000200214257,
                        0.000100950558,
                        0.00134934322,
                        -0.00367342844,
                        0.00573950773,
                        -0.0076224613,
                        0.00943887047,
                        1.00167406,
                        2.83297682);
        Value y =
                e.mul(e.call("aten.where.self", e.call("aten.lt.Scalar", w, 5.0), centre, tail), x);
        if (x.type().dtype() == DType.FLOAT64) {
            for (int i = 0; i < 2; i++) {
                Value slope = e.mul(e.exp(e.call("aten.neg", e.mul(y, y))), 2 / Math.sqrt(Math.PI));
                y = e.sub(y, e.div(e.sub(e.call("aten.erf", y), x), slope));
            }
        }
        // At the ends the polynomials meet infinity.
        Value end = e.mul(x, Double.POSITIVE_INFINITY);
        return e.call(
                "aten.where.self", e.call("aten.eq.Scalar", e.call("aten.abs", x), 1.0), end, y);
    }

    /**
     * The asymptotic series (DLMF 5.11.2) after ten steps of recurrence; below 0, reflection (DLMF
     * 5.5.4). Minus or plus infinity at the zeros, NaN at the other poles.
     */
    private static Value digamma(Value x, Emitter e) {
        Value negative = e.call("aten.lt.Scalar", x, 0.0);
        Value z = e.call("aten.where.self", negative, e.call("aten.rsub.Scalar", x, 1.0), x);
        Value sum = e.call("aten.reciprocal", z);
        for (int i = 1; i < 10; i++) {
            sum = e.add(sum, e.call("aten.reciprocal", e.add(z, i)));
        }
        Value far = e.add(z, 10);
        Value inverse = e.call("aten.reciprocal", far);
        Value r = e.mul(inverse, inverse);
        Value series =
                e.mul(r, polynomial(e, r, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12));
        Value positive =
                e.sub(e.sub(e.sub(e.call("aten.log", far), e.mul(inverse, 0.5)), series), sum);
        // The tangent has period 1 here: of the fraction alone it is exact.
        Value tangent = e.call("aten.tan", e.mul(e.call("aten.frac", x), Math.PI));
        Value pole = e.call("aten.eq.Tensor", x, e.call("aten.floor", x));
        Value reflected =
                e.sub(
                        positive,
                        e.call("aten.mul.Scalar", e.call("aten.reciprocal", tangent), Math.PI));
        Value below = e.call("aten.where.ScalarSelf", pole, Double.NaN, reflected);
        return e.call("aten.where.self", negative, below, positive);
    }
}
