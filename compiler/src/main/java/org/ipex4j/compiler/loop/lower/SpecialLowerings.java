package org.ipex4j.compiler.loop.lower;

import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.ir.DType;

/**
 * Special functions made of elementary ones. The gamma function's are computed in float64, as they
 * are rare and cancel much.
 */
final class SpecialLowerings {
    private static final double[] CENTRAL = {
        2.81022636e-08,
        3.43273939e-07,
        -3.5233877e-06,
        -4.39150654e-06,
        0.00021858087,
        -0.00125372503,
        -0.00417768164,
        0.246640727,
        1.50140941
    };
    private static final double[] TAIL = {
        -0.000200214257,
        0.000100950558,
        0.00134934322,
        -0.00367342844,
        0.00573950773,
        -0.0076224613,
        0.00943887047,
        1.00167406,
        2.83297682
    };

    /** B(2k) / 2k, highest k first. */
    private static final double[] DIGAMMA = {
        1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12
    };

    /** B(2k), highest k first. */
    private static final double[] TRIGAMMA = {
        -691.0 / 2730, 5.0 / 66, -1.0 / 30, 1.0 / 42, -1.0 / 30, 1.0 / 6
    };

    private SpecialLowerings() {}

    static void addAll(LoweringTable t) {
        ArithmeticLowerings.unary(t, "aten.erfinv", SpecialLowerings::erfinv);
        ArithmeticLowerings.unary(t, "aten.digamma", SpecialLowerings::digamma);
        t.put(
                "aten.polygamma",
                (b, n, r, at) -> {
                    Expr x = b.argument(n, "self", at, ArithmeticLowerings.resultType(n));
                    return n.args().integer("n") == 0
                            ? digamma(b.exprs(), x)
                            : trigamma(b.exprs(), x);
                });
    }

    private static Expr polynomial(Exprs e, Expr x, double[] coefficients) {
        Expr p = e.literal(x.type(), coefficients[0]);
        for (int k = 1; k < coefficients.length; k++) {
            p = e.with(ExprOp.ADD, e.mul(p, x), coefficients[k]);
        }
        return p;
    }

    /**
     * Giles, "Approximating the erfinv function" (2010), good to float32, in which it is computed;
     * for float64 two steps of Newton's method follow.
     */
    private static Expr erfinv(Exprs e, Expr x) {
        DType type = x.type();
        Expr one = e.literal(type, 1.0);
        Expr w = e.unary(ExprOp.NEG, e.unary(ExprOp.LOG, e.mul(e.sub(one, x), e.add(one, x))));
        Expr central = polynomial(e, e.with(ExprOp.SUB, w, 2.5), CENTRAL);
        Expr tail = polynomial(e, e.with(ExprOp.SUB, e.unary(ExprOp.SQRT, w), 3), TAIL);
        Expr y = e.mul(x, e.select(e.with(ExprOp.LT, w, 5), central, tail));
        for (int step = 0; type == DType.FLOAT64 && step < 2; step++) {
            Expr error = e.sub(e.unary(ExprOp.ERF, y), x);
            Expr slope =
                    e.with(
                            ExprOp.MUL,
                            e.unary(ExprOp.EXP, e.unary(ExprOp.NEG, e.mul(y, y))),
                            2 / Math.sqrt(Math.PI));
            y = e.sub(y, e.div(error, slope));
        }
        Expr infinite = e.mul(x, e.literal(type, Double.POSITIVE_INFINITY));
        Expr edge = e.select(e.with(ExprOp.EQ, e.unary(ExprOp.ABS, x), 1), infinite, y);
        Expr outside = e.with(ExprOp.GT, e.unary(ExprOp.ABS, x), 1);
        return e.select(outside, e.literal(type, Double.NaN), edge);
    }

    /** Reflection for negative x, recurrence up to 10 and more, then the asymptotic series. */
    private static Expr digamma(Exprs e, Expr x0) {
        Expr x = e.cast(x0, DType.FLOAT64);
        Expr zero = e.literal(DType.FLOAT64, 0.0);
        Expr one = e.literal(DType.FLOAT64, 1.0);
        Expr negative = e.binary(ExprOp.LT, x, zero);
        Expr y = e.select(negative, e.sub(one, x), x);
        Expr sum = zero;
        for (int k = 0; k < 10; k++) {
            sum = e.add(sum, e.div(one, e.with(ExprOp.ADD, y, k)));
        }
        Expr z = e.with(ExprOp.ADD, y, 10);
        Expr inverse = e.div(one, e.mul(z, z));
        Expr series = e.mul(inverse, polynomial(e, inverse, DIGAMMA));
        Expr psi =
                e.sub(
                        e.sub(
                                e.sub(
                                        e.unary(ExprOp.LOG, z),
                                        e.div(e.literal(DType.FLOAT64, 0.5), z)),
                                series),
                        sum);
        // tan repeats every pi: the fraction alone keeps its argument small.
        Expr fraction = e.sub(x, e.unary(ExprOp.TRUNC, x));
        Expr reflected =
                e.sub(
                        psi,
                        e.div(
                                e.literal(DType.FLOAT64, Math.PI),
                                e.unary(ExprOp.TAN, e.with(ExprOp.MUL, fraction, Math.PI))));
        Expr pole = e.and(negative, e.binary(ExprOp.EQ, fraction, zero));
        Expr result =
                e.select(
                        negative,
                        e.select(pole, e.literal(DType.FLOAT64, Double.NaN), reflected),
                        psi);
        Expr atZero =
                e.binary(
                        ExprOp.COPYSIGN,
                        e.literal(DType.FLOAT64, Double.POSITIVE_INFINITY),
                        e.unary(ExprOp.NEG, x));
        result = e.select(e.binary(ExprOp.EQ, x, zero), atZero, result);
        Expr infinite = e.with(ExprOp.EQ, x, Double.POSITIVE_INFINITY);
        return e.cast(e.select(infinite, x, result), x0.type());
    }

    /** Reflection below one half, recurrence up to 10 and more, then the asymptotic series. */
    private static Expr trigamma(Exprs e, Expr x0) {
        Expr x = e.cast(x0, DType.FLOAT64);
        Expr one = e.literal(DType.FLOAT64, 1.0);
        Expr small = e.with(ExprOp.LT, x, 0.5);
        Expr y = e.select(small, e.sub(one, x), x);
        Expr sum = e.literal(DType.FLOAT64, 0.0);
        for (int k = 0; k < 10; k++) {
            Expr at = e.with(ExprOp.ADD, y, k);
            sum = e.add(sum, e.div(one, e.mul(at, at)));
        }
        Expr z = e.with(ExprOp.ADD, y, 10);
        Expr inverse = e.div(one, z);
        Expr square = e.mul(inverse, inverse);
        Expr series = e.mul(square, polynomial(e, square, TRIGAMMA));
        Expr tail = e.add(e.with(ExprOp.ADD, e.with(ExprOp.MUL, inverse, 0.5), 1), series);
        Expr psi = e.add(sum, e.mul(inverse, tail));
        // The sine's square repeats every pi: the fraction alone keeps its argument small.
        Expr fraction = e.sub(x, e.unary(ExprOp.TRUNC, x));
        Expr sine = e.unary(ExprOp.SIN, e.with(ExprOp.MUL, fraction, Math.PI));
        Expr poles = e.div(e.literal(DType.FLOAT64, Math.PI * Math.PI), e.mul(sine, sine));
        return e.cast(e.select(small, e.sub(poles, psi), psi), x0.type());
    }
}
