package org.ipex4j.app.bench;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Param;

/**
 * A captured graph as the body of a Python function over {@code torch}, which is TorchScript as
 * well: so that PyTorch runs the very same model. Parameters are attributes {@code self.p0}, {@code
 * self.p1}, … For training a graph captured at inference serves, as its BatchNorm nodes say
 * themselves whether they train; what else differs in training (dropout) must not be in the model.
 */
final class TorchSource {
    private static final String INDENT = "    ";

    private final Graph graph;
    private final boolean script;
    private final boolean training;
    private final Map<Value, String> names = new LinkedHashMap<>();

    private TorchSource(Graph graph, boolean script, boolean training) {
        this.graph = graph;
        this.script = script;
        this.training = training;
    }

    /** Attribute names of the graph's parameters and constants, in graph order. */
    static List<String> parameters(Graph graph) {
        List<String> out = new ArrayList<>();
        for (Input in : graph.inputs()) {
            if (in.role() != Input.Role.ARGUMENT) {
                out.add("p" + out.size());
            }
        }
        return out;
    }

    /** For each of {@link #parameters}, whether training changes it by its gradient. */
    static List<Boolean> trained(Graph graph) {
        Set<Value> statistics = new HashSet<>();
        for (Node n : graph.nodes()) {
            if (n.is("aten.batch_norm")) {
                statistics.add(n.args().tensor("running_mean"));
                statistics.add(n.args().tensor("running_var"));
            }
        }
        return graph.inputs().stream()
                .filter(in -> in.role() != Input.Role.ARGUMENT)
                .map(in -> in.role() == Input.Role.PARAMETER && !statistics.contains(in.value()))
                .toList();
    }

    /** The class as the code of a TorchScript archive. */
    static String torchScript(Graph graph, boolean training) {
        TorchSource source = new TorchSource(graph, true, training);
        StringBuilder out = new StringBuilder("class Model(Module):\n");
        List<String> parameters = parameters(graph);
        out.append(INDENT)
                .append("__parameters__ = [")
                .append(
                        parameters.stream()
                                .map(p -> "\"" + p + "\", ")
                                .collect(Collectors.joining()))
                .append("]\n");
        out.append(INDENT).append("__buffers__ = []\n");
        for (String p : parameters) {
            out.append(INDENT).append(p).append(" : Tensor\n");
        }
        out.append(INDENT).append("training : bool\n");
        out.append(INDENT).append("def forward(self: __torch__.Model");
        source.arguments().forEach(a -> out.append(", ").append(a).append(": Tensor"));
        out.append(") -> Tensor:\n");
        return out.append(source.body()).toString();
    }

    /** The forward method as Python. */
    static String python(Graph graph, boolean training) {
        TorchSource source = new TorchSource(graph, false, training);
        String head =
                INDENT + "def forward(self, " + String.join(", ", source.arguments()) + "):\n";
        return head + source.body();
    }

    private List<String> arguments() {
        List<String> out = new ArrayList<>();
        int parameter = 0;
        for (Input in : graph.inputs()) {
            if (in.role() == Input.Role.ARGUMENT) {
                out.add("x" + out.size());
                names.put(in.value(), out.getLast());
            } else {
                names.put(in.value(), "self.p" + parameter++);
            }
        }
        return out;
    }

    private String body() {
        StringBuilder out = new StringBuilder();
        for (Node n : graph.nodes()) {
            List<String> results = n.results().stream().map(v -> "v" + v.id()).toList();
            for (int i = 0; i < results.size(); i++) {
                names.put(n.results().get(i), results.get(i));
            }
            out.append(INDENT)
                    .append(INDENT)
                    .append(String.join(", ", results))
                    .append(" = ")
                    .append(call(n))
                    .append('\n');
        }
        return out.append(INDENT)
                .append(INDENT)
                .append("return ")
                .append(names.get(graph.outputs().getFirst()))
                .append('\n')
                .toString();
    }

    private String call(Node node) {
        String name = node.op().name().substring("aten.".length());
        int dot = name.indexOf('.');
        String base = dot < 0 ? name : name.substring(0, dot);
        // PyTorch folds BatchNorm into conv2d by that name, not into the general convolution.
        if (base.equals("convolution")
                && !node.args().bool("transposed")
                && node.args().tensor("input").type().rank() == 4) {
            return prefix()
                    + "conv2d("
                    + List.of("input", "weight", "bias", "stride", "padding", "dilation", "groups")
                            .stream()
                            .map(a -> print(node.args().get(a)))
                            .collect(Collectors.joining(", "))
                    + ")";
        }
        List<String> args = new ArrayList<>();
        boolean positional = true;
        for (int i = 0; i < node.args().values().size(); i++) {
            Param p = node.op().schema().params().get(i);
            Arg<Value> a = node.args().values().get(i);
            positional &= p.defaultValue().isEmpty();
            if (training && base.equals("batch_norm") && p.name().equals("training")) {
                args.add("True"); // and it updates the running statistics in place
            } else if (positional) {
                args.add(print(a));
            } else if (!a.equals(p.defaultValue().orElse(null))) {
                args.add(p.name() + "=" + print(a));
            }
        }
        return prefix() + base + "(" + String.join(", ", args) + ")";
    }

    /** TorchScript finds every op as {@code torch.name}; Python only through {@code torch.ops}. */
    private String prefix() {
        return script ? "torch." : "torch.ops.aten.";
    }

    private String print(Arg<Value> arg) {
        return switch (arg) {
            case Arg.Tensor<Value>(Value v) -> names.get(v);
            case Arg.Tensors<Value>(List<Value> vs) ->
                    vs.stream()
                            .map(v -> v == null ? "None" : names.get(v))
                            .collect(Collectors.joining(", ", "[", "]"));
            case Arg.Int<Value>(long v) -> Long.toString(v);
            case Arg.Ints<Value>(List<Long> vs) -> vs.toString();
            case Arg.Real<Value>(double v) -> real(v);
            case Arg.Reals<Value>(List<Double> vs) ->
                    vs.stream().map(TorchSource::real).toList().toString();
            case Arg.Bool<Value>(boolean v) -> v ? "True" : "False";
            case Arg.Bools<Value>(List<Boolean> vs) ->
                    vs.stream().map(b -> b ? "True" : "False").toList().toString();
            case Arg.Number<Value>(Scalar s) ->
                    switch (s) {
                        case Scalar.Bool b -> b.value() ? "True" : "False";
                        case Scalar.Int i -> Long.toString(i.value());
                        case Scalar.Real r -> real(r.value());
                    };
            case Arg.Type<Value>(DType t) ->
                    script ? Integer.toString(scalarType(t)) : "torch." + t;
            case Arg.Text<Value>(String s) -> "\"" + s + "\"";
            case Arg.None<Value>() -> "None";
        };
    }

    private static String real(double v) {
        if (Double.isNaN(v)) {
            return "float(\"nan\")";
        }
        if (Double.isInfinite(v)) {
            return "float(\"" + (v < 0 ? "-" : "") + "inf\")";
        }
        return Double.toString(v);
    }

    /** The number of c10::ScalarType. */
    private static int scalarType(DType t) {
        return switch (t) {
            case UINT8 -> 0;
            case INT8 -> 1;
            case INT16 -> 2;
            case INT32 -> 3;
            case INT64 -> 4;
            case FLOAT16 -> 5;
            case FLOAT32 -> 6;
            case FLOAT64 -> 7;
            case BOOL -> 11;
            case BFLOAT16 -> 15;
        };
    }
}
