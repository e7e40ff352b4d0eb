package org.ipex4j.compiler.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipex4j.compiler.autodiff.DerivativeTable.Formula;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;

/** Views: the gradient takes the way back, and where elements are left out it is zero. */
final class ViewDerivatives {
    private ViewDerivatives() {}

    static void addTo(DerivativeTable t) {
        for (String same : List.of("alias", "clone", "contiguous", "expand", "broadcast_to")) {
            // What was expanded is summed back by the caller.
            t.unary("aten." + same, (g, c, e) -> g);
        }
        t.zero("aten.detach");
        Formula reshape = (g, c, e) -> e.call("aten.reshape", g, c.type("self").sizes().toArray());
        for (String op :
                List.of(
                        "view",
                        "_unsafe_view",
                        "reshape",
                        "flatten.using_ints",
                        "unflatten.int",
                        "squeeze",
                        "squeeze.dim",
                        "squeeze.dims",
                        "unsqueeze")) {
            t.unary("aten." + op, reshape);
        }
        t.unary("aten.permute", ViewDerivatives::permute);
        t.unary(
                "aten.transpose.int",
                (g, c, e) ->
                        e.call(
                                "aten.transpose.int",
                                g,
                                c.args().integer("dim0"),
                                c.args().integer("dim1")));
        t.unary(
                "aten.swapaxes",
                (g, c, e) ->
                        e.call(
                                "aten.transpose.int",
                                g,
                                c.args().integer("axis0"),
                                c.args().integer("axis1")));
        t.unary("aten.t", (g, c, e) -> e.call("aten.t", g));
        t.unary(
                "aten.movedim.intlist",
                (g, c, e) ->
                        e.call(
                                "aten.movedim.intlist",
                                g,
                                c.args().integers("destination"),
                                c.args().integers("source")));
        t.unary(
                "aten.movedim.int",
                (g, c, e) ->
                        e.call(
                                "aten.movedim.int",
                                g,
                                c.args().integer("destination"),
                                c.args().integer("source")));
        t.unary("aten.slice.Tensor", ViewDerivatives::slice);
        t.unary(
                "aten.select.int",
                (g, c, e) -> {
                    int dim = c.type("self").sizes().wrap(c.args().integer("dim"));
                    long size = c.type("self").sizes().get(dim);
                    long index = c.args().integer("index");
                    long start = index < 0 ? index + size : index;
                    return pad(e, e.unsqueeze(g, dim), dim, start, size - start - 1);
                });
        t.unary(
                "aten.narrow",
                (g, c, e) -> {
                    int dim = c.type("self").sizes().wrap(c.args().integer("dim"));
                    long size = c.type("self").sizes().get(dim);
                    long start = c.args().integer("start");
                    long from = start < 0 ? start + size : start;
                    return pad(e, g, dim, from, size - from - c.args().integer("length"));
                });
        for (String op : List.of("aten.split.Tensor", "aten.split_with_sizes", "aten.chunk")) {
            t.add(op, (c, g, e) -> joined(c, e, present(c, g, e)));
        }
        t.add(
                "aten.unbind.int",
                (c, g, e) -> {
                    int dim = c.type("self").sizes().wrap(c.args().integer("dim"));
                    return joined(
                            c, e, present(c, g, e).stream().map(v -> e.unsqueeze(v, dim)).toList());
                });
        t.unary("aten.diagonal", ViewDerivatives::diagonal);
        t.unary("aten.unfold", ViewDerivatives::unfold);
        t.unary("aten.as_strided", ViewDerivatives::strided);
        t.op("aten.copy").none("self").of("src", (g, c, e) -> g);
    }

    private static Value permute(Value g, ForwardCall c, Emitter e) {
        long[] order = c.args().integers("dims");
        long[] back = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            back[c.type("self").sizes().wrap(order[i])] = i;
        }
        return e.call("aten.permute", g, back);
    }

    private static Value slice(Value g, ForwardCall c, Emitter e) {
        Sizes sizes = c.type("self").sizes();
        int dim = sizes.wrap(c.args().integer("dim"));
        long size = sizes.get(dim);
        long step = c.args().integer("step");
        long start = c.args().optionalInteger("start").orElse(0L);
        long from = Math.clamp(start < 0 ? start + size : start, 0, size);
        long length = g.type().sizes().get(dim);
        if (length == 0) {
            return Grads.zeros(e, new TensorType(g.type().dtype(), sizes));
        }
        // With gaps of zeros between the elements where the step leaves some out.
        Value spread = step == 1 ? g : gaps(e, g, dim, step);
        long covered = (length - 1) * step + 1;
        Value inner =
                step == 1
                        ? spread
                        : e.call("aten.slice.Tensor", spread, (long) dim, 0L, covered, 1L);
        return pad(e, inner, dim, from, size - from - covered);
    }

    /** Each element followed by step - 1 zeros. */
    private static Value gaps(Emitter e, Value g, int dim, long step) {
        Value apart = pad(e, e.unsqueeze(g, dim + 1), dim + 1, 0, step - 1);
        return e.view(
                apart, g.type().sizes().with(dim, g.type().sizes().get(dim) * step).toArray());
    }

    /** Zeros before and after along one dimension. */
    private static Value pad(Emitter e, Value g, int dim, long before, long after) {
        if (before == 0 && after == 0) {
            return g;
        }
        long[] pad = new long[2 * (g.type().rank() - dim)];
        pad[pad.length - 2] = before;
        pad[pad.length - 1] = after;
        return e.call("aten.constant_pad_nd", g, pad, 0.0);
    }

    /** The gradients of a list of results, zeros where none flows. */
    private static List<Value> present(ForwardCall c, List<Value> grads, Emitter e) {
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < grads.size(); i++) {
            Value g = grads.get(i);
            out.add(g != null ? g : Grads.zeros(e, c.results().get(i).type()));
        }
        return out;
    }

    private static List<Value> joined(ForwardCall c, Emitter e, List<Value> parts) {
        long dim = c.type("self").sizes().wrap(c.args().integer("dim"));
        return Grads.perOperand(
                c, e, n -> parts.size() == 1 ? parts.getFirst() : e.call("aten.cat", parts, dim));
    }

    /** The diagonal lies in the last dimension of g; all else of the matrices is zero. */
    private static Value diagonal(Value g, ForwardCall c, Emitter e) {
        Sizes sizes = c.type("self").sizes();
        int d1 = sizes.wrap(c.args().integer("dim1"));
        int d2 = sizes.wrap(c.args().integer("dim2"));
        long offset = c.args().integer("offset");
        int rank = sizes.rank();
        long rows = sizes.get(d1);
        long above = Math.max(0, -offset);
        long length = g.type().sizes().get(-1);
        if (length == 0) {
            return Grads.zeros(e, new TensorType(g.type().dtype(), sizes));
        }
        Value column = e.unsqueeze(pad(e, g, rank - 2, above, rows - above - length), -1);
        Value row = e.call("aten.add.Scalar", Grads.positions(e, rows, rank - 2, rank), offset);
        Value hit =
                e.call("aten.eq.Tensor", row, Grads.positions(e, sizes.get(d2), rank - 1, rank));
        return e.call(
                "aten.movedim.intlist",
                Grads.where(e, hit, column),
                new long[] {rank - 2, rank - 1},
                new long[] {d1, d2});
    }

    /** Windows overlap, so their gradients are added by position. */
    private static Value unfold(Value g, ForwardCall c, Emitter e) {
        TensorType x = c.type("self");
        if (x.rank() == 0) {
            return e.call("aten.reshape", g, new long[0]);
        }
        int dim = x.sizes().wrap(c.args().integer("dimension"));
        long windows = g.type().sizes().get(dim);
        long size = c.args().integer("size");
        long[] order = new long[x.rank() + 1];
        for (int i = 0; i < order.length; i++) {
            order[i] = i <= dim ? i : i == dim + 1 ? x.rank() : i - 1;
        }
        Value flat =
                e.call(
                        "aten.reshape",
                        e.call("aten.permute", g, order),
                        x.sizes().with(dim, windows * size).toArray());
        Value index =
                e.add(
                        e.mul(
                                Grads.positions(e, windows, 0, 2),
                                e.integer(c.args().integer("step"))),
                        Grads.positions(e, size, 1, 2));
        return e.call(
                "aten.index_add",
                Grads.zeros(e, new TensorType(g.type().dtype(), x.sizes())),
                (long) dim,
                e.view(index, windows * size),
                flat);
    }

    /** Elements may be met more than once, so gradients are added by position in the storage. */
    private static Value strided(Value g, ForwardCall c, Emitter e) {
        TensorType x = c.type("self");
        long[] sizes = g.type().sizes().toArray();
        long[] strides = c.args().integers("stride");
        Value index =
                e.call(
                        "aten.full",
                        sizes,
                        c.args().optionalInteger("storage_offset").orElse(0L),
                        DType.INT64);
        for (int d = 0; d < sizes.length; d++) {
            Value along = Grads.positions(e, sizes[d], d, sizes.length);
            index = e.add(index, e.mul(along, e.integer(strides[d])));
        }
        long[] flat = {Arrays.stream(sizes).reduce(1, (a, b) -> a * b)};
        Value storage =
                e.call(
                        "aten.index_add",
                        Grads.zeros(e, TensorType.of(g.type().dtype(), x.numel())),
                        0L,
                        e.call("aten.reshape", index, flat),
                        e.call("aten.reshape", g, flat));
        return e.view(storage, x.sizes().toArray());
    }
}
