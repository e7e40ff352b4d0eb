package org.ipex4j.compiler.loop.expr;

import java.util.List;
import java.util.stream.Collectors;
import org.ipex4j.ir.DType;

/**
 * A node of the scalar expression DAG; made and shared by {@link Exprs}, so that equal expressions
 * are the same object. Types are compute types: never f16 or bf16, which are computed in f32.
 */
public final class Expr {
    private final int id;
    private final ExprOp op;
    private final DType type;
    private final List<Expr> args;
    private final Object attribute;
    private final long dims;
    private final long reductions;

    Expr(
            int id,
            ExprOp op,
            DType type,
            List<Expr> args,
            Object attribute,
            long dims,
            long reductions) {
        this.id = id;
        this.op = op;
        this.type = type;
        this.args = args;
        this.attribute = attribute;
        this.dims = dims;
        this.reductions = reductions;
    }

    /** Position in order of creation: arguments come before their users. */
    public int id() {
        return id;
    }

    public ExprOp op() {
        return op;
    }

    public DType type() {
        return type;
    }

    public List<Expr> args() {
        return args;
    }

    public Expr arg(int i) {
        return args.get(i);
    }

    public Object attribute() {
        return attribute;
    }

    public Access access() {
        return (Access) attribute;
    }

    public ReducedRef reduced() {
        return (ReducedRef) attribute;
    }

    /** Bit set of the domain dimensions the value varies over. */
    public long dims() {
        return dims;
    }

    /** Bit set of the reductions it needs, directly or not. */
    public long reductions() {
        return reductions;
    }

    public boolean isLiteral(double v) {
        return op == ExprOp.LITERAL && ((Number) attribute).doubleValue() == v;
    }

    @Override
    public String toString() {
        String a = attribute == null ? "" : "<" + attribute + ">";
        return op
                + a
                + (args.isEmpty()
                        ? ""
                        : args.stream()
                                .map(Expr::toString)
                                .collect(Collectors.joining(", ", "(", ")")));
    }
}
