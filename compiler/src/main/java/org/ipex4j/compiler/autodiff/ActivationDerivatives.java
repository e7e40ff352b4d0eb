package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.unless;

import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/** Activation functions; at their kinks the slopes are libtorch's. */
final class ActivationDerivatives {
    private ActivationDerivatives() {}

    static void addTo(DerivativeTable t) {
        // By the result, so that the operand need not be kept.
        t.unary("aten.relu", (g, c, e) -> e.call("aten.threshold_backward", g, c.out(), 0L));
        t.unary("aten.relu6", (g, c, e) -> between(g, x(c), e, 0, 6));
        t.unary(
                "aten.hardtanh",
                (g, c, e) -> between(g, x(c), e, number(c, "min_val"), number(c, "max_val")));
        t.unary(
                "aten.threshold",
                (g, c, e) ->
                        e.call("aten.threshold_backward", g, x(c), c.args().number("threshold")));
        t.unary(
                "aten.leaky_relu",
                (g, c, e) ->
                        e.call(
                                "aten.where.self",
                                positive(x(c), e),
                                g,
                                e.mul(g, number(c, "negative_slope"))));
        t.unary("aten.elu", ActivationDerivatives::elu);
        t.unary(
                "aten.gelu",
                (g, c, e) -> e.call("aten.gelu_backward", g, x(c), c.args().text("approximate")));
        t.unary(
                "aten.silu",
                (g, c, e) -> {
                    Value s = e.call("aten.sigmoid", x(c));
                    Value rest = e.call("aten.rsub.Scalar", s, 1.0);
                    return e.mul(g, e.mul(s, e.add(e.mul(x(c), rest), 1.0)));
                });
        t.unary("aten.mish", ActivationDerivatives::mish);
        t.unary("aten.softplus", ActivationDerivatives::softplus);
        t.unary(
                "aten.hardswish",
                (g, c, e) -> {
                    Value inner = e.mul(g, e.add(e.div(x(c), 3.0), 0.5));
                    Value low = e.call("aten.le.Scalar", x(c), -3.0);
                    Value high = e.call("aten.lt.Scalar", x(c), 3.0);
                    return unless(e, low, e.call("aten.where.self", high, inner, g));
                });
        t.unary("aten.hardsigmoid", (g, c, e) -> between(e.div(g, 6.0), x(c), e, -3, 3));
        t.unary("aten.hardshrink", ActivationDerivatives::shrink);
        t.unary("aten.softshrink", ActivationDerivatives::shrink);
        t.unary(
                "aten.log_sigmoid",
                (g, c, e) -> e.mul(g, e.call("aten.sigmoid", Grads.neg(e, x(c)))));
        t.op("aten.prelu")
                .of(
                        "self",
                        (g, c, e) ->
                                e.call(
                                        "aten.where.self",
                                        positive(x(c), e),
                                        g,
                                        e.mul(g, slopes(c, e))))
                .of(
                        "weight",
                        (g, c, e) -> {
                            Value each = unless(e, positive(x(c), e), e.mul(x(c), g));
                            return e.view(
                                    Grads.sumTo(e, each, slopes(c, e).type().sizes()),
                                    c.type("weight").sizes().toArray());
                        });
    }

    private static Value x(ForwardCall c) {
        return c.in("self");
    }

    private static double number(ForwardCall c, String name) {
        return c.args().number(name).toDouble();
    }

    private static Value positive(Value x, Emitter e) {
        return e.call("aten.gt.Scalar", x, 0.0);
    }

    /** The gradient strictly between these bounds, and where the operand is NaN. */
    private static Value between(Value g, Value x, Emitter e, double low, double high) {
        Value outside =
                e.call(
                        "aten.logical_or",
                        e.call("aten.le.Scalar", x, low),
                        e.call("aten.ge.Scalar", x, high));
        return unless(e, outside, g);
    }

    private static Value elu(Value g, ForwardCall c, Emitter e) {
        double scale = number(c, "scale");
        double inner = number(c, "input_scale");
        Value decay = e.exp(e.mul(x(c), inner));
        return e.call(
                "aten.where.self",
                e.call("aten.le.Scalar", x(c), 0.0),
                e.mul(g, e.mul(decay, inner * number(c, "alpha") * scale)),
                e.mul(g, scale));
    }

    /** With t = tanh(softplus(x)): t + x sigmoid(x) (1 - t²). */
    private static Value mish(Value g, ForwardCall c, Emitter e) {
        Value t = e.call("aten.tanh", e.call("aten.softplus", x(c)));
        Value rest = e.call("aten.rsub.Scalar", Grads.square(e, t), 1.0);
        Value slope = e.mul(e.mul(x(c), e.call("aten.sigmoid", x(c))), rest);
        return e.mul(g, e.add(t, slope));
    }

    private static Value softplus(Value g, ForwardCall c, Emitter e) {
        Value scaled = e.mul(x(c), number(c, "beta"));
        Value linear = e.call("aten.gt.Scalar", scaled, number(c, "threshold"));
        return e.call("aten.where.self", linear, g, e.mul(g, e.call("aten.sigmoid", scaled)));
    }

    private static Value shrink(Value g, ForwardCall c, Emitter e) {
        double bound = number(c, "lambd");
        Value inside =
                e.call(
                        "aten.logical_and",
                        e.call("aten.ge.Scalar", x(c), -bound),
                        e.call("aten.le.Scalar", x(c), bound));
        return unless(e, inside, g);
    }

    /** The weight, one number or one a channel, to broadcast over the operand. */
    private static Value slopes(ForwardCall c, Emitter e) {
        long[] sizes = new long[x(c).type().rank()];
        java.util.Arrays.fill(sizes, 1);
        if (sizes.length > 1) {
            sizes[1] = c.type("weight").numel();
        }
        return e.view(c.in("weight"), sizes);
    }
}
