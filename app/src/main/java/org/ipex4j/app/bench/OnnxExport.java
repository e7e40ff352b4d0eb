package org.ipex4j.app.bench;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * A captured graph as an ONNX model, as {@code torch.onnx} would write it: the inference ops of the
 * zoo's models. Sizes are concrete.
 */
final class OnnxExport {
    private final OnnxModel model = new OnnxModel();
    private final Map<Value, String> names = new HashMap<>();

    private OnnxExport() {}

    /**
     * The model's bytes.
     *
     * @param parameters one for each input of the graph that is not an argument, in order
     * @throws IllegalArgumentException naming the op if one has no ONNX form here
     */
    static byte[] write(Graph graph, List<TorchArchive.Parameter> parameters) {
        OnnxExport export = new OnnxExport();
        int parameter = 0;
        for (Input in : graph.inputs()) {
            Value v = in.value();
            if (in.role() == Input.Role.ARGUMENT) {
                export.names.put(v, "x" + v.id());
                export.model.input("x" + v.id(), v.type());
            } else {
                export.names.put(v, "p" + parameter);
                ByteBuffer b = parameters.get(parameter).bytes().duplicate();
                byte[] bytes = new byte[b.remaining()];
                b.get(bytes);
                export.model.initializer("p" + parameter++, v.type(), bytes);
            }
        }
        graph.nodes().forEach(export::node);
        Value output = graph.outputs().getFirst();
        export.model.output(export.names.get(output), output.type());
        return export.model.toArray();
    }

    private void node(Node n) {
        n.results().forEach(r -> names.put(r, "v" + r.id()));
        Args<Value> a = n.args();
        switch (n.op().name()) {
            case "aten.convolution" -> convolution(n, a);
            case "aten.batch_norm" ->
                    add(
                            op(n, "BatchNormalization", a, "input", "weight", "bias")
                                    .with("epsilon", (float) a.real("eps")),
                            a.bool("training"),
                            n);
            case "aten.max_pool2d" ->
                    add(
                            op(n, "MaxPool", a, "self")
                                    .with("kernel_shape", a.integers("kernel_size"))
                                    .with("strides", a.integers("stride"))
                                    .with("pads", twice(a.integers("padding")))
                                    .with("dilations", a.integers("dilation"))
                                    .with("ceil_mode", a.bool("ceil_mode") ? 1L : 0L),
                            false,
                            n);
            case "aten.mean.dim" -> mean(n, a);
            case "aten.relu" -> add(op(n, "Relu", a, "self"), false, n);
            case "aten.sigmoid" -> add(op(n, "Sigmoid", a, "self"), false, n);
            case "aten.hardswish" -> add(op(n, "HardSwish", a, "self"), false, n);
            case "aten.gelu" ->
                    add(op(n, "Gelu", a, "self"), !a.text("approximate").equals("none"), n);
            case "aten.softmax.int" ->
                    add(op(n, "Softmax", a, "self").with("axis", a.integer("dim")), false, n);
            case "aten.layer_norm" ->
                    add(
                            op(n, "LayerNormalization", a, "input", "weight", "bias")
                                    .with("axis", -(long) a.integers("normalized_shape").length)
                                    .with("epsilon", (float) a.real("eps")),
                            false,
                            n);
            case "aten.linear" -> linear(n, a);
            case "aten.matmul" -> add(op(n, "MatMul", a, "self", "other"), false, n);
            case "aten.add.Tensor" ->
                    add(
                            op(n, "Add", a, "self", "other"),
                            a.number("alpha").toDouble() != 1 || mixed(n),
                            n);
            case "aten.mul.Tensor" -> add(op(n, "Mul", a, "self", "other"), mixed(n), n);
            case "aten.add.Scalar" -> scalar(n, "Add", a, a.number("alpha").toDouble());
            case "aten.mul.Scalar" -> scalar(n, "Mul", a, 1);
            case "aten.div.Scalar" -> scalar(n, "Div", a, 1);
            case "aten.minimum" ->
                    operator("Min", List.of(cast(n, "self"), cast(n, "other")), n).add();
            case "aten.full" -> full(n, a);
            case "aten.alias" -> add(op(n, "Identity", a, "self"), false, n);
            case "aten.reshape", "aten.squeeze.dim" ->
                    operator("Reshape", List.of(name(a, "self"), sizes(n)), n).add();
            case "aten.expand" -> operator("Expand", List.of(name(a, "self"), sizes(n)), n).add();
            case "aten.permute" ->
                    add(op(n, "Transpose", a, "self").with("perm", dims(a, n)), false, n);
            case "aten.cat" ->
                    operator("Concat", a.tensors("tensors").stream().map(names::get).toList(), n)
                            .with("axis", a.integer("dim"))
                            .add();
            case "aten.chunk" -> chunk(n, a);
            case "aten.select.int" ->
                    operator("Gather", List.of(name(a, "self"), model.index(a.integer("index"))), n)
                            .with("axis", a.integer("dim"))
                            .add();
            default -> throw unsupported(n);
        }
    }

    private static IllegalArgumentException unsupported(Node n) {
        return new IllegalArgumentException(
                n.op() + ": no ONNX form of " + n.args().values() + n.source().suffix());
    }

    private static void add(OnnxModel.Operator operator, boolean unlike, Node n) {
        if (unlike) {
            throw unsupported(n);
        }
        operator.add();
    }

    private OnnxModel.Operator operator(String type, List<String> inputs, Node n) {
        return model.operator(type, inputs, n.results().stream().map(names::get).toList());
    }

    /** An operator on named tensor arguments; BatchNorm's statistics follow of themselves. */
    private OnnxModel.Operator op(Node n, String type, Args<Value> a, String... arguments) {
        List<String> inputs = new ArrayList<>();
        for (String argument : arguments) {
            inputs.add(name(a, argument));
        }
        if (type.equals("BatchNormalization")) {
            inputs.add(name(a, "running_mean"));
            inputs.add(name(a, "running_var"));
        }
        return operator(type, inputs, n);
    }

    private String name(Args<Value> a, String argument) {
        return a.optionalTensor(argument).map(names::get).orElse("");
    }

    private static long[] twice(long[] padding) {
        return LongStream.concat(LongStream.of(padding), LongStream.of(padding)).toArray();
    }

    private void convolution(Node n, Args<Value> a) {
        List<String> inputs = new ArrayList<>(List.of(name(a, "input"), name(a, "weight")));
        if (!a.isNone("bias")) {
            inputs.add(name(a, "bias"));
        }
        add(
                operator("Conv", inputs, n)
                        .with("strides", a.integers("stride"))
                        .with("pads", twice(a.integers("padding")))
                        .with("dilations", a.integers("dilation"))
                        .with("group", a.integer("groups")),
                a.bool("transposed"),
                n);
    }

    private void mean(Node n, Args<Value> a) {
        long[] dims = a.integers("dim");
        boolean keep = a.bool("keepdim");
        Sizes in = a.tensor("self").type().sizes();
        if (keep && in.rank() == 4 && dims.length == 2 && in.wrap(dims[0]) == 2) {
            operator("GlobalAveragePool", List.of(name(a, "self")), n).add();
        } else {
            operator("ReduceMean", List.of(name(a, "self"), model.integers(dims)), n)
                    .with("keepdims", keep ? 1L : 0L)
                    .add();
        }
    }

    /** x wᵀ + b: Gemm where x is a matrix, else MatMul of a transposed copy. */
    private void linear(Node n, Args<Value> a) {
        String x = name(a, "input");
        String w = name(a, "weight");
        if (a.tensor("input").type().rank() == 2) {
            List<String> inputs = new ArrayList<>(List.of(x, w));
            if (!a.isNone("bias")) {
                inputs.add(name(a, "bias"));
            }
            operator("Gemm", inputs, n).with("transB", 1L).add();
            return;
        }
        String result = names.get(n.result());
        String turned = result + "w";
        model.operator("Transpose", List.of(w), List.of(turned))
                .with("perm", new long[] {1, 0})
                .add();
        if (a.isNone("bias")) {
            operator("MatMul", List.of(x, turned), n).add();
        } else {
            model.operator("MatMul", List.of(x, turned), List.of(result + "m")).add();
            operator("Add", List.of(result + "m", name(a, "bias")), n).add();
        }
    }

    private static boolean mixed(Node n) {
        return n.operands().stream().anyMatch(v -> v.type().dtype() != n.result().type().dtype());
    }

    private String cast(Node n, String argument) {
        Value v = n.args().tensor(argument);
        if (v.type().dtype() == n.result().type().dtype()) {
            return names.get(v);
        }
        String out = names.get(n.result()) + argument;
        model.operator("Cast", List.of(names.get(v)), List.of(out))
                .with("to", (long) OnnxModel.elementType(n.result().type().dtype()))
                .add();
        return out;
    }

    private void scalar(Node n, String type, Args<Value> a, double alpha) {
        double value = a.number("other").toDouble() * alpha;
        operator(type, List.of(name(a, "self"), model.number(value)), n).add();
    }

    /** A number of some shape: a float scalar, cast and expanded. */
    private void full(Node n, Args<Value> a) {
        Scalar value = a.number("fill_value");
        TensorType type = n.result().type();
        String out = names.get(n.result());
        model.operator("Cast", List.of(model.number(value.toDouble())), List.of(out + "n"))
                .with("to", (long) OnnxModel.elementType(type.dtype()))
                .add();
        operator("Expand", List.of(out + "n", sizes(n)), n).add();
    }

    private String sizes(Node n) {
        return model.integers(n.result().type().sizes().toArray());
    }

    private static long[] dims(Args<Value> a, Node n) {
        Sizes sizes = n.result().type().sizes();
        return LongStream.of(a.integers("dims")).map(sizes::wrap).toArray();
    }

    private void chunk(Node n, Args<Value> a) {
        long dim = a.integer("dim");
        long[] parts =
                n.results().stream().mapToLong(r -> r.type().sizes().get((int) dim)).toArray();
        operator("Split", List.of(name(a, "self"), model.integers(parts)), n)
                .with("axis", dim)
                .add();
    }
}
