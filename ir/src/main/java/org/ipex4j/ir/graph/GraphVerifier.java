package org.ipex4j.ir.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Param;

/**
 * Checks what every graph must satisfy: each value is defined once and before its uses, arguments
 * fit the op's schema, result types are what the op infers, input names are unique, outputs exist.
 * Run after every pass in tests.
 */
public final class GraphVerifier {
    private final Map<Integer, Value> defined = new HashMap<>();

    private GraphVerifier() {}

    /**
     * Returns the graph.
     *
     * @throws IllegalStateException naming the first node or input that breaks a rule
     */
    public static Graph verify(Graph graph) {
        GraphVerifier verifier = new GraphVerifier();
        Set<String> names = new HashSet<>();
        for (Input in : graph.inputs()) {
            String where = "input " + in.value() + " \"" + in.name() + "\"";
            check(names.add(in.name()), where, "its name is taken by another input");
            verifier.define(in.value(), where);
        }
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node node = graph.nodes().get(i);
            verifier.node(node, "node " + i + ", " + node + node.source().suffix());
        }
        for (Value v : graph.outputs()) {
            verifier.use(v, "output " + v);
        }
        return graph;
    }

    private void node(Node node, String where) {
        check(
                OpCatalog.find(node.op().name()).orElse(null) == node.op(),
                where,
                "op " + node.op() + " is not the catalogue's");
        check(
                node.args().schema().equals(node.op().schema()),
                where,
                "arguments are of " + node.args().schema().name());
        for (int i = 0; i < node.args().values().size(); i++) {
            Param p = node.op().schema().params().get(i);
            check(
                    fits(p, node.args().values().get(i)),
                    where,
                    "argument '"
                            + p.name()
                            + "' should be "
                            + p.kind().text()
                            + (p.optional() ? "?" : "")
                            + ", is "
                            + node.args().values().get(i));
        }
        for (Value v : node.operands()) {
            use(v, where);
        }
        List<TensorType> inferred;
        try {
            inferred = node.op().infer(node.argTypes());
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(where + ": " + e.getMessage(), e);
        }
        List<TensorType> actual = node.results().stream().map(Value::type).toList();
        check(
                inferred.equals(actual),
                where,
                "results are of type " + actual + ", but the op gives " + inferred);
        for (Value v : node.results()) {
            define(v, where);
        }
    }

    private static boolean fits(Param param, Arg<Value> arg) {
        return switch (arg) {
            case Arg.None<Value>() -> param.optional();
            case Arg.Tensor<Value>(Value v) -> param.kind() == Param.Kind.TENSOR;
            case Arg.Tensors<Value>(List<Value> vs) ->
                    param.kind() == Param.Kind.OPTIONAL_TENSORS
                            || param.kind() == Param.Kind.TENSORS
                                    && vs.stream().allMatch(v -> v != null);
            case Arg.Int<Value>(long v) -> param.kind() == Param.Kind.INT;
            case Arg.Ints<Value>(List<Long> vs) -> param.kind() == Param.Kind.INTS;
            case Arg.Real<Value>(double v) -> param.kind() == Param.Kind.REAL;
            case Arg.Reals<Value>(List<Double> vs) -> param.kind() == Param.Kind.REALS;
            case Arg.Bool<Value>(boolean v) -> param.kind() == Param.Kind.BOOL;
            case Arg.Bools<Value>(List<Boolean> vs) -> param.kind() == Param.Kind.BOOLS;
            case Arg.Number<Value>(var s) -> param.kind() == Param.Kind.NUMBER;
            case Arg.Type<Value>(var t) -> param.kind() == Param.Kind.DTYPE;
            case Arg.Text<Value>(String s) -> param.kind() == Param.Kind.TEXT;
        };
    }

    private void define(Value value, String where) {
        check(defined.put(value.id(), value) == null, where, value + " is defined twice");
    }

    private void use(Value value, String where) {
        Value known = defined.get(value.id());
        check(known != null, where, value + " is used before it is defined");
        check(
                known.type().equals(value.type()),
                where,
                value + " is used as " + value.type() + ", but was defined as " + known.type());
    }

    private static void check(boolean condition, String where, String message) {
        if (!condition) {
            throw new IllegalStateException(where + ": " + message);
        }
    }
}
