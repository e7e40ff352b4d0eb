package org.ipex4j.compiler.loop.lower;

import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;

/** Tensors made of numbers and positions alone. */
final class CreationLowerings {
    private CreationLowerings() {}

    static void addAll(LoweringTable t) {
        for (String op :
                new String[] {
                    "aten.zeros",
                    "aten.zeros_like",
                    "aten.new_zeros",
                    "aten.empty.memory_format",
                    "aten.empty_like",
                    "aten.new_empty"
                }) {
            t.put(op, (b, n, r, at) -> b.exprs().literal(ArithmeticLowerings.resultType(n), 0L));
        }
        for (String op : new String[] {"aten.ones", "aten.ones_like", "aten.new_ones"}) {
            t.put(op, (b, n, r, at) -> b.exprs().literal(ArithmeticLowerings.resultType(n), 1L));
        }
        for (String op : new String[] {"aten.full", "aten.full_like"}) {
            t.put(
                    op,
                    (b, n, r, at) ->
                            b.exprs()
                                    .scalar(
                                            ArithmeticLowerings.resultType(n),
                                            n.args().number("fill_value")));
        }
        Lowering fill =
                (b, n, r, at) -> b.argument(n, "value", at, ArithmeticLowerings.resultType(n));
        t.put("aten.fill.Scalar", fill);
        t.put("aten.fill.Tensor", fill);
        t.put(
                "aten.scalar_tensor",
                (b, n, r, at) ->
                        b.exprs().scalar(ArithmeticLowerings.resultType(n), n.args().number("s")));
        for (String op :
                new String[] {"aten.arange", "aten.arange.start", "aten.arange.start_step"}) {
            t.put(
                    op,
                    (b, n, r, at) -> {
                        Scalar start = number(n, "start", Scalar.of(0));
                        Scalar step = number(n, "step", Scalar.of(1));
                        Exprs e = b.exprs();
                        DType stored = n.result().type().dtype();
                        // As ATen: start + step * i in the accumulation type.
                        DType type = stored.isFloating() ? DType.FLOAT64 : DType.INT64;
                        Expr i = e.cast(e.index(at.getFirst()), type);
                        return e.cast(
                                e.add(e.scalar(type, start), e.mul(e.scalar(type, step), i)),
                                stored);
                    });
        }
        t.put(
                "aten.linspace",
                (b, n, r, at) -> {
                    Exprs e = b.exprs();
                    DType stored = n.result().type().dtype();
                    double start = n.args().number("start").toDouble();
                    double end = n.args().number("end").toDouble();
                    long steps = n.args().integer("steps");
                    DType type = DType.FLOAT64;
                    Expr step = e.scalar(type, steps > 1 ? (end - start) / (steps - 1) : 0);
                    Expr i = e.cast(e.index(at.getFirst()), type);
                    Expr fromEnd =
                            e.sub(
                                    e.scalar(type, end),
                                    e.mul(step, e.sub(e.scalar(type, (double) (steps - 1)), i)));
                    Expr fromStart = e.add(e.scalar(type, start), e.mul(step, i));
                    // Symmetric from both ends, as ATen computes it.
                    Expr x =
                            e.select(
                                    e.binary(ExprOp.LT, i, e.scalar(type, (double) (steps / 2))),
                                    fromStart,
                                    fromEnd);
                    return e.cast(steps == 1 ? e.scalar(type, start) : x, stored);
                });
        for (String op : new String[] {"aten.eye", "aten.eye.m"}) {
            t.put(
                    op,
                    (b, n, r, at) -> {
                        Exprs e = b.exprs();
                        return e.cast(
                                e.binary(ExprOp.EQ, e.index(at.get(0)), e.index(at.get(1))),
                                n.result().type().dtype());
                    });
        }
        triangle(t, "aten.tril", ExprOp.LE);
        triangle(t, "aten.triu", ExprOp.GE);
        t.put(
                "aten.one_hot",
                (b, n, r, at) -> {
                    Exprs e = b.exprs();
                    Expr label =
                            e.cast(
                                    b.at(n.args().tensor("self"), at.subList(0, at.size() - 1)),
                                    DType.INT64);
                    Expr hot = e.binary(ExprOp.EQ, label, e.index(at.getLast()));
                    return e.cast(hot, n.result().type().dtype());
                });
    }

    private static Scalar number(Node n, String name, Scalar otherwise) {
        return n.args().schema().has(name)
                        && n.args().get(name) instanceof Arg.Number<Value>(Scalar s)
                ? s
                : otherwise;
    }

    private static void triangle(LoweringTable t, String op, ExprOp keep) {
        t.put(
                op,
                (b, n, r, at) -> {
                    Exprs e = b.exprs();
                    Expr x = b.at(n.args().tensor("self"), at);
                    Expr row = e.index(at.get(at.size() - 2));
                    Expr column = e.index(at.getLast());
                    Expr kept =
                            e.binary(
                                    keep,
                                    e.sub(column, row),
                                    e.scalar(DType.INT64, n.args().integer("diagonal")));
                    return e.select(kept, x, e.literal(x.type(), 0L));
                });
    }
}
