package org.ipex4j.compiler.decompose;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/** Element-wise ops that are combinations of others. */
final class PointwiseDecompositions {
    private PointwiseDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.relu6", (a, e) -> one(e.call("aten.hardtanh", a.tensor("self"), 0.0, 6.0)));
        table.put(
                "aten.selu",
                (a, e) ->
                        one(
                                e.call(
                                        "aten.elu",
                                        a.tensor("self"),
                                        1.6732632423543772,
                                        1.0507009873554805,
                                        1.0)));
        table.put(
                "aten.celu",
                (a, e) -> {
                    double alpha = a.number("alpha").toDouble();
                    return one(e.call("aten.elu", a.tensor("self"), alpha, 1.0, 1 / alpha));
                });
        // log_sigmoid(x) = min(x, 0) - log1p(exp(-|x|)) does not overflow.
        table.put(
                "aten.log_sigmoid",
                (a, e) -> {
                    Value x = a.tensor("self");
                    Value tail =
                            e.call("aten.log1p", e.exp(e.call("aten.neg", e.call("aten.abs", x))));
                    return one(e.sub(e.call("aten.clamp_max", x, 0.0), tail));
                });
        table.put("aten.prelu", PointwiseDecompositions::prelu);
        table.put(
                "aten.square",
                (a, e) -> {
                    Value x = a.tensor("self");
                    Value number = x.type().dtype() == DType.BOOL ? e.cast(x, DType.INT64) : x;
                    return one(e.mul(number, number));
                });
        table.put(
                "aten.floor_divide",
                (a, e) ->
                        one(
                                e.call(
                                        "aten.div.Tensor_mode",
                                        a.tensor("self"),
                                        a.tensor("other"),
                                        "floor")));
        table.put(
                "aten.floor_divide.Scalar",
                (a, e) ->
                        one(
                                e.call(
                                        "aten.div.Scalar_mode",
                                        a.tensor("self"),
                                        a.number("other"),
                                        "floor")));
        table.put(
                "aten.remainder.Scalar_Tensor",
                (a, e) ->
                        one(
                                e.call(
                                        "aten.remainder.Tensor",
                                        number(a, e, "self", "other"),
                                        a.tensor("other"))));
        table.put(
                "aten.xlogy.Scalar_Self",
                (a, e) ->
                        one(
                                e.call(
                                        "aten.xlogy.Tensor",
                                        number(a, e, "self", "other"),
                                        a.tensor("other"))));
        table.put(
                "aten.xlogy.Scalar_Other",
                (a, e) ->
                        one(
                                e.call(
                                        "aten.xlogy.Tensor",
                                        a.tensor("self"),
                                        number(a, e, "other", "self"))));
        table.put("aten.sinc", PointwiseDecompositions::sinc);
        table.put("aten.logit", PointwiseDecompositions::logit);
        table.put("aten.round.decimals", PointwiseDecompositions::roundDecimals);
        table.put("aten.isclose", PointwiseDecompositions::isClose);
    }

    private static List<Value> one(Value v) {
        return List.of(v);
    }

    private static List<Value> prelu(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        Value w = a.tensor("weight");
        long[] sizes = new long[x.type().rank()];
        Arrays.fill(sizes, 1);
        if (w.type().numel() > 1) {
            sizes[1] = w.type().numel();
        }
        Value slope = e.view(w, sizes);
        return one(e.call("aten.where.self", e.call("aten.gt.Scalar", x, 0.0), x, e.mul(x, slope)));
    }

    private static List<Value> isClose(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        Value y = a.tensor("other");
        Value close = e.call("aten.eq.Tensor", x, y);
        if (a.bool("equal_nan") && x.type().dtype().isFloating()) {
            close =
                    e.call(
                            "aten.logical_or",
                            close,
                            e.call(
                                    "aten.logical_and",
                                    e.call("aten.isnan", x),
                                    e.call("aten.isnan", y)));
        }
        if (a.real("rtol") == 0 && a.real("atol") == 0) {
            return one(close);
        }
        Value allowed = e.add(e.mul(e.call("aten.abs", y), a.real("rtol")), a.real("atol"));
        Value error = e.call("aten.abs", e.sub(x, y));
        Value finite = e.call("aten.isfinite", error);
        Value within = e.call("aten.le.Tensor", error, allowed);
        return one(e.call("aten.logical_or", close, e.call("aten.logical_and", finite, within)));
    }

    /** A number as a tensor without dimensions, of the type that promotes as the number does. */
    private static Value number(Args<Value> a, Emitter e, String name, String with) {
        Scalar s = a.number(name);
        DType tensor = a.tensor(with).type().dtype();
        DType type =
                s.dtype().category().compareTo(tensor.category()) > 0
                        ? s.dtype().isFloating() ? DType.FLOAT32 : s.dtype()
                        : tensor;
        return e.full(new TensorType(type, Sizes.SCALAR), s);
    }

    private static Value floating(Value x, Emitter e) {
        return x.type().dtype().isFloating() ? x : e.cast(x, DType.FLOAT32);
    }

    /** sin(pi x) / (pi x), 1 at 0. */
    private static List<Value> sinc(Args<Value> a, Emitter e) {
        Value x = floating(a.tensor("self"), e);
        // Sine and quotient must agree on the angle, which 16 bits do not hold.
        Value angle =
                e.mul(x.type().dtype().byteSize() == 2 ? e.cast(x, DType.FLOAT32) : x, Math.PI);
        Value y =
                e.call(
                        "aten.where.ScalarSelf",
                        e.call("aten.eq.Scalar", x, 0.0),
                        1.0,
                        e.div(e.call("aten.sin", angle), angle));
        return one(e.cast(y, x.type().dtype()));
    }

    private static List<Value> logit(Args<Value> a, Emitter e) {
        Value x = floating(a.tensor("self"), e);
        if (a.optionalReal("eps").isPresent()) {
            double eps = a.optionalReal("eps").get();
            x = e.call("aten.clamp", x, eps, 1 - eps);
        }
        return one(e.call("aten.log", e.div(x, e.call("aten.rsub.Scalar", x, 1.0))));
    }

    private static List<Value> roundDecimals(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        long decimals = a.integer("decimals");
        if (decimals == 0) {
            return one(e.call("aten.round", x));
        }
        double scale = Math.pow(10, Math.abs(decimals));
        return one(
                decimals > 0
                        ? e.div(e.call("aten.round", e.mul(x, scale)), scale)
                        : e.mul(e.call("aten.round", e.div(x, scale)), scale));
    }
}
