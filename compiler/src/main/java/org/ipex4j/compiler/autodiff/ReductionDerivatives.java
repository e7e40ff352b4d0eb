package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.unless;
import static org.ipex4j.compiler.autodiff.Grads.where;

import java.util.List;
import java.util.stream.LongStream;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;

/** Sums, means, products, extremes and running sums. */
final class ReductionDerivatives {
    private ReductionDerivatives() {}

    static void addTo(DerivativeTable t) {
        for (String op : List.of("aten.sum", "aten.sum.dim_IntList")) {
            t.unary(op, (g, c, e) -> keepDims(g, c, e));
        }
        for (String op : List.of("aten.mean", "aten.mean.dim")) {
            // In the result's dtype, so that a 16-bit mean of many is divided as libtorch does.
            t.unary(op, (g, c, e) -> e.div(keepDims(g, c, e), (double) count(c)));
        }
        t.unary(
                "aten.nansum",
                (g, c, e) -> unless(e, e.call("aten.isnan", c.in("self")), keepDims(g, c, e)));
        t.unary("aten.prod", ReductionDerivatives::product);
        t.unary("aten.prod.dim_int", ReductionDerivatives::product);
        t.unary("aten.amax", ReductionDerivatives::shared);
        t.unary("aten.amin", ReductionDerivatives::shared);
        t.unary("aten.max", ReductionDerivatives::shared);
        t.unary("aten.min", ReductionDerivatives::shared);
        t.unary("aten.max.dim", ReductionDerivatives::chosen);
        t.unary("aten.min.dim", ReductionDerivatives::chosen);
        t.unary("aten.cumsum", (g, c, e) -> fromTheEnd(e, g, c, "aten.cumsum"));
        t.unary("aten.cumprod", ReductionDerivatives::runningProduct);
    }

    /** The wrapped dimensions that the call reduces; all if it names none. */
    static long[] dims(ForwardCall c) {
        Sizes sizes = c.type("self").sizes();
        long[] given = new long[0];
        if (c.args().schema().has("dim")) {
            given =
                    switch (c.args().get("dim")) {
                        case org.ipex4j.ir.op.Arg.Int<Value>(long d) -> new long[] {d};
                        case org.ipex4j.ir.op.Arg.Ints<Value> i -> c.args().integers("dim");
                        default -> given;
                    };
        }
        return given.length == 0 || sizes.rank() == 0
                ? LongStream.range(0, sizes.rank()).toArray()
                : LongStream.of(given).map(sizes::wrap).toArray();
    }

    /** How many elements go into one. */
    static long count(ForwardCall c) {
        long n = 1;
        for (long d : dims(c)) {
            n *= c.type("self").sizes().get((int) d);
        }
        return n;
    }

    /** A reduced tensor with the reduced dimensions as 1. */
    static Value keepDims(Value reduced, ForwardCall c, Emitter e) {
        long[] sizes = c.type("self").sizes().toArray();
        for (long d : dims(c)) {
            sizes[(int) d] = 1;
        }
        return e.view(reduced, sizes);
    }

    /** The elements that hold the extreme share the gradient evenly. */
    private static Value shared(Value g, ForwardCall c, Emitter e) {
        Value x = c.in("self");
        Value extreme = keepDims(c.out(), c, e);
        Value hit = e.call("aten.eq.Tensor", x, extreme);
        if (!c.args().schema().has("dim")) {
            Value both =
                    e.call(
                            "aten.logical_and",
                            e.call("aten.isnan", x),
                            e.call("aten.isnan", extreme));
            hit = e.call("aten.logical_or", hit, both);
        }
        Value flags =
                e.cast(hit, g.type().dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32);
        Value share = e.div(keepDims(g, c, e), e.sum(flags, dims(c), true));
        return c.args().schema().has("dim") ? e.mul(share, flags) : where(e, hit, share);
    }

    /** The element whose position the op told gets the gradient. */
    private static Value chosen(Value g, ForwardCall c, Emitter e) {
        if (c.type("self").rank() == 0) {
            return g;
        }
        int dim = (int) dims(c)[0];
        return Grads.oneHot(
                e,
                keepDims(g, c, e),
                keepDims(c.results().get(1), c, e),
                dim,
                c.type("self").sizes().get(dim));
    }

    /** Of each element the product of all others: from the left times from the right. */
    private static Value product(Value g, ForwardCall c, Emitter e) {
        Value x = e.cast(c.in("self"), g.type().dtype());
        if (x.type().rank() == 0 || x.type().numel() == 0) {
            return g;
        }
        boolean all = !c.args().schema().has("dim");
        Value line = all ? e.view(x, x.type().numel()) : x;
        int dim = all ? 0 : (int) dims(c)[0];
        Value left = before(e, line, dim);
        Value right = flip(e, before(e, flip(e, line, dim), dim), dim);
        Value others = e.view(e.mul(left, right), x.type().sizes().toArray());
        return e.mul(keepDims(g, c, e), others);
    }

    /** The product of the elements before each one; 1 for the first. */
    private static Value before(Emitter e, Value x, int dim) {
        long n = x.type().sizes().get(dim);
        long[] pad = new long[2 * (x.type().rank() - dim)];
        pad[pad.length - 2] = 1;
        Value shifted =
                e.call(
                        "aten.constant_pad_nd",
                        e.call("aten.slice.Tensor", x, (long) dim, 0L, n - 1, 1L),
                        pad,
                        1.0);
        return e.call("aten.cumprod", shifted, (long) dim, null);
    }

    private static Value unsqueeze(Emitter e, Value v, int dim) {
        return e.call("aten.unsqueeze", v, (long) dim);
    }

    private static Value flip(Emitter e, Value x, int dim) {
        return e.call("aten.flip", x, new long[] {dim});
    }

    private static Value fromTheEnd(Emitter e, Value g, ForwardCall c, String running) {
        if (g.type().rank() == 0) {
            return g;
        }
        int dim = (int) dims(c)[0];
        return flip(e, e.call(running, flip(e, g, dim), (long) dim, null), dim);
    }

    /**
     * Of element k, the sum over results i >= k of g[i] times the product of all elements up to i
     * but k. The products from k to i make a table of n by n along two dimensions at the end; so
     * zeros need no case of their own.
     */
    private static Value runningProduct(Value g, ForwardCall c, Emitter e) {
        Value x = e.cast(c.in("self"), g.type().dtype());
        if (x.type().rank() == 0 || x.type().numel() == 0) {
            return g;
        }
        int dim = (int) dims(c)[0];
        int last = x.type().rank() - 1;
        long n = x.type().sizes().get(dim);
        int rank = last + 2;
        Value row = unsqueeze(e, e.transpose(x, dim, last), last);
        Value k = Grads.positions(e, n, last, rank);
        Value i = Grads.positions(e, n, last + 1, rank);
        Value factors = e.call("aten.where.ScalarOther", e.call("aten.gt.Tensor", i, k), row, 1.0);
        Value products = e.call("aten.cumprod", factors, (long) last + 1, null);
        Value gradient = unsqueeze(e, e.transpose(g, dim, last), last);
        Value terms = where(e, e.call("aten.ge.Tensor", i, k), e.mul(products, gradient));
        Value sums = e.sum(terms, new long[] {last + 1}, false);
        Value left = before(e, x, dim);
        return e.mul(left, e.transpose(sums, dim, last));
    }
}
