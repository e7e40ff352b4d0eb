package org.ipex4j.compiler.loop.lower;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/** Views (and flip) as changes of position. */
final class ViewLowerings {
    private static final Set<String> RESHAPES =
            Set.of(
                    "aten.view",
                    "aten.reshape",
                    "aten._unsafe_view",
                    "aten.flatten.using_ints",
                    "aten.unsqueeze",
                    "aten.squeeze",
                    "aten.squeeze.dim",
                    "aten.squeeze.dims",
                    "aten._reshape_alias",
                    "aten.view_as",
                    "aten.unflatten.int");

    private ViewLowerings() {}

    static void addAll(LoweringTable t) {
        for (String op : new String[] {"aten.alias", "aten.detach", "aten.lift_fresh"}) {
            t.put(op, (b, n, r, at) -> b.at(n.args().tensor("self"), at));
        }
        t.put(
                "aten.permute",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    Index[] out = new Index[at.size()];
                    long[] dims = n.args().integers("dims");
                    for (int i = 0; i < dims.length; i++) {
                        out[self.type().sizes().wrap(dims[i])] = at.get(i);
                    }
                    return b.at(self, List.of(out));
                });
        t.put(
                "aten.transpose.int",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    return b.at(
                            self,
                            swap(
                                    at,
                                    self.type().sizes().wrap(n.args().integer("dim0")),
                                    self.type().sizes().wrap(n.args().integer("dim1"))));
                });
        for (String op : new String[] {"aten.t", "aten.numpy_T", "aten.mT"}) {
            t.put(
                    op,
                    (b, n, r, at) ->
                            b.at(
                                    n.args().tensor("self"),
                                    at.size() < 2 ? at : swap(at, at.size() - 2, at.size() - 1)));
        }
        for (String op : new String[] {"aten.expand", "aten.expand_as", "aten.broadcast_to"}) {
            t.put(
                    op,
                    (b, n, r, at) -> {
                        Value self = n.args().tensor("self");
                        return b.at(
                                self,
                                NestBuilder.broadcastIndex(
                                        self.type().sizes(), n.result().type().sizes(), at));
                    });
        }
        RESHAPES.forEach(op -> t.put(op, (b, n, r, at) -> reshape(b, n, at)));
        t.put(
                "aten.select.int",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    int dim = self.type().sizes().wrap(n.args().integer("dim"));
                    long index = n.args().integer("index");
                    List<Index> out = new ArrayList<>(at);
                    out.add(
                            dim,
                            Index.Affine.constant(
                                    index < 0 ? index + self.type().sizes().get(dim) : index));
                    return b.at(self, out);
                });
        t.put(
                "aten.slice.Tensor",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    int dim = self.type().sizes().wrap(n.args().integer("dim"));
                    long size = self.type().sizes().get(dim);
                    long start = n.args().optionalInteger("start").orElse(0L);
                    start = Math.clamp(start < 0 ? start + size : start, 0, size);
                    return b.at(
                            self,
                            with(
                                    at,
                                    dim,
                                    plus(
                                            b,
                                            times(b, at.get(dim), n.args().integer("step")),
                                            start)));
                });
        t.put(
                "aten.narrow",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    int dim = self.type().sizes().wrap(n.args().integer("dim"));
                    long start = n.args().integer("start");
                    return b.at(
                            self,
                            with(
                                    at,
                                    dim,
                                    plus(
                                            b,
                                            at.get(dim),
                                            start < 0
                                                    ? start + self.type().sizes().get(dim)
                                                    : start)));
                });
        t.put(
                "aten.diagonal",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    int d1 = self.type().sizes().wrap(n.args().integer("dim1"));
                    int d2 = self.type().sizes().wrap(n.args().integer("dim2"));
                    long offset = n.args().integer("offset");
                    List<Index> out = new ArrayList<>(at.subList(0, at.size() - 1));
                    Index row = plus(b, at.getLast(), Math.max(0, -offset));
                    Index column = plus(b, at.getLast(), Math.max(0, offset));
                    out.add(Math.min(d1, d2), d1 < d2 ? row : column);
                    out.add(Math.max(d1, d2), d1 < d2 ? column : row);
                    return b.at(self, out);
                });
        t.put(
                "aten.flip",
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    List<Index> out = at;
                    for (long d : n.args().integers("dims")) {
                        int dim = self.type().sizes().wrap(d);
                        out =
                                with(
                                        out,
                                        dim,
                                        plus(
                                                b,
                                                times(b, out.get(dim), -1),
                                                self.type().sizes().get(dim) - 1));
                    }
                    return b.at(self, out);
                });
    }

    static List<Index> with(List<Index> at, int dim, Index index) {
        List<Index> out = new ArrayList<>(at);
        out.set(dim, index);
        return List.copyOf(out);
    }

    private static List<Index> swap(List<Index> at, int a, int b) {
        return with(with(at, a, at.get(b)), b, at.get(a));
    }

    static Index plus(NestBuilder b, Index i, long value) {
        return switch (i) {
            case Index.Affine a -> a.plus(value);
            case Index.Dynamic(Expr e) ->
                    new Index.Dynamic(b.exprs().add(e, b.exprs().scalar(DType.INT64, value)));
        };
    }

    static Index times(NestBuilder b, Index i, long factor) {
        return switch (i) {
            case Index.Affine a -> a.times(factor);
            case Index.Dynamic(Expr e) ->
                    factor == 1
                            ? i
                            : new Index.Dynamic(
                                    b.exprs().mul(e, b.exprs().scalar(DType.INT64, factor)));
        };
    }

    private static Index sum(NestBuilder b, Index x, Index y) {
        Exprs e = b.exprs();
        return x instanceof Index.Affine p && y instanceof Index.Affine q
                ? p.plus(q)
                : new Index.Dynamic(e.add(e.index(x), e.index(y)));
    }

    /** True if reads through the view can become reads of its operand. */
    static boolean absorbs(Node view) {
        return !RESHAPES.contains(view.op().name()) || splits(view) != null;
    }

    /**
     * Position in the operand of a reshape. Dimensions of size 1 come and go, and a dimension that
     * the result splits is put together again; merging dimensions would need a division per element
     * and is refused, so that the operand is materialised and the reshape becomes an alias.
     */
    private static Expr reshape(NestBuilder b, Node n, List<Index> at) {
        Value self = n.args().tensor("self");
        List<List<Integer>> splits = splits(n);
        if (splits == null) {
            throw new CannotFuse(
                    n.op() + " from " + self.type().sizes() + " to " + n.result().type().sizes());
        }
        Sizes to = n.result().type().sizes();
        List<Index> out = new ArrayList<>();
        for (List<Integer> parts : splits) {
            Index index = Index.Affine.ZERO;
            for (int j : parts) {
                index = sum(b, times(b, index, to.get(j)), at.get(j));
            }
            out.add(index);
        }
        return b.at(self, List.copyOf(out));
    }

    /**
     * For each dimension of a reshape's operand the result's dimensions that it is split into; null
     * if some merge.
     */
    private static List<List<Integer>> splits(Node n) {
        Sizes from = n.args().tensor("self").type().sizes();
        Sizes to = n.result().type().sizes();
        List<List<Integer>> out = new ArrayList<>();
        if (from.numel() == 0) {
            return from.equals(to)
                    ? java.util.stream.IntStream.range(0, to.rank()).mapToObj(List::of).toList()
                    : null;
        }
        int j = 0;
        for (int d = 0; d < from.rank(); d++) {
            List<Integer> parts = new ArrayList<>();
            long covered = 1;
            while (covered < from.get(d)) {
                if (to.get(j) != 1) {
                    parts.add(j);
                    covered *= to.get(j);
                }
                j++;
            }
            if (covered != from.get(d)) {
                return null;
            }
            out.add(parts);
        }
        return out;
    }
}
