package org.ipex4j.compiler.loop.expr;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;

/** Makes expressions of one nest, sharing equal ones and folding the trivial. */
public final class Exprs {
    private record Key(ExprOp op, DType type, List<Integer> args, Object attribute) {}

    private final Map<Key, Expr> known = new HashMap<>();
    private final long rowDims;
    private final long allDims;

    /**
     * @param rowDims bit set of the dimensions a reduction's result varies over
     * @param allDims bit set of the dimensions a scan's running value varies over
     */
    public Exprs(long rowDims, long allDims) {
        this.rowDims = rowDims;
        this.allDims = allDims;
    }

    /** The type computations on a stored type run in. */
    public static DType compute(DType stored) {
        return stored == DType.FLOAT16 || stored == DType.BFLOAT16 ? DType.FLOAT32 : stored;
    }

    public Expr literal(DType type, double value) {
        return type.isFloating()
                ? make(ExprOp.LITERAL, compute(type), List.of(), value)
                : make(ExprOp.LITERAL, type, List.of(), (long) value);
    }

    public Expr literal(DType type, long value) {
        return type.isFloating()
                ? make(ExprOp.LITERAL, compute(type), List.of(), (double) value)
                : make(ExprOp.LITERAL, type, List.of(), value);
    }

    public Expr bool(boolean value) {
        return literal(DType.BOOL, value ? 1L : 0L);
    }

    /** A number of the call, converted to {@code type} as ATen converts scalars. */
    public Expr scalar(DType type, Scalar value) {
        if (type == DType.BOOL) {
            return bool(value.toDouble() != 0);
        }
        return type.isFloating()
                ? make(ExprOp.SCALAR, compute(type), List.of(), value.toDouble())
                : make(ExprOp.SCALAR, type, List.of(), value.toLong());
    }

    public Expr scalar(DType type, double value) {
        return scalar(type, Scalar.of(value));
    }

    public Expr scalar(DType type, long value) {
        return scalar(type, Scalar.of(value));
    }

    public Expr index(Index index) {
        return switch (index) {
            case Index.Dynamic(Expr e) -> e;
            case Index.Affine a -> make(ExprOp.INDEX, DType.INT64, List.of(), a);
        };
    }

    /**
     * An element of a value; guard null or a bool expression under which alone it is read (zero
     * else).
     */
    public Expr load(Access access, Expr guard) {
        List<Expr> args = new ArrayList<>();
        if (guard != null) {
            args.add(guard);
        }
        return make(ExprOp.LOAD, compute(access.value().type().dtype()), args, access);
    }

    public Expr reduced(ExprOp op, DType type, ReducedRef ref, List<Expr> operands) {
        long reductions = 1L << ref.reduction();
        long dims = op == ExprOp.REDUCED ? rowDims : allDims;
        for (Expr e : operands) {
            reductions |= e.reductions();
        }
        return make(op, type, List.of(), ref, dims, reductions);
    }

    public Expr checkedIndex(Expr index, long size) {
        return make(
                ExprOp.CHECKED_INDEX, DType.INT64, List.of(index, scalar(DType.INT64, size)), null);
    }

    public Expr unary(ExprOp op, Expr a) {
        return make(op, op == ExprOp.IS_NAN ? DType.BOOL : a.type(), List.of(a), null);
    }

    public Expr binary(ExprOp op, Expr a, Expr b) {
        if (a.type() != b.type()) {
            throw new IllegalArgumentException(op + " of " + a.type() + " and " + b.type());
        }
        if (op == ExprOp.AND && a == b || op == ExprOp.OR && a == b) {
            return a;
        }
        return make(op, isComparison(op) ? DType.BOOL : a.type(), List.of(a, b), null);
    }

    public Expr add(Expr a, Expr b) {
        return binary(ExprOp.ADD, a, b);
    }

    public Expr sub(Expr a, Expr b) {
        return binary(ExprOp.SUB, a, b);
    }

    public Expr mul(Expr a, Expr b) {
        return binary(ExprOp.MUL, a, b);
    }

    public Expr div(Expr a, Expr b) {
        return binary(ExprOp.DIV, a, b);
    }

    public Expr max(Expr a, Expr b) {
        return binary(ExprOp.MAX, a, b);
    }

    public Expr min(Expr a, Expr b) {
        return binary(ExprOp.MIN, a, b);
    }

    public Expr and(Expr a, Expr b) {
        return binary(ExprOp.AND, a, b);
    }

    /** {@code a op literal}, of a's type. */
    public Expr with(ExprOp op, Expr a, double literal) {
        return binary(op, a, literal(a.type(), literal));
    }

    public Expr select(Expr condition, Expr a, Expr b) {
        if (a.type() != b.type() || condition.type() != DType.BOOL) {
            throw new IllegalArgumentException(
                    "select " + condition.type() + " of " + a.type() + " and " + b.type());
        }
        return a == b ? a : make(ExprOp.SELECT, a.type(), List.of(condition, a, b), null);
    }

    public Expr cast(Expr a, DType type) {
        DType to = compute(type);
        if (a.type() == to) {
            return a;
        }
        if (a.op() == ExprOp.LITERAL && a.attribute() instanceof Long v && to != DType.BOOL) {
            return literal(to, v);
        }
        return make(ExprOp.CAST, to, List.of(a), null);
    }

    /** The bits of a number as a number of another type, which must be as wide. */
    public Expr bits(Expr a, DType type) {
        if (a.type().byteSize() != type.byteSize() || a.type() == DType.BOOL) {
            throw new IllegalArgumentException("bits of " + a.type() + " as " + type);
        }
        return make(ExprOp.BITS, type, List.of(a), null);
    }

    /** As if stored in {@code type} and read again. */
    public Expr roundTo(Expr a, DType type) {
        Expr c = cast(a, type);
        return compute(type) == type || isRounded(c, type)
                ? c
                : make(ExprOp.ROUND_TO, c.type(), List.of(c), type);
    }

    /** What gives the same when stored in {@code type}: the store itself rounds. */
    public Expr toStore(Expr a, DType type) {
        Expr c = cast(a, type);
        return c.op() == ExprOp.ROUND_TO && c.attribute() == type ? c.arg(0) : c;
    }

    private static boolean isRounded(Expr a, DType type) {
        return switch (a.op()) {
            case ROUND_TO -> a.attribute() == type;
            case LOAD -> a.access().value().type().dtype() == type;
            default -> false;
        };
    }

    /** True for ops whose result is a bool whatever their operands are. */
    public static boolean isComparison(ExprOp op) {
        return switch (op) {
            case EQ, NE, LT, LE, GT, GE -> true;
            default -> false;
        };
    }

    private Expr make(ExprOp op, DType type, List<Expr> args, Object attribute) {
        long dims = 0;
        long reductions = 0;
        for (Expr a : args) {
            dims |= a.dims();
            reductions |= a.reductions();
        }
        if (attribute instanceof Index.Affine a) {
            dims |= a.dims();
        } else if (attribute instanceof Access access) {
            for (Index i : access.at()) {
                switch (i) {
                    case Index.Affine a -> dims |= a.dims();
                    case Index.Dynamic(Expr e) -> {
                        dims |= e.dims();
                        reductions |= e.reductions();
                    }
                }
            }
        }
        return make(op, type, args, attribute, dims, reductions);
    }

    private Expr make(
            ExprOp op, DType type, List<Expr> args, Object attribute, long dims, long reductions) {
        Object key =
                attribute instanceof Double d ? (Object) Double.doubleToRawLongBits(d) : attribute;
        Key k = new Key(op, type, args.stream().map(Expr::id).toList(), key);
        Expr e = known.get(k);
        if (e == null) {
            e = new Expr(known.size(), op, type, List.copyOf(args), attribute, dims, reductions);
            known.put(k, e);
        }
        return e;
    }
}
