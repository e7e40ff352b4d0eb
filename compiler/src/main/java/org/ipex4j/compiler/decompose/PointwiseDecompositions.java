package org.ipex4j.compiler.decompose;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/** Element-wise ops that are combinations of others. */
final class PointwiseDecompositions {
    private PointwiseDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.relu6", (a, e) -> one(e.call("aten.hardtanh", a.tensor("self"), 0.0, 6.0)));
        table.put("aten.selu", (a, e) -> one(e.call("aten.elu", a.tensor("self"), 1.6732632423543772, 1.0507009873554805, 1.0)));
        table.put("aten.celu", (a, e) -> {
            double alpha = a.number("alpha").toDouble();
            return one(e.call("aten.elu", a.tensor("self"), alpha, 1.0, 1 / alpha));
        });
        // log_sigmoid(x) = min(x, 0) - log1p(exp(-|x|)) does not overflow.
        table.put("aten.log_sigmoid", (a, e) -> {
            Value x = a.tensor("self");
            Value tail = e.call("aten.log1p", e.exp(e.call("aten.neg", e.call("aten.abs", x))));
            return one(e.sub(e.call("aten.clamp_max", x, 0.0), tail));
        });
        table.put("aten.prelu", PointwiseDecompositions::prelu);
        table.put("aten.square", (a, e) -> {
            Value x = a.tensor("self");
            Value number = x.type().dtype() == DType.BOOL ? e.cast(x, DType.INT64) : x;
            return one(e.mul(number, number));
        });
        table.put("aten.floor_divide", (a, e) -> one(e.call("aten.div.Tensor_mode", a.tensor("self"), a.tensor("other"), "floor")));
        table.put("aten.floor_divide.Scalar", (a, e) -> one(e.call("aten.div.Scalar_mode", a.tensor("self"), a.number("other"), "floor")));
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
            close = e.call("aten.logical_or", close, e.call("aten.logical_and", e.call("aten.isnan", x), e.call("aten.isnan", y)));
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
}
