package org.ipex4j.compiler.loop.lower;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/**
 * Reads at positions that come from data. Negative positions count from the end only where ATen
 * says so.
 */
final class IndexingLowerings {
    private IndexingLowerings() {}

    static void addAll(LoweringTable t) {
        t.put(
                "aten.index_select",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    Value index = n.args().tensor("index");
                    if (self.type().rank() == 0) {
                        return b.at(self, List.of());
                    }
                    int dim = self.type().sizes().wrap(n.args().integer("dim"));
                    List<Index> where = index.type().rank() == 0 ? List.of() : List.of(at.get(dim));
                    Index position =
                            checked(b, n, b.at(index, where), self.type().sizes().get(dim), false);
                    return b.at(self, ViewLowerings.with(at, dim, position));
                });
        t.put(
                "aten.gather",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    if (self.type().rank() == 0) {
                        return b.at(self, List.of());
                    }
                    int dim = self.type().sizes().wrap(n.args().integer("dim"));
                    Index position =
                            checked(
                                    b,
                                    n,
                                    b.at(n.args().tensor("index"), at),
                                    self.type().sizes().get(dim),
                                    false);
                    return b.at(self, ViewLowerings.with(at, dim, position));
                });
        t.put(
                "aten.take_along_dim",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    Value indices = n.args().tensor("indices");
                    if (n.args().isNone("dim")) {
                        return b.at(self, flat(b, n, self.type().sizes(), b.at(indices, at)));
                    }
                    int dim = self.type().sizes().wrap(n.args().integer("dim"));
                    Sizes sizes = n.result().type().sizes();
                    Expr i =
                            b.at(
                                    indices,
                                    NestBuilder.broadcastIndex(indices.type().sizes(), sizes, at));
                    Index position = checked(b, n, i, self.type().sizes().get(dim), true);
                    return b.at(
                            self,
                            ViewLowerings.with(
                                    NestBuilder.broadcastIndex(self.type().sizes(), sizes, at),
                                    dim,
                                    position));
                });
        t.put(
                "aten.embedding",
                (b, n, r, at) -> {
                    Value weight = n.args().tensor("weight");
                    Expr row = b.at(n.args().tensor("indices"), at.subList(0, at.size() - 1));
                    return b.at(
                            weight,
                            List.of(
                                    checked(b, n, row, weight.type().sizes().get(0), false),
                                    at.getLast()));
                });
        t.put("aten.index.Tensor", IndexingLowerings::index);
        t.put(
                "aten.take",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    return b.at(
                            self,
                            flat(b, n, self.type().sizes(), b.at(n.args().tensor("index"), at)));
                });
    }

    /** The position of an element counted in row-major order. */
    private static List<Index> flat(NestBuilder b, Node n, Sizes sizes, Expr index) {
        Exprs e = b.exprs();
        Expr rest = e.index(checked(b, n, index, sizes.numel(), true));
        List<Index> out = new ArrayList<>();
        for (int d = sizes.rank() - 1; d >= 0; d--) {
            Expr size = e.scalar(DType.INT64, sizes.get(d));
            out.addFirst(new Index.Dynamic(d == 0 ? rest : e.binary(ExprOp.REM, rest, size)));
            rest = d == 0 ? rest : e.binary(ExprOp.IDIV, rest, size);
        }
        return out;
    }

    /**
     * Advanced indexing: index tensors broadcast together; their dimensions come first unless they
     * are adjacent.
     */
    private static Expr index(NestBuilder b, Node n, int result, List<Index> at) {
        Value self = n.args().tensor("self");
        List<Value> indices = n.args().tensors("indices");
        Sizes sizes = self.type().sizes();
        Sizes joint = Sizes.SCALAR;
        int first = -1;
        int last = -1;
        int count = 0;
        for (int d = 0; d < indices.size(); d++) {
            Value v = indices.get(d);
            if (v != null) {
                if (v.type().dtype() == DType.BOOL) {
                    throw new IllegalArgumentException(
                            n.op() + ": a bool index has a result size that depends on data");
                }
                joint = Sizes.broadcast(joint, v.type().sizes());
                first = first < 0 ? d : first;
                last = d;
                count++;
            }
        }
        boolean adjacent = last - first + 1 == count;
        int start = adjacent ? Math.max(first, 0) : 0;
        List<Index> jointAt = at.subList(start, start + joint.rank());
        List<Index> out = new ArrayList<>();
        int next = adjacent ? 0 : joint.rank();
        for (int d = 0; d < sizes.rank(); d++) {
            Value v = d < indices.size() ? indices.get(d) : null;
            if (v != null) {
                Expr i = b.at(v, NestBuilder.broadcastIndex(v.type().sizes(), joint, jointAt));
                out.add(checked(b, n, i, sizes.get(d), true));
                continue;
            }
            if (adjacent && next == start && d > last) {
                next += joint.rank();
            }
            out.add(at.get(next++));
        }
        return b.at(self, out);
    }

    /** A position from data, in range: out of range raises the kernel's status and gives 0. */
    static Index checked(NestBuilder b, Node n, Expr index, long size, boolean wrap) {
        if (size == 0 && n.result().type().numel() > 0) {
            throw new IllegalArgumentException(
                    n.op() + ": an index into a dimension of size 0" + n.source().suffix());
        }
        Exprs e = b.exprs();
        Expr i = e.cast(index, DType.INT64);
        if (wrap) {
            Expr wrapped = e.add(i, e.scalar(DType.INT64, size));
            i = e.select(e.with(ExprOp.LT, i, 0), wrapped, i);
        }
        return new Index.Dynamic(e.checkedIndex(i, size));
    }
}
