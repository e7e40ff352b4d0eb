package org.ipex4j.compiler.loop.lower;

import java.util.List;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Node;

/** Activation functions, by their definitions in PyTorch's documentation. */
final class ActivationLowerings {
    private ActivationLowerings() {}

    static void addAll(LoweringTable t) {
        ArithmeticLowerings.unary(t, "aten.relu", (e, x) -> e.max(x, e.literal(x.type(), 0L)));
        ArithmeticLowerings.unary(t, "aten.relu6", (e, x) -> clamp(e, x, 0, 6));
        ArithmeticLowerings.unary(t, "aten.hardsigmoid", ActivationLowerings::hardSigmoid);
        ArithmeticLowerings.unary(t, "aten.hardswish", (e, x) -> e.mul(x, hardSigmoid(e, x)));
        ArithmeticLowerings.unary(t, "aten.silu", (e, x) -> e.mul(x, e.unary(ExprOp.SIGMOID, x)));
        ArithmeticLowerings.unary(
                t,
                "aten.mish",
                (e, x) -> {
                    // tanh(log1p(e^x)) = (n^2 + 2n) / (n^2 + 2n + 2) with n = e^x; beyond 20 it is
                    // 1 in f32.
                    Expr n = e.unary(ExprOp.EXP, e.min(x, e.literal(x.type(), 20.0)));
                    Expr s = e.mul(n, e.with(ExprOp.ADD, n, 2));
                    Expr y = e.mul(x, e.div(s, e.with(ExprOp.ADD, s, 2)));
                    return e.select(e.with(ExprOp.GT, x, 20), x, y);
                });
        ArithmeticLowerings.unary(
                t,
                "aten.log_sigmoid",
                (e, x) -> {
                    Expr tail =
                            e.unary(
                                    ExprOp.LOG1P,
                                    e.unary(
                                            ExprOp.EXP,
                                            e.unary(ExprOp.NEG, e.unary(ExprOp.ABS, x))));
                    return e.sub(e.min(x, e.literal(x.type(), 0.0)), tail);
                });
        t.put("aten.gelu", (b, n, r, at) -> gelu(b, n, at));
        t.put(
                "aten.hardtanh",
                (b, n, r, at) -> {
                    Expr x = self(b, n, at);
                    return b.exprs()
                            .min(
                                    b.exprs().max(x, b.argument(n, "min_val", at, x.type())),
                                    b.argument(n, "max_val", at, x.type()));
                });
        t.put(
                "aten.leaky_relu",
                (b, n, r, at) -> {
                    Expr x = self(b, n, at);
                    Exprs e = b.exprs();
                    return e.select(
                            e.with(ExprOp.GT, x, 0),
                            x,
                            e.mul(x, b.argument(n, "negative_slope", at, x.type())));
                });
        for (String op : new String[] {"aten.prelu", "aten._prelu_kernel"}) {
            t.put(op, (b, n, r, at) -> prelu(b, n, at));
        }
        t.put(
                "aten.elu",
                (b, n, r, at) -> {
                    Expr x = self(b, n, at);
                    Exprs e = b.exprs();
                    Expr scale = b.argument(n, "scale", at, x.type());
                    Expr negative =
                            e.unary(
                                    ExprOp.EXPM1,
                                    e.mul(x, b.argument(n, "input_scale", at, x.type())));
                    Expr coefficient = e.mul(b.argument(n, "alpha", at, x.type()), scale);
                    return e.select(
                            e.with(ExprOp.GT, x, 0), e.mul(x, scale), e.mul(negative, coefficient));
                });
        t.put(
                "aten.celu",
                (b, n, r, at) -> {
                    Expr x = self(b, n, at);
                    Exprs e = b.exprs();
                    Expr alpha = b.argument(n, "alpha", at, x.type());
                    return e.select(
                            e.with(ExprOp.GT, x, 0),
                            x,
                            e.mul(alpha, e.unary(ExprOp.EXPM1, e.div(x, alpha))));
                });
        ArithmeticLowerings.unary(
                t,
                "aten.selu",
                (e, x) -> {
                    double alpha = 1.6732632423543772848170429916717;
                    double scale = 1.0507009873554804934193349852946;
                    Expr negative = e.with(ExprOp.MUL, e.unary(ExprOp.EXPM1, x), alpha * scale);
                    return e.select(
                            e.with(ExprOp.GT, x, 0), e.with(ExprOp.MUL, x, scale), negative);
                });
        t.put(
                "aten.softplus",
                (b, n, r, at) -> {
                    Expr x = self(b, n, at);
                    Exprs e = b.exprs();
                    Expr beta = b.argument(n, "beta", at, x.type());
                    Expr scaled = e.mul(x, beta);
                    Expr soft = e.div(e.unary(ExprOp.LOG1P, e.unary(ExprOp.EXP, scaled)), beta);
                    return e.select(
                            e.binary(ExprOp.GT, scaled, b.argument(n, "threshold", at, x.type())),
                            x,
                            soft);
                });
        t.put(
                "aten.threshold",
                (b, n, r, at) -> {
                    Expr x = self(b, n, at);
                    Exprs e = b.exprs();
                    return e.select(
                            e.binary(ExprOp.LE, x, b.argument(n, "threshold", at, x.type())),
                            b.argument(n, "value", at, x.type()),
                            x);
                });
        t.put(
                "aten.softshrink",
                (b, n, r, at) -> {
                    Expr x = self(b, n, at);
                    Exprs e = b.exprs();
                    Expr l = b.argument(n, "lambd", at, x.type());
                    Expr below =
                            e.select(
                                    e.binary(ExprOp.LT, x, e.unary(ExprOp.NEG, l)),
                                    e.add(x, l),
                                    e.mul(x, e.literal(x.type(), 0.0)));
                    return e.select(e.binary(ExprOp.GT, x, l), e.sub(x, l), below);
                });
        t.put(
                "aten.hardshrink",
                (b, n, r, at) -> {
                    Expr x = self(b, n, at);
                    Exprs e = b.exprs();
                    Expr inside =
                            e.binary(
                                    ExprOp.LE,
                                    e.unary(ExprOp.ABS, x),
                                    b.argument(n, "lambd", at, x.type()));
                    return e.select(inside, e.literal(x.type(), 0.0), x);
                });
    }

    private static Expr self(NestBuilder b, Node n, List<Index> at) {
        return b.argument(n, "self", at, ArithmeticLowerings.resultType(n));
    }

    private static Expr clamp(Exprs e, Expr x, double low, double high) {
        return e.min(e.max(x, e.literal(x.type(), low)), e.literal(x.type(), high));
    }

    private static Expr hardSigmoid(Exprs e, Expr x) {
        return e.with(ExprOp.MUL, clamp(e, e.with(ExprOp.ADD, x, 3), 0, 6), 1.0 / 6);
    }

    private static Expr prelu(NestBuilder b, Node n, List<Index> at) {
        Expr x = self(b, n, at);
        Exprs e = b.exprs();
        var weight = n.args().tensor("weight");
        Expr w;
        if (n.op().name().endsWith("_kernel")) {
            w = b.argument(n, "weight", at, x.type());
        } else {
            boolean shared = weight.type().numel() == 1 || at.size() < 2;
            List<Index> one =
                    weight.type().rank() == 0
                            ? List.of()
                            : List.of(shared ? Index.Affine.ZERO : at.get(1));
            w = e.cast(b.at(weight, one), x.type());
        }
        return e.select(e.with(ExprOp.GT, x, 0), x, e.mul(w, x));
    }

    private static Expr gelu(NestBuilder b, Node n, List<Index> at) {
        Exprs e = b.exprs();
        Expr x = self(b, n, at);
        DType type = x.type();
        Expr inner;
        if (n.args().text("approximate").equals("tanh")) {
            Expr cube = e.mul(e.mul(x, x), x);
            Expr arg =
                    e.with(
                            ExprOp.MUL,
                            e.add(x, e.with(ExprOp.MUL, cube, 0.044715)),
                            Math.sqrt(2 / Math.PI));
            inner = e.unary(ExprOp.TANH, arg);
        } else {
            inner = e.unary(ExprOp.ERF, e.with(ExprOp.MUL, x, Math.sqrt(0.5)));
        }
        return e.mul(e.with(ExprOp.MUL, x, 0.5), e.add(e.literal(type, 1.0), inner));
    }
}
