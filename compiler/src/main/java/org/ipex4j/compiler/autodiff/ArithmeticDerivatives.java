package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.neg;
import static org.ipex4j.compiler.autodiff.Grads.scaled;
import static org.ipex4j.compiler.autodiff.Grads.square;
import static org.ipex4j.compiler.autodiff.Grads.unless;
import static org.ipex4j.compiler.autodiff.Grads.where;
import static org.ipex4j.compiler.autodiff.Grads.zeros;

import org.ipex4j.compiler.autodiff.DerivativeTable.Formula;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.graph.Value;

/** Arithmetic of two and three operands. */
final class ArithmeticDerivatives {
    private static final Formula PASS = (g, c, e) -> g;

    private ArithmeticDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.op("aten.add.Tensor").of("self", PASS).of("other", (g, c, e) -> alpha(g, c, e));
        t.unary("aten.add.Scalar", PASS);
        t.op("aten.sub.Tensor").of("self", PASS).of("other", (g, c, e) -> neg(e, alpha(g, c, e)));
        t.unary("aten.sub.Scalar", PASS);
        t.op("aten.rsub.Tensor").of("self", (g, c, e) -> neg(e, alpha(g, c, e))).of("other", PASS);
        t.unary("aten.rsub.Scalar", (g, c, e) -> neg(e, alpha(g, c, e)));
        t.op("aten.mul.Tensor")
                .of("self", (g, c, e) -> e.mul(g, c.in("other")))
                .of("other", (g, c, e) -> e.mul(g, c.in("self")));
        t.unary("aten.mul.Scalar", (g, c, e) -> scaled(e, g, c.args().number("other")));
        t.op("aten.div.Tensor")
                .of("self", (g, c, e) -> e.div(g, c.in("other")))
                .of("other", ArithmeticDerivatives::divisor);
        t.unary("aten.div.Scalar", ArithmeticDerivatives::divideByNumber);
        t.op("aten.div.Tensor_mode")
                .of("self", (g, c, e) -> rounds(c) ? null : e.div(g, c.in("other")))
                .of("other", (g, c, e) -> rounds(c) ? null : divisor(g, c, e));
        t.unary("aten.div.Scalar_mode", (g, c, e) -> rounds(c) ? null : divideByNumber(g, c, e));
        t.op("aten.remainder.Tensor")
                .of("self", PASS)
                .of("other", (g, c, e) -> wrapped(g, c, e, "floor"));
        t.unary("aten.remainder.Scalar", PASS);
        t.op("aten.remainder.Scalar_Tensor")
                .of(
                        "other",
                        (g, c, e) -> {
                            Value self = number(e, c, "self");
                            return neg(
                                    e,
                                    e.mul(
                                            g,
                                            e.call(
                                                    "aten.div.Tensor_mode",
                                                    self,
                                                    c.in("other"),
                                                    "floor")));
                        });
        t.op("aten.fmod.Tensor")
                .of("self", PASS)
                .of("other", (g, c, e) -> wrapped(g, c, e, "trunc"));
        t.unary("aten.fmod.Scalar", PASS);
        powers(t);
        extremes(t);
        t.op("aten.atan2")
                .of("self", (g, c, e) -> e.mul(g, e.div(c.in("other"), squares(c, e))))
                .of("other", (g, c, e) -> e.mul(g, e.div(neg(e, c.in("self")), squares(c, e))));
        t.op("aten.hypot")
                .of("self", (g, c, e) -> e.mul(g, e.div(c.in("self"), c.out())))
                .of("other", (g, c, e) -> e.mul(g, e.div(c.in("other"), c.out())));
        t.op("aten.logaddexp")
                .of("self", (g, c, e) -> share(g, e, c.in("other"), c.in("self")))
                .of("other", (g, c, e) -> share(g, e, c.in("self"), c.in("other")));
        t.op("aten.copysign.Tensor")
                .of(
                        "self",
                        (g, c, e) ->
                                e.mul(
                                        g,
                                        unless(
                                                e,
                                                zero(e, c.in("self")),
                                                e.div(c.out(), c.in("self")))))
                .none("other");
        logarithms(t);
        blends(t);
    }

    private static void powers(DerivativeTable t) {
        t.op("aten.pow.Tensor_Tensor")
                .of(
                        "self",
                        (g, c, e) -> {
                            Value p = c.in("exponent");
                            Value lower = e.call("aten.add.Scalar", p, -1.0);
                            Value slope =
                                    e.mul(p, e.call("aten.pow.Tensor_Tensor", c.in("self"), lower));
                            return unless(e, zero(e, p), e.mul(g, slope));
                        })
                .of(
                        "exponent",
                        (g, c, e) -> {
                            Value x = c.in("self");
                            Value flat =
                                    e.call(
                                            "aten.logical_and",
                                            zero(e, x),
                                            e.call("aten.ge.Scalar", c.in("exponent"), 0.0));
                            Value slope = e.mul(c.out(), e.call("aten.log", x));
                            return e.mul(g, unless(e, flat, slope));
                        });
        t.unary(
                "aten.pow.Tensor_Scalar",
                (g, c, e) -> {
                    double p = c.args().number("exponent").toDouble();
                    if (p == 0) {
                        return zeros(e, c.type("self"));
                    }
                    return p == 1
                            ? g
                            : e.mul(
                                    g,
                                    e.mul(
                                            e.call("aten.pow.Tensor_Scalar", c.in("self"), p - 1),
                                            p));
                });
        t.op("aten.pow.Scalar")
                .of(
                        "exponent",
                        (g, c, e) -> {
                            double base = c.args().number("self").toDouble();
                            Value slope = e.call("aten.mul.Scalar", c.out(), Math.log(base));
                            return base == 0
                                    ? e.mul(
                                            g,
                                            unless(
                                                    e,
                                                    e.call("aten.ge.Scalar", c.in("exponent"), 0.0),
                                                    slope))
                                    : e.mul(g, slope);
                        });
    }

    /** Where both operands are equal, each gets half; fmax and fmin give all to the first. */
    private static void extremes(DerivativeTable t) {
        t.op("aten.maximum")
                .of(
                        "self",
                        (g, c, e) -> winner(g, e, c.in("self"), c.in("other"), "aten.lt.Tensor"))
                .of(
                        "other",
                        (g, c, e) -> winner(g, e, c.in("other"), c.in("self"), "aten.lt.Tensor"));
        t.op("aten.minimum")
                .of(
                        "self",
                        (g, c, e) -> winner(g, e, c.in("self"), c.in("other"), "aten.gt.Tensor"))
                .of(
                        "other",
                        (g, c, e) -> winner(g, e, c.in("other"), c.in("self"), "aten.gt.Tensor"));
        t.op("aten.fmax")
                .of("self", (g, c, e) -> where(e, firstWins(c, e, "aten.ge.Tensor"), g))
                .of("other", (g, c, e) -> unless(e, firstWins(c, e, "aten.ge.Tensor"), g));
        t.op("aten.fmin")
                .of("self", (g, c, e) -> where(e, firstWins(c, e, "aten.le.Tensor"), g))
                .of("other", (g, c, e) -> unless(e, firstWins(c, e, "aten.le.Tensor"), g));
    }

    private static void logarithms(DerivativeTable t) {
        t.op("aten.xlogy.Tensor")
                .of(
                        "self",
                        (g, c, e) -> {
                            Value flat =
                                    e.call(
                                            "aten.logical_and",
                                            zero(e, c.in("self")),
                                            e.call("aten.le.Scalar", c.in("other"), 0.0));
                            return unless(e, flat, e.call("aten.xlogy.Tensor", g, c.in("other")));
                        })
                .of("other", (g, c, e) -> e.div(e.mul(g, c.in("self")), c.in("other")));
        t.op("aten.xlogy.Scalar_Self")
                .of(
                        "other",
                        (g, c, e) -> e.div(scaled(e, g, c.args().number("self")), c.in("other")));
        t.op("aten.xlogy.Scalar_Other")
                .of(
                        "self",
                        (g, c, e) -> {
                            Scalar other = c.args().number("other");
                            Value slope = e.call("aten.xlogy.Scalar_Other", g, other);
                            return other.toDouble() > 0
                                    ? slope
                                    : unless(e, zero(e, c.in("self")), slope);
                        });
    }

    private static void blends(DerivativeTable t) {
        t.op("aten.lerp.Scalar")
                .of("self", (g, c, e) -> e.mul(g, 1 - c.args().number("weight").toDouble()))
                .of("end", (g, c, e) -> scaled(e, g, c.args().number("weight")));
        t.op("aten.lerp.Tensor")
                .of("self", (g, c, e) -> e.mul(g, e.call("aten.rsub.Scalar", c.in("weight"), 1.0)))
                .of("end", (g, c, e) -> e.mul(g, c.in("weight")))
                .of("weight", (g, c, e) -> e.mul(g, e.sub(c.in("end"), c.in("self"))));
        t.op("aten.addcmul")
                .of("self", PASS)
                .of(
                        "tensor1",
                        (g, c, e) -> e.mul(g, scaled(e, c.in("tensor2"), c.args().number("value"))))
                .of(
                        "tensor2",
                        (g, c, e) ->
                                e.mul(g, scaled(e, c.in("tensor1"), c.args().number("value"))));
        t.op("aten.addcdiv")
                .of("self", PASS)
                .of(
                        "tensor1",
                        (g, c, e) -> scaled(e, e.div(g, c.in("tensor2")), c.args().number("value")))
                .of(
                        "tensor2",
                        (g, c, e) -> {
                            Value slope = e.div(c.in("tensor1"), square(e, c.in("tensor2")));
                            return scaled(e, neg(e, e.mul(g, slope)), c.args().number("value"));
                        });
    }

    private static Value alpha(Value g, ForwardCall c, Emitter e) {
        return scaled(e, g, c.args().number("alpha"));
    }

    private static Value divisor(Value g, ForwardCall c, Emitter e) {
        Value quotient = e.div(c.in("self"), c.in("other"));
        return neg(e, e.mul(g, e.div(quotient, c.in("other"))));
    }

    private static Value divideByNumber(Value g, ForwardCall c, Emitter e) {
        return e.div(g, c.args().number("other").toDouble());
    }

    private static boolean rounds(ForwardCall c) {
        return !c.args().isNone("rounding_mode");
    }

    /** The remainder falls by the whole quotient as the divisor grows. */
    private static Value wrapped(Value g, ForwardCall c, Emitter e, String rounding) {
        return neg(
                e, e.mul(g, e.call("aten.div.Tensor_mode", c.in("self"), c.in("other"), rounding)));
    }

    private static Value number(Emitter e, ForwardCall c, String name) {
        return e.call("aten.full", new long[0], c.args().number(name), c.out().type().dtype());
    }

    private static Value winner(Value g, Emitter e, Value own, Value other, String loses) {
        Value half =
                e.call("aten.where.self", e.call("aten.eq.Tensor", own, other), e.div(g, 2.0), g);
        return unless(e, e.call(loses, own, other), half);
    }

    private static Value firstWins(ForwardCall c, Emitter e, String compare) {
        return e.call(
                "aten.logical_or",
                e.call(compare, c.in("self"), c.in("other")),
                e.call("aten.isnan", c.in("other")));
    }

    private static Value squares(ForwardCall c, Emitter e) {
        return e.add(square(e, c.in("self")), square(e, c.in("other")));
    }

    /** g / (1 + exp(other - own)). */
    private static Value share(Value g, Emitter e, Value other, Value own) {
        return e.div(g, e.add(e.exp(e.sub(other, own)), 1.0));
    }

    static Value zero(Emitter e, Value v) {
        return e.call("aten.eq.Scalar", v, 0.0);
    }
}
