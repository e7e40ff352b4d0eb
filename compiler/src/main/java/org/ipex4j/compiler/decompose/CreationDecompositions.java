package org.ipex4j.compiler.decompose;

import java.util.List;
import java.util.Map;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;

/** Filled tensors by {@code full}, ranges by {@code arange.start_step}. */
final class CreationDecompositions {
    private CreationDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.zeros", (a, e) -> filled(a, e, Scalar.of(0L)));
        table.put("aten.ones", (a, e) -> filled(a, e, Scalar.of(1L)));
        table.put(
                "aten.empty.memory_format",
                (a, e) -> filled(a, e, Scalar.of(0L))); // any content will do
        table.put("aten.zeros_like", (a, e) -> filled(a, e, Scalar.of(0L)));
        table.put("aten.ones_like", (a, e) -> filled(a, e, Scalar.of(1L)));
        table.put("aten.empty_like", (a, e) -> filled(a, e, Scalar.of(0L)));
        table.put("aten.full_like", (a, e) -> filled(a, e, a.number("fill_value")));
        table.put("aten.scalar_tensor", (a, e) -> filled(a, e, a.number("s")));
        table.put("aten.arange", (a, e) -> range(a, e, Scalar.of(0L)));
        table.put("aten.arange.start", (a, e) -> range(a, e, a.number("start")));
        table.put(
                "aten.eye",
                (a, e) ->
                        List.of(
                                e.call(
                                        "aten.eye.m",
                                        a.integer("n"),
                                        a.integer("n"),
                                        type(a).dtype())));
        table.put("aten.one_hot", CreationDecompositions::oneHot);
    }

    private static TensorType type(Args<Value> a) {
        return OpCatalog.get(a.schema().name()).infer(a.map(Value::type)).getFirst();
    }

    private static List<Value> filled(Args<Value> a, Emitter e, Scalar value) {
        return List.of(e.full(type(a), value));
    }

    private static List<Value> range(Args<Value> a, Emitter e, Scalar start) {
        return List.of(
                e.call("aten.arange.start_step", start, a.number("end"), 1L, type(a).dtype()));
    }

    private static List<Value> oneHot(Args<Value> a, Emitter e) {
        TensorType type = type(a);
        Value classes =
                e.call(
                        "aten.arange.start_step",
                        0L,
                        type.sizes().get(-1),
                        1L,
                        a.tensor("self").type().dtype());
        return List.of(
                e.cast(
                        e.call("aten.eq.Tensor", e.unsqueeze(a.tensor("self"), -1), classes),
                        type.dtype()));
    }
}
