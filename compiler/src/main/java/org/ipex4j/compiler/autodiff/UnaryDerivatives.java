package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.neg;
import static org.ipex4j.compiler.autodiff.Grads.square;
import static org.ipex4j.compiler.autodiff.Grads.unless;

import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Value;

/** Functions of one operand. */
final class UnaryDerivatives {
    private UnaryDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.unary("aten.exp", (g, c, e) -> e.mul(g, c.out()));
        t.unary("aten.exp2", (g, c, e) -> e.mul(e.mul(g, c.out()), Math.log(2)));
        t.unary("aten.expm1", (g, c, e) -> e.mul(g, e.add(c.out(), 1.0)));
        t.unary("aten.log", (g, c, e) -> e.div(g, x(c)));
        t.unary("aten.log2", (g, c, e) -> e.div(g, e.mul(x(c), Math.log(2))));
        t.unary("aten.log10", (g, c, e) -> e.div(g, e.mul(x(c), Math.log(10))));
        t.unary("aten.log1p", (g, c, e) -> e.div(g, e.add(x(c), 1.0)));
        t.unary("aten.sqrt", (g, c, e) -> e.div(g, e.mul(c.out(), 2.0)));
        t.unary(
                "aten.rsqrt",
                (g, c, e) -> e.mul(e.mul(g, e.mul(square(e, c.out()), c.out())), -0.5));
        t.unary("aten.reciprocal", (g, c, e) -> neg(e, e.mul(g, square(e, c.out()))));
        t.unary("aten.square", (g, c, e) -> e.mul(g, e.mul(x(c), 2.0)));
        t.unary("aten.sin", (g, c, e) -> e.mul(g, e.call("aten.cos", x(c))));
        t.unary("aten.cos", (g, c, e) -> neg(e, e.mul(g, e.call("aten.sin", x(c)))));
        t.unary("aten.tan", (g, c, e) -> e.mul(g, e.add(square(e, c.out()), 1.0)));
        t.unary("aten.asin", (g, c, e) -> e.mul(g, e.call("aten.rsqrt", rest(c, e))));
        t.unary("aten.acos", (g, c, e) -> neg(e, e.mul(g, e.call("aten.rsqrt", rest(c, e)))));
        t.unary("aten.atan", (g, c, e) -> e.div(g, e.add(square(e, x(c)), 1.0)));
        t.unary("aten.sinh", (g, c, e) -> e.mul(g, e.call("aten.cosh", x(c))));
        t.unary("aten.cosh", (g, c, e) -> e.mul(g, e.call("aten.sinh", x(c))));
        t.unary("aten.tanh", (g, c, e) -> e.call("aten.tanh_backward", g, c.out()));
        t.unary(
                "aten.asinh",
                (g, c, e) -> e.mul(g, e.call("aten.rsqrt", e.add(square(e, x(c)), 1.0))));
        t.unary(
                "aten.acosh",
                (g, c, e) -> e.mul(g, e.call("aten.rsqrt", e.add(square(e, x(c)), -1.0))));
        t.unary("aten.atanh", (g, c, e) -> e.div(g, rest(c, e)));
        t.unary("aten.sigmoid", (g, c, e) -> e.call("aten.sigmoid_backward", g, c.out()));
        t.unary("aten.erf", (g, c, e) -> e.mul(g, bell(c, e)));
        t.unary("aten.erfc", (g, c, e) -> neg(e, e.mul(g, bell(c, e))));
        t.unary(
                "aten.erfinv",
                (g, c, e) -> e.mul(e.mul(g, e.exp(square(e, c.out()))), Math.sqrt(Math.PI) / 2));
        t.unary("aten.lgamma", (g, c, e) -> e.mul(g, e.call("aten.digamma", x(c))));
        t.unary("aten.digamma", (g, c, e) -> e.mul(g, e.call("aten.polygamma", 1, x(c))));
        t.unary("aten.sinc", UnaryDerivatives::sinc);
        t.unary("aten.deg2rad", (g, c, e) -> e.mul(g, Math.PI / 180));
        t.unary("aten.rad2deg", (g, c, e) -> e.mul(g, 180 / Math.PI));
        t.unary("aten.logit", UnaryDerivatives::logit);
        t.unary("aten.abs", (g, c, e) -> e.mul(g, e.call("aten.sgn", x(c))));
        t.unary("aten.neg", (g, c, e) -> neg(e, g));
        t.unary("aten.frac", (g, c, e) -> g);
        t.unary("aten.nan_to_num", (g, c, e) -> e.mul(g, e.call("aten.isfinite", x(c))));
        t.zero(
                "aten.floor",
                "aten.ceil",
                "aten.round",
                "aten.trunc",
                "aten.round.decimals",
                "aten.sign",
                "aten.sgn");
    }

    /** The operand, floating: integers have no gradients, but formulas may meet them. */
    private static Value x(ForwardCall c) {
        return c.in("self");
    }

    /** 1 - x². */
    private static Value rest(ForwardCall c, Emitter e) {
        return e.call("aten.rsub.Scalar", square(e, x(c)), 1.0);
    }

    /** 2 / √π exp(-x²). */
    private static Value bell(ForwardCall c, Emitter e) {
        return e.mul(e.exp(neg(e, square(e, x(c)))), 2 / Math.sqrt(Math.PI));
    }

    /** (πx cos πx - sin πx) / (π x²), 0 at 0. */
    private static Value sinc(Value g, ForwardCall c, Emitter e) {
        Value x = x(c);
        Value angle = e.mul(x, Math.PI);
        Value above = e.sub(e.mul(angle, e.call("aten.cos", angle)), e.call("aten.sin", angle));
        Value below = e.mul(square(e, x), Math.PI);
        return unless(e, ArithmeticDerivatives.zero(e, below), e.mul(g, e.div(above, below)));
    }

    /** g / (x (1 - x)) inside the bounds; beyond them 0 if eps clamps the operand, else NaN. */
    private static Value logit(Value g, ForwardCall c, Emitter e) {
        Value x = x(c);
        double eps = c.args().optionalReal("eps").orElse(0.0);
        double bound = x.type().dtype() == DType.FLOAT64 ? eps : (float) eps;
        Value outside =
                e.call(
                        "aten.logical_or",
                        e.call("aten.lt.Scalar", x, bound),
                        e.call("aten.gt.Scalar", x, 1 - bound));
        Value slope = e.div(g, e.mul(x, e.call("aten.rsub.Scalar", x, 1.0)));
        double beyond = c.args().isNone("eps") ? Double.NaN : 0.0;
        return e.call("aten.where.ScalarSelf", outside, beyond, slope);
    }
}
