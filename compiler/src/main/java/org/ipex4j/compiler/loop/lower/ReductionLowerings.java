package org.ipex4j.compiler.loop.lower;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.compiler.loop.nest.ReduceKind;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;

/** Reductions and scans. */
public final class ReductionLowerings {
    private ReductionLowerings() {}

    static void addAll(LoweringTable t) {
        for (String op : new String[] {"aten.sum", "aten.sum.dim_IntList"}) {
            t.put(
                    op,
                    (b, n, r, at) ->
                            reduce(b, n, at, ReduceKind.SUM, 0, ArithmeticLowerings.resultType(n)));
        }
        for (String op : new String[] {"aten.mean", "aten.mean.dim"}) {
            t.put(
                    op,
                    (b, n, r, at) -> {
                        Expr sum =
                                reduce(
                                        b,
                                        n,
                                        at,
                                        ReduceKind.SUM,
                                        0,
                                        ArithmeticLowerings.resultType(n));
                        double count =
                                n.args().tensor("self").type().numel()
                                        / Math.max(1.0, n.result().type().numel());
                        return b.exprs().div(sum, b.exprs().scalar(sum.type(), count));
                    });
        }
        for (String op : new String[] {"aten.prod", "aten.prod.dim_int"}) {
            t.put(
                    op,
                    (b, n, r, at) ->
                            reduce(
                                    b,
                                    n,
                                    at,
                                    ReduceKind.PROD,
                                    0,
                                    ArithmeticLowerings.resultType(n)));
        }
        for (String op : new String[] {"aten.amax", "aten.max"}) {
            t.put(op, (b, n, r, at) -> extreme(b, n, at, ReduceKind.MAX));
        }
        for (String op : new String[] {"aten.amin", "aten.min"}) {
            t.put(op, (b, n, r, at) -> extreme(b, n, at, ReduceKind.MIN));
        }
        for (String op : new String[] {"aten.any", "aten.any.dim", "aten.any.dims"}) {
            t.put(op, (b, n, r, at) -> reduce(b, n, at, ReduceKind.OR, 0, DType.BOOL));
        }
        for (String op : new String[] {"aten.all", "aten.all.dim", "aten.all.dims"}) {
            t.put(op, (b, n, r, at) -> reduce(b, n, at, ReduceKind.AND, 0, DType.BOOL));
        }
        t.put("aten.argmax", (b, n, r, at) -> arg(b, n, at, ReduceKind.ARGMAX, 1));
        t.put("aten.argmin", (b, n, r, at) -> arg(b, n, at, ReduceKind.ARGMIN, 1));
        t.put("aten.max.dim", (b, n, r, at) -> arg(b, n, at, ReduceKind.ARGMAX, r));
        t.put("aten.min.dim", (b, n, r, at) -> arg(b, n, at, ReduceKind.ARGMIN, r));
        t.put("aten.cumsum", (b, n, r, at) -> scan(b, n, at, ReduceKind.SUM));
        t.put("aten.cumprod", (b, n, r, at) -> scan(b, n, at, ReduceKind.PROD));
    }

    private static final Pattern REDUCTION =
            Pattern.compile(
                    "aten\\.(sum|mean|prod|amax|amin|any|all|argmax|argmin|max|min)(\\.dim|\\.dims|\\.dim_IntList|\\.dim_int)?");

    /** True for nodes whose lowering is a reduction. */
    public static boolean isReduction(Node n) {
        return REDUCTION.matcher(n.op().name()).matches();
    }

    /** True for nodes whose lowering is a scan. */
    public static boolean isScan(Node n) {
        return n.is("aten.cumsum") || n.is("aten.cumprod");
    }

    /** Bit set of the dimensions that a reduction or scan runs over. */
    public static long dims(Node n) {
        Sizes sizes = n.args().tensor("self").type().sizes();
        long all = sizes.rank() == 0 ? 0 : -1L >>> (64 - sizes.rank());
        if (!n.args().schema().has("dim")) {
            return all;
        }
        return switch (n.args().get("dim")) {
            case Arg.Int<Value>(long d) -> sizes.rank() == 0 ? 0 : 1L << sizes.wrap(d);
            case Arg.Ints<Value>(List<Long> ds) -> {
                long bits = 0;
                for (long d : ds) {
                    bits |= sizes.rank() == 0 ? 0 : 1L << sizes.wrap(d);
                }
                yield ds.isEmpty() ? all : bits;
            }
            default -> all;
        };
    }

    private static Expr reduce(
            NestBuilder b, Node n, List<Index> at, ReduceKind kind, int component, DType type) {
        Value self = n.args().tensor("self");
        return b.reduce(
                n,
                self,
                dims(n),
                at,
                kind,
                component,
                full -> List.of(b.exprs().cast(b.at(self, full), type)));
    }

    private static Expr extreme(NestBuilder b, Node n, List<Index> at, ReduceKind kind) {
        DType type = ArithmeticLowerings.resultType(n);
        ReduceKind k =
                type != DType.BOOL ? kind : kind == ReduceKind.MAX ? ReduceKind.OR : ReduceKind.AND;
        return reduce(b, n, at, k, 0, type);
    }

    private static Expr arg(NestBuilder b, Node n, List<Index> at, ReduceKind kind, int component) {
        Value self = n.args().tensor("self");
        Sizes sizes = self.type().sizes();
        long dims = dims(n);
        Exprs e = b.exprs();
        return b.reduce(
                n,
                self,
                dims,
                at,
                kind,
                component,
                full -> {
                    Index.Affine position = Index.Affine.ZERO;
                    long step = 1;
                    for (int d = sizes.rank() - 1; d >= 0; d--) {
                        if ((dims >> d & 1) != 0) {
                            position = position.plus(((Index.Affine) full.get(d)).times(step));
                            step *= sizes.get(d);
                        }
                    }
                    Expr x = b.at(self, full);
                    // Booleans compare as small integers.
                    x = x.type() == DType.BOOL ? e.cast(x, DType.UINT8) : x;
                    return List.of(x, e.index(position));
                });
    }

    private static Expr scan(NestBuilder b, Node n, List<Index> at, ReduceKind kind) {
        Value self = n.args().tensor("self");
        int dim = self.type().sizes().wrap(n.args().integer("dim"));
        // ATen accumulates float scans in double.
        DType type = n.result().type().dtype();
        DType acc = type.isFloating() ? DType.FLOAT64 : type;
        return b.exprs()
                .cast(
                        b.scan(
                                n,
                                self,
                                dim,
                                at,
                                kind,
                                full -> List.of(b.exprs().cast(b.at(self, full), acc))),
                        type);
    }

    /** Present if the node is a reduction of one tensor. */
    public static Optional<Value> operand(Node n) {
        return isReduction(n) || isScan(n)
                ? Optional.of(n.args().tensor("self"))
                : Optional.empty();
    }
}
