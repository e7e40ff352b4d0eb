package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.unless;
import static org.ipex4j.compiler.autodiff.Grads.where;

import java.util.Optional;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;

/** Choices between operands, bounds and casts. At a bound the gradient passes. */
final class SelectionDerivatives {
    private SelectionDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.unary("aten.clamp", SelectionDerivatives::clamp);
        t.unary("aten.clamp_min", (g, c, e) -> where(e, atLeast(c, e).orElseThrow(), g));
        t.unary("aten.clamp_max", (g, c, e) -> where(e, atMost(c, e).orElseThrow(), g));
        t.op("aten.clamp.Tensor")
                .of("self", SelectionDerivatives::clamp)
                .of("min", (g, c, e) -> lowBound(g, c, e))
                .of("max", (g, c, e) -> highBound(g, c, e));
        t.op("aten.clamp_min.Tensor")
                .of("self", (g, c, e) -> where(e, atLeast(c, e).orElseThrow(), g))
                .of("min", (g, c, e) -> where(e, compare(e, "lt", c, "min"), g));
        t.op("aten.clamp_max.Tensor")
                .of("self", (g, c, e) -> where(e, atMost(c, e).orElseThrow(), g))
                .of("max", (g, c, e) -> where(e, compare(e, "gt", c, "max"), g));
        t.op("aten.where.self")
                .of("self", (g, c, e) -> where(e, c.in("condition"), g))
                .of("other", (g, c, e) -> unless(e, c.in("condition"), g));
        t.op("aten.where.ScalarSelf").of("other", (g, c, e) -> unless(e, c.in("condition"), g));
        t.op("aten.where.ScalarOther").of("self", (g, c, e) -> where(e, c.in("condition"), g));
        t.op("aten.masked_fill.Scalar").of("self", (g, c, e) -> unless(e, c.in("mask"), g));
        t.op("aten.masked_fill.Tensor")
                .of("self", (g, c, e) -> unless(e, c.in("mask"), g))
                .of("value", (g, c, e) -> where(e, c.in("mask"), g));
        t.unary("aten._to_copy", (g, c, e) -> g);
    }

    private static Value clamp(Value g, ForwardCall c, Emitter e) {
        Optional<Value> low = atLeast(c, e);
        Optional<Value> high = atMost(c, e);
        if (low.isEmpty() || high.isEmpty()) {
            return where(e, low.or(() -> high).orElseThrow(), g);
        }
        return where(e, e.call("aten.logical_and", low.get(), high.get()), g);
    }

    private static Value lowBound(Value g, ForwardCall c, Emitter e) {
        Value below = compare(e, "lt", c, "min");
        if (Grads.optional(c, "max") != null) {
            Value inOrder = e.call("aten.lt.Tensor", c.in("min"), c.in("max"));
            below = e.call("aten.logical_and", below, inOrder);
        }
        return where(e, below, g);
    }

    private static Value highBound(Value g, ForwardCall c, Emitter e) {
        Value above = compare(e, "gt", c, "max");
        if (Grads.optional(c, "min") != null) {
            Value crossed = e.call("aten.lt.Tensor", c.in("max"), c.in("min"));
            above = e.call("aten.logical_or", above, crossed);
        }
        return where(e, above, g);
    }

    private static Optional<Value> atLeast(ForwardCall c, Emitter e) {
        return c.args().isNone("min") ? Optional.empty() : Optional.of(compare(e, "ge", c, "min"));
    }

    private static Optional<Value> atMost(ForwardCall c, Emitter e) {
        return c.args().isNone("max") ? Optional.empty() : Optional.of(compare(e, "le", c, "max"));
    }

    private static Value compare(Emitter e, String how, ForwardCall c, String bound) {
        return c.args().get(bound) instanceof Arg.Tensor<Value>(Value v)
                ? e.call("aten." + how + ".Tensor", c.in("self"), v)
                : e.call("aten." + how + ".Scalar", c.in("self"), c.args().number(bound));
    }
}
