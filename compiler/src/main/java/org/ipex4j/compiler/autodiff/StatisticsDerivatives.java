package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.unless;
import static org.ipex4j.compiler.autodiff.ReductionDerivatives.count;
import static org.ipex4j.compiler.autodiff.ReductionDerivatives.dims;
import static org.ipex4j.compiler.autodiff.ReductionDerivatives.keepDims;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/** Variances, norms and logarithms of sums. */
final class StatisticsDerivatives {
    private StatisticsDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.unary("aten.var.correction", StatisticsDerivatives::variance);
        t.unary("aten.std.correction", (g, c, e) -> variance(deviation(g, c, e), c, e));
        t.add("aten.var_mean.correction", (c, grads, e) -> withMean(c, grads, e, false));
        t.add("aten.std_mean.correction", (c, grads, e) -> withMean(c, grads, e, true));
        t.unary(
                "aten.logsumexp",
                (g, c, e) ->
                        e.mul(
                                keepDims(g, c, e),
                                e.exp(e.sub(c.in("self"), keepDims(c.out(), c, e)))));
        t.unary("aten.linalg_vector_norm", (g, c, e) -> norm(g, c, e, order(c, "ord")));
        t.unary("aten.norm.Scalar", (g, c, e) -> norm(g, c, e, order(c, "p")));
        t.unary("aten.norm.ScalarOpt_dim", (g, c, e) -> norm(g, c, e, order(c, "p")));
    }

    private static double order(ForwardCall c, String name) {
        return c.args().optionalNumber(name).map(p -> p.toDouble()).orElse(2.0);
    }

    /** 2 g (x - mean) / (n - correction). */
    private static Value variance(Value g, ForwardCall c, Emitter e) {
        Value x = c.in("self");
        double correction =
                c.args().optionalNumber("correction").map(n -> n.toDouble()).orElse(1.0);
        Value centered = e.sub(x, e.mean(x, dims(c)));
        return e.mul(e.mul(keepDims(g, c, e), centered), 2 / Math.max(0, count(c) - correction));
    }

    /** From the gradient of the standard deviation to the variance's; none where it is 0. */
    private static Value deviation(Value g, ForwardCall c, Emitter e) {
        Value std = c.out();
        return unless(e, ArithmeticDerivatives.zero(e, std), e.div(g, e.mul(std, 2.0)));
    }

    private static List<Value> withMean(
            ForwardCall c, List<Value> grads, Emitter e, boolean deviation) {
        Value spread = grads.get(0);
        Value mean = grads.get(1);
        List<Value> parts = new ArrayList<>();
        if (spread != null) {
            parts.add(variance(deviation ? deviation(spread, c, e) : spread, c, e));
        }
        if (mean != null) {
            parts.add(e.div(keepDims(mean, c, e), (double) count(c)));
        }
        return Grads.perOperand(
                c, e, name -> parts.stream().reduce((a, b) -> e.add(a, b)).orElseThrow());
    }

    private static Value norm(Value g, ForwardCall c, Emitter e, double p) {
        Value x = e.cast(c.in("self"), g.type().dtype());
        Value gradient = keepDims(g, c, e);
        Value norm = keepDims(c.out(), c, e);
        Value zero = ArithmeticDerivatives.zero(e, norm);
        if (p == 0) {
            return null;
        }
        if (p == 1) {
            return e.mul(gradient, e.call("aten.sgn", x));
        }
        if (p == 2) {
            return e.mul(gradient, unless(e, zero, e.div(x, norm)));
        }
        Value size = e.call("aten.abs", x);
        if (Double.isInfinite(p)) {
            return extreme(gradient, x, size, norm, c, e);
        }
        if (p < 1) {
            Value powers =
                    e.mul(e.call("aten.sgn", x), e.call("aten.pow.Tensor_Scalar", size, p - 1));
            Value kept = unless(e, ArithmeticDerivatives.zero(e, x), powers);
            return e.mul(e.mul(kept, gradient), e.call("aten.pow.Tensor_Scalar", norm, 1 - p));
        }
        Value powers =
                p < 2
                        ? e.mul(
                                e.call("aten.sgn", x),
                                e.call("aten.pow.Tensor_Scalar", size, p - 1))
                        : e.mul(x, e.call("aten.pow.Tensor_Scalar", size, p - 2));
        Value scale = e.div(gradient, e.call("aten.pow.Tensor_Scalar", norm, p - 1));
        return e.mul(powers, unless(e, zero, scale));
    }

    /** The elements that hold the extreme share the gradient, with their signs. */
    private static Value extreme(
            Value g, Value x, Value size, Value norm, ForwardCall c, Emitter e) {
        Value hit =
                e.call(
                        "aten.logical_or",
                        e.call("aten.eq.Tensor", size, norm),
                        e.call(
                                "aten.logical_and",
                                e.call("aten.isnan", size),
                                e.call("aten.isnan", norm)));
        Value flags = e.cast(hit, g.type().dtype());
        Value share = e.div(g, e.sum(flags, dims(c), true));
        return e.mul(e.mul(e.call("aten.sgn", x), flags), share);
    }
}
