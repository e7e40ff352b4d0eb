package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.zeros;

import java.util.List;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;

/** Reads by index, whose gradients are added up by index; writes by index, whose are read by it. */
final class IndexDerivatives {
    private IndexDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.op("aten.index_select")
                .of(
                        "self",
                        (g, c, e) ->
                                e.call(
                                        "aten.index_add",
                                        like(c, g, e),
                                        c.args().integer("dim"),
                                        c.in("index"),
                                        g));
        t.op("aten.gather").of("self", IndexDerivatives::gather);
        t.op("aten.index.Tensor")
                .of(
                        "self",
                        (g, c, e) ->
                                e.call(
                                        "aten.index_put",
                                        like(c, g, e),
                                        c.args().tensors("indices"),
                                        g,
                                        true));
        t.op("aten.take")
                .of("self", (g, c, e) -> e.call("aten.put", like(c, g, e), c.in("index"), g, true));
        t.op("aten.embedding")
                .of(
                        "weight",
                        (g, c, e) ->
                                e.call(
                                        "aten.embedding_dense_backward",
                                        g,
                                        c.in("indices"),
                                        c.type("weight").sizes().get(0),
                                        c.args().integer("padding_idx"),
                                        c.args().bool("scale_grad_by_freq")));
        t.op("aten.scatter.src")
                .of("self", (g, c, e) -> cleared(g, c, e))
                .of("src", IndexDerivatives::read);
        t.op("aten.scatter.value").of("self", (g, c, e) -> cleared(g, c, e));
        t.op("aten.scatter_add").of("self", (g, c, e) -> g).of("src", IndexDerivatives::read);
        t.op("aten.index_add")
                .of("self", (g, c, e) -> g)
                .of(
                        "source",
                        (g, c, e) -> Grads.scaled(e, lines(g, c, e), c.args().number("alpha")));
        t.op("aten.index_copy")
                .of("self", (g, c, e) -> filled(g, c, e))
                .of("source", (g, c, e) -> lines(g, c, e));
        t.op("aten.index_fill.int_Scalar").of("self", (g, c, e) -> filled(g, c, e));
        t.op("aten.index_put")
                .of(
                        "self",
                        (g, c, e) ->
                                c.args().bool("accumulate")
                                        ? g
                                        : e.call(
                                                "aten.index_put",
                                                g,
                                                c.args().tensors("indices"),
                                                e.full(number(g), Scalar.of(0.0)),
                                                false))
                .of(
                        "values",
                        (g, c, e) -> e.call("aten.index.Tensor", g, c.args().tensors("indices")));
        t.op("aten.put")
                .of(
                        "self",
                        (g, c, e) ->
                                c.args().bool("accumulate")
                                        ? g
                                        : e.call(
                                                "aten.put",
                                                g,
                                                c.in("index"),
                                                zeros(e, c.type("source")),
                                                false))
                .of(
                        "source",
                        (g, c, e) ->
                                e.call(
                                        "aten.reshape",
                                        e.call("aten.take", g, c.in("index")),
                                        c.type("source").sizes().toArray()));
        t.op("aten.slice_scatter")
                .of(
                        "self",
                        (g, c, e) ->
                                e.call(
                                        "aten.slice_scatter",
                                        g,
                                        zeros(e, c.type("src")),
                                        c.args().integer("dim"),
                                        c.args().optionalInteger("start").orElse(null),
                                        c.args().optionalInteger("end").orElse(null),
                                        c.args().integer("step")))
                .of(
                        "src",
                        (g, c, e) ->
                                e.call(
                                        "aten.slice.Tensor",
                                        g,
                                        c.args().integer("dim"),
                                        c.args().optionalInteger("start").orElse(null),
                                        c.args().optionalInteger("end").orElse(null),
                                        c.args().integer("step")));
        t.op("aten.select_scatter")
                .of(
                        "self",
                        (g, c, e) ->
                                e.call(
                                        "aten.select_scatter",
                                        g,
                                        zeros(e, c.type("src")),
                                        c.args().integer("dim"),
                                        c.args().integer("index")))
                .of(
                        "src",
                        (g, c, e) ->
                                e.call(
                                        "aten.select.int",
                                        g,
                                        c.args().integer("dim"),
                                        c.args().integer("index")));
        for (String op : List.of("aten.topk", "aten.sort", "aten.sort.stable")) {
            t.unary(op, IndexDerivatives::ordered);
        }
    }

    /** Zeros of the read operand's sizes and the gradient's dtype. */
    private static Value like(ForwardCall c, Value g, Emitter e) {
        return zeros(e, new TensorType(g.type().dtype(), c.type("self").sizes()));
    }

    private static TensorType number(Value g) {
        return new TensorType(g.type().dtype(), Sizes.SCALAR);
    }

    /** One element a line, as in a loss by classes, is a comparison; more are added by index. */
    private static Value gather(Value g, ForwardCall c, Emitter e) {
        TensorType x = c.type("self");
        int dim = x.sizes().wrap(c.args().integer("dim"));
        Value index = e.cast(c.in("index"), DType.INT64);
        boolean onePerLine = x.rank() > 0 && index.type().sizes().equals(x.sizes().with(dim, 1));
        return onePerLine
                ? Grads.oneHot(e, g, index, dim, x.sizes().get(dim))
                : e.call("aten.scatter_add", like(c, g, e), (long) dim, c.in("index"), g);
    }

    private static Value cleared(Value g, ForwardCall c, Emitter e) {
        return e.call("aten.scatter.value", g, c.args().integer("dim"), c.in("index"), 0.0);
    }

    /** Only as many of the source's elements as there are indices were used. */
    private static Value read(Value g, ForwardCall c, Emitter e) {
        if (c.type("index").numel() == 0) {
            // An index without elements may be of any rank.
            return zeros(e, c.type("src"));
        }
        Value used = e.call("aten.gather", g, c.args().integer("dim"), c.in("index"));
        Sizes have = used.type().sizes();
        Sizes want = c.type("src").sizes();
        if (have.equals(want)) {
            return used;
        }
        long[] pad = new long[2 * want.rank()];
        for (int d = 0; d < want.rank(); d++) {
            pad[2 * (want.rank() - 1 - d) + 1] = want.get(d) - have.get(d);
        }
        return e.call("aten.constant_pad_nd", used, pad, 0.0);
    }

    private static Value lines(Value g, ForwardCall c, Emitter e) {
        Value read = e.call("aten.index_select", g, c.args().integer("dim"), c.in("index"));
        return e.call("aten.reshape", read, c.type("source").sizes().toArray());
    }

    private static Value filled(Value g, ForwardCall c, Emitter e) {
        return e.call("aten.index_fill.int_Scalar", g, c.args().integer("dim"), c.in("index"), 0.0);
    }

    /** Each element was taken from one place, and at most once. */
    private static Value ordered(Value g, ForwardCall c, Emitter e) {
        if (c.type("self").rank() == 0) {
            return g;
        }
        return e.call(
                "aten.scatter.src", like(c, g, e), c.args().integer("dim"), c.results().get(1), g);
    }
}
