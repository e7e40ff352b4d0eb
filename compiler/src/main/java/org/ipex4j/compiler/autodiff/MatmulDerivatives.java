package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.scaled;

import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/** Matrix products. */
final class MatmulDerivatives {
    private MatmulDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.op("aten.mm")
                .of("self", (g, c, e) -> mm(e, g, t(e, c.in("mat2"))))
                .of("mat2", (g, c, e) -> mm(e, t(e, c.in("self")), g));
        t.op("aten.addmm")
                .of("self", (g, c, e) -> scaled(e, g, c.args().number("beta")))
                .of("mat1", (g, c, e) -> alpha(mm(e, g, t(e, c.in("mat2"))), c, e))
                .of("mat2", (g, c, e) -> alpha(mm(e, t(e, c.in("mat1")), g), c, e));
        t.op("aten.bmm")
                .of("self", (g, c, e) -> bmm(e, g, t(e, c.in("mat2"))))
                .of("mat2", (g, c, e) -> bmm(e, t(e, c.in("self")), g));
        t.op("aten.baddbmm")
                .of("self", (g, c, e) -> scaled(e, g, c.args().number("beta")))
                .of("batch1", (g, c, e) -> alpha(bmm(e, g, t(e, c.in("batch2"))), c, e))
                .of("batch2", (g, c, e) -> alpha(bmm(e, t(e, c.in("batch1")), g), c, e));
        t.op("aten.linear")
                .of(
                        "input",
                        (g, c, e) ->
                                c.type("weight").rank() == 1
                                        ? e.mul(e.unsqueeze(g, -1), c.in("weight"))
                                        : e.view(
                                                mm(e, rows(e, g), c.in("weight")),
                                                c.type("input").sizes().toArray()))
                .of(
                        "weight",
                        (g, c, e) ->
                                c.type("weight").rank() == 1
                                        ? e.mul(e.unsqueeze(g, -1), c.in("input"))
                                        : mm(e, t(e, rows(e, g)), rows(e, c.in("input"))))
                .of("bias", (g, c, e) -> g);
        t.op("aten.matmul")
                .of("self", MatmulDerivatives::left)
                .of("other", MatmulDerivatives::right);
    }

    /** Gradient of matmul's first operand: g · otherᵀ, vectors as matrices of one row or column. */
    private static Value left(Value g, ForwardCall c, Emitter e) {
        Value x = c.in("self");
        Value y = c.in("other");
        Value wide = matrix(g, x, y, e);
        Value other = t(e, y.type().rank() == 1 ? e.unsqueeze(y, 1) : y);
        if (other.type().rank() == 2) {
            return e.view(mm(e, rows(e, wide), other), x.type().sizes().toArray());
        }
        Value product = e.call("aten.matmul", wide, other);
        return x.type().rank() == 1 ? e.squeeze(Grads.sumTo(e, product, row(x)), -2) : product;
    }

    /** Gradient of matmul's second operand: selfᵀ · g. */
    private static Value right(Value g, ForwardCall c, Emitter e) {
        Value x = c.in("self");
        Value y = c.in("other");
        Value wide = matrix(g, x, y, e);
        Value self = x.type().rank() == 1 ? e.unsqueeze(x, 0) : x;
        if (y.type().rank() <= 2) {
            Value product = mm(e, t(e, rows(e, self)), rows(e, wide));
            return e.view(product, y.type().sizes().toArray());
        }
        return e.call("aten.matmul", t(e, self), wide);
    }

    /** The gradient with the dimensions back that matmul took from vectors. */
    private static Value matrix(Value g, Value x, Value y, Emitter e) {
        Value out = g;
        if (x.type().rank() == 1) {
            out = e.unsqueeze(out, y.type().rank() == 1 ? -1 : -2);
        }
        return y.type().rank() == 1 ? e.unsqueeze(out, -1) : out;
    }

    private static org.ipex4j.ir.Sizes row(Value x) {
        return org.ipex4j.ir.Sizes.of(1, x.type().numel());
    }

    /** All but the last dimension as one. */
    private static Value rows(Emitter e, Value v) {
        long width = v.type().sizes().get(-1);
        long[] leading = v.type().sizes().toArray();
        long rows = 1;
        for (int i = 0; i < leading.length - 1; i++) {
            rows *= leading[i];
        }
        return v.type().rank() == 2 ? v : e.call("aten.reshape", v, new long[] {rows, width});
    }

    private static Value t(Emitter e, Value v) {
        return e.transpose(v, -1, -2);
    }

    private static Value mm(Emitter e, Value a, Value b) {
        return e.call("aten.mm", a, b);
    }

    private static Value bmm(Emitter e, Value a, Value b) {
        return e.call("aten.bmm", a, b);
    }

    private static Value alpha(Value product, ForwardCall c, Emitter e) {
        return scaled(e, product, c.args().number("alpha"));
    }
}
