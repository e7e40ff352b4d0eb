package org.ipex4j.compiler.decompose;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Trait;

/** Means, variances, norms and softmax by sums and maxima. */
final class ReductionDecompositions {
    private ReductionDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.mean", (a, e) -> mean(e, in(a, e), all(a), false));
        table.put("aten.mean.dim", (a, e) -> mean(e, in(a, e), dims(a), a.bool("keepdim")));
        table.put(
                "aten.var.correction",
                (a, e) ->
                        one(
                                keep(
                                        e,
                                        var(e, self(a), dims(a), correction(a)),
                                        self(a),
                                        dims(a),
                                        a.bool("keepdim"))));
        table.put(
                "aten.std.correction",
                (a, e) ->
                        one(
                                keep(
                                        e,
                                        e.call(
                                                "aten.sqrt",
                                                var(e, self(a), dims(a), correction(a))),
                                        self(a),
                                        dims(a),
                                        a.bool("keepdim"))));
        table.put(
                "aten.var_mean.correction",
                (a, e) ->
                        List.of(
                                keep(
                                        e,
                                        var(e, self(a), dims(a), correction(a)),
                                        self(a),
                                        dims(a),
                                        a.bool("keepdim")),
                                keep(
                                        e,
                                        e.mean(self(a), dims(a)),
                                        self(a),
                                        dims(a),
                                        a.bool("keepdim"))));
        table.put(
                "aten.std_mean.correction",
                (a, e) ->
                        List.of(
                                keep(
                                        e,
                                        e.call(
                                                "aten.sqrt",
                                                var(e, self(a), dims(a), correction(a))),
                                        self(a),
                                        dims(a),
                                        a.bool("keepdim")),
                                keep(
                                        e,
                                        e.mean(self(a), dims(a)),
                                        self(a),
                                        dims(a),
                                        a.bool("keepdim"))));
        table.put(
                "aten.nansum",
                (a, e) -> {
                    Value x = in(a, e);
                    Value numbers =
                            x.type().dtype().isFloating()
                                    ? e.call(
                                            "aten.where.ScalarSelf",
                                            e.call("aten.isnan", x),
                                            0.0,
                                            x)
                                    : x;
                    return one(
                            e.call(
                                    "aten.sum.dim_IntList",
                                    numbers,
                                    dims(a),
                                    a.bool("keepdim"),
                                    null));
                });
        table.put(
                "aten.count_nonzero",
                (a, e) ->
                        one(
                                count(
                                        e,
                                        self(a),
                                        a.optionalInteger("dim")
                                                .map(
                                                        d ->
                                                                new long[] {
                                                                    self(a).type().sizes().wrap(d)
                                                                })
                                                .orElse(all(a)))));
        table.put("aten.count_nonzero.dim_IntList", (a, e) -> one(count(e, self(a), dims(a))));
        table.put(
                "aten.linalg_vector_norm",
                (a, e) ->
                        one(
                                norm(
                                        e,
                                        in(a, e),
                                        a.number("ord").toDouble(),
                                        dims(a),
                                        a.bool("keepdim"))));
        table.put(
                "aten.norm.Scalar",
                (a, e) -> one(norm(e, self(a), a.number("p").toDouble(), all(a), false)));
        table.put(
                "aten.norm.ScalarOpt_dim",
                (a, e) ->
                        one(
                                norm(
                                        e,
                                        self(a),
                                        a.optionalNumber("p").map(p -> p.toDouble()).orElse(2.0),
                                        dims(a),
                                        a.bool("keepdim"))));
        table.put("aten.logsumexp", ReductionDecompositions::logSumExp);
        table.put("aten.softmax.int", (a, e) -> one(softmax(e, in(a, e), a.integer("dim"))));
        table.put("aten._softmax", (a, e) -> one(softmax(e, self(a), a.integer("dim"))));
        table.put("aten.log_softmax.int", (a, e) -> one(logSoftmax(e, in(a, e), a.integer("dim"))));
        table.put("aten._log_softmax", (a, e) -> one(logSoftmax(e, self(a), a.integer("dim"))));
        table.put("aten.max.dim", (a, e) -> withIndex(a, e, "aten.amax", "aten.argmax"));
        table.put("aten.min.dim", (a, e) -> withIndex(a, e, "aten.amin", "aten.argmin"));
        table.put(
                "aten.max",
                (a, e) ->
                        one(
                                self(a).type().rank() == 0
                                        ? self(a)
                                        : e.call("aten.amax", self(a), all(a), false)));
        table.put(
                "aten.min",
                (a, e) ->
                        one(
                                self(a).type().rank() == 0
                                        ? self(a)
                                        : e.call("aten.amin", self(a), all(a), false)));
    }

    private static Value count(Emitter e, Value x, long[] dims) {
        Value flags = e.cast(e.call("aten.ne.Scalar", x, 0L), DType.INT64);
        return e.sum(flags, x.type().rank() == 0 ? new long[0] : dims, false);
    }

    private static List<Value> one(Value v) {
        return List.of(v);
    }

    private static Value self(Args<Value> a) {
        return a.tensor("self");
    }

    /** The input, cast first if the call asks for a dtype. */
    private static Value in(Args<Value> a, Emitter e) {
        return a.dtype("dtype").map(t -> e.cast(self(a), t)).orElse(self(a));
    }

    private static long[] all(Args<Value> a) {
        return LongStream.range(0, self(a).type().rank()).toArray();
    }

    /** The wrapped dims of the call; all of them if none is given. */
    private static long[] dims(Args<Value> a) {
        Sizes sizes = self(a).type().sizes();
        long[] given = a.optionalIntegers("dim").orElse(new long[0]);
        if (given.length == 0 || sizes.rank() == 0) {
            return all(a);
        }
        return LongStream.of(given).map(sizes::wrap).toArray();
    }

    private static double correction(Args<Value> a) {
        return a.optionalNumber("correction").map(c -> c.toDouble()).orElse(1.0);
    }

    /** Drops the reduced dims of a result that still has them with size 1. */
    private static Value keep(Emitter e, Value reduced, Value x, long[] dims, boolean keepdim) {
        return keepdim ? reduced : e.view(reduced, without(x.type().sizes(), dims));
    }

    private static long[] without(Sizes sizes, long[] dims) {
        return LongStream.range(0, sizes.rank())
                .filter(d -> LongStream.of(dims).noneMatch(x -> x == d))
                .map(d -> sizes.get((int) d))
                .toArray();
    }

    /**
     * sum / n; over the spatial dims of what comes out of convolutions, a global average pool,
     * which takes the convolution's layout as it is.
     */
    private static List<Value> mean(Emitter e, Value x, long[] dims, boolean keepdim) {
        if (isSpatial(x, dims) && afterConvolution(e, x)) {
            long[] window = {x.type().sizes().get(2), x.type().sizes().get(3)};
            return one(keep(e, e.call("aten.avg_pool2d", x, window, window), x, dims, keepdim));
        }
        return one(e.div(e.sum(x, dims, keepdim), (double) Emitter.count(x, dims)));
    }

    private static boolean isSpatial(Value x, long[] dims) {
        return x.type().rank() == 4
                && x.type().dtype() == DType.FLOAT32
                && x.type().numel() > 0
                && dims.length == 2
                && LongStream.of(dims).sorted().boxed().toList().equals(List.of(2L, 3L));
    }

    private static boolean afterConvolution(Emitter e, Value x) {
        Value v = x;
        for (int steps = 0; steps < 8; steps++) {
            Node n = e.producer(v);
            if (n == null) {
                return false;
            }
            if (n.is("aten.convolution")
                    || n.op().name().contains("_pool2d")
                    || n.is(NormDecompositions.BATCH_NORM)) {
                return true;
            }
            if (!n.op().is(Trait.POINTWISE)) {
                return false;
            }
            v = n.operands().getFirst();
        }
        return false;
    }

    /** The variance with dims kept as size 1; two passes over x. */
    private static Value var(Emitter e, Value x, long[] dims, double correction) {
        Value centered = e.sub(x, e.mean(x, dims));
        double n = Math.max(0, Emitter.count(x, dims) - correction);
        return e.call("aten.div.Scalar", e.sum(e.mul(centered, centered), dims, true), n);
    }

    private static Value norm(Emitter e, Value x, double p, long[] dims, boolean keepdim) {
        if (x.type().rank() == 0) {
            return p == 0
                    ? e.cast(e.call("aten.ne.Scalar", x, 0.0), x.type().dtype())
                    : e.call("aten.abs", x);
        }
        if (p == Double.POSITIVE_INFINITY) {
            return e.call("aten.amax", e.call("aten.abs", x), dims, keepdim);
        }
        if (p == Double.NEGATIVE_INFINITY) {
            return e.call("aten.amin", e.call("aten.abs", x), dims, keepdim);
        }
        if (p == 0) {
            return e.sum(e.cast(e.call("aten.ne.Scalar", x, 0.0), x.type().dtype()), dims, keepdim);
        }
        if (p == 1) {
            return e.sum(e.call("aten.abs", x), dims, keepdim);
        }
        if (p == 2) {
            return e.call("aten.sqrt", e.sum(e.mul(x, x), dims, keepdim));
        }
        Value powers = e.call("aten.pow.Tensor_Scalar", e.call("aten.abs", x), p);
        return e.call("aten.pow.Tensor_Scalar", e.sum(powers, dims, keepdim), 1 / p);
    }

    /**
     * Shifted by the maximum; an infinite maximum is not subtracted, so that inf - inf does not
     * arise.
     */
    private static List<Value> logSumExp(Args<Value> a, Emitter e) {
        Value x = self(a);
        if (!x.type().dtype().isFloating()) {
            x = e.cast(x, DType.FLOAT32);
        }
        if (x.type().rank() == 0) {
            return one(e.call("aten.log", e.exp(x)));
        }
        long[] dims = dims(a);
        if (x.type().numel() == 0) {
            return one(e.call("aten.log", e.sum(e.exp(x), dims, a.bool("keepdim"))));
        }
        Value max = e.amax(x, dims);
        Value infinite =
                e.call("aten.eq.Scalar", e.call("aten.abs", max), Double.POSITIVE_INFINITY);
        Value shift = e.call("aten.masked_fill.Scalar", max, infinite, 0.0);
        Value sum = e.sum(e.exp(e.sub(x, shift)), dims, true);
        return one(keep(e, e.add(e.call("aten.log", sum), shift), x, dims, a.bool("keepdim")));
    }

    static Value softmax(Emitter e, Value x, long dim) {
        if (x.type().numel() == 0) {
            return x;
        }
        if (x.type().rank() == 0) {
            return e.exp(e.sub(x, x)); // 1, or NaN where x is not finite
        }
        long[] dims = {x.type().sizes().wrap(dim)};
        Value exps = e.exp(e.sub(x, e.amax(x, dims)));
        return e.div(exps, e.sum(exps, dims, true));
    }

    private static Value logSoftmax(Emitter e, Value x, long dim) {
        if (x.type().numel() == 0) {
            return x;
        }
        if (x.type().rank() == 0) {
            return e.sub(x, x); // 0, or NaN where x is not finite
        }
        long[] dims = {x.type().sizes().wrap(dim)};
        Value shifted = e.sub(x, e.amax(x, dims));
        return e.sub(shifted, e.call("aten.log", e.sum(e.exp(shifted), dims, true)));
    }

    private static List<Value> withIndex(Args<Value> a, Emitter e, String value, String index) {
        Value x = self(a);
        if (x.type().rank() == 0) {
            return List.of(x, e.call(index, x, null, false));
        }
        long dim = x.type().sizes().wrap(a.integer("dim"));
        Value ordered = x.type().dtype() == DType.BOOL ? e.cast(x, DType.UINT8) : x;
        return List.of(
                e.call(value, x, new long[] {dim}, a.bool("keepdim")),
                e.call(index, ordered, dim, a.bool("keepdim")));
    }
}
