package org.ipex4j.compiler.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.PostOp;

/**
 * Turns one op and its epilogue into a library call. Views before and after the call bring operands
 * to the library's shapes: weights of grouped convolutions get a group dimension, the leading
 * dimensions of a linear layer's input become one.
 */
final class LibraryLowering {
    private final Names names;
    private final Graph graph;
    private final List<KernelNode> out = new ArrayList<>();
    private final Node node;
    private final Epilogue epilogue;

    private LibraryLowering(Names names, Graph graph, Node node, Epilogue epilogue) {
        this.names = names;
        this.graph = graph;
        this.node = node;
        this.epilogue = epilogue;
    }

    /** True for ops that become library calls. */
    static boolean has(Op op) {
        return switch (op.name()) {
            case "aten.convolution",
                    "ipex.convolution_backward_data",
                    "ipex.convolution_backward_weights",
                    "aten.linear",
                    "aten.mm",
                    "aten.addmm",
                    "aten.bmm",
                    "aten.baddbmm",
                    "aten.matmul",
                    "aten.max_pool1d",
                    "aten.max_pool2d",
                    "aten.max_pool3d",
                    "aten.avg_pool1d",
                    "aten.avg_pool2d",
                    "aten.avg_pool3d",
                    "ipex.max_pool_training",
                    "ipex.max_pool_backward" ->
                    true;
            default -> false;
        };
    }

    /**
     * oneDNN's derivatives take no post-ops, nor do calls that write for them. What multiplies bf16
     * sums in f32 and may keep that as its result; pools have one type.
     */
    static Epilogue.Abilities abilities(Node n) {
        boolean pool = n.op().name().contains("_pool");
        return new Epilogue.Abilities(
                !n.op().name().startsWith("ipex."),
                !pool && n.results().getFirst().type().dtype() == DType.BFLOAT16);
    }

    /** The dimension of the result that per-channel operands of an epilogue vary along. */
    static int channelDim(Node n) {
        boolean product =
                switch (n.op().name()) {
                    case "aten.linear",
                            "aten.mm",
                            "aten.addmm",
                            "aten.bmm",
                            "aten.baddbmm",
                            "aten.matmul" ->
                            true;
                    default -> false;
                };
        return product ? n.result().type().rank() - 1 : 1;
    }

    /** The call with its views, in order. */
    static List<KernelNode> lower(Names names, Graph graph, Node node, Epilogue epilogue) {
        TensorType type = node.results().getFirst().type();
        if (type.dtype() != DType.FLOAT32 && type.dtype() != DType.BFLOAT16) {
            throw new IllegalArgumentException(
                    node.op()
                            + ": compiled for f32 and bf16 only, got "
                            + type
                            + "; cast the operands to float32"
                            + node.source().suffix());
        }
        LibraryLowering l = new LibraryLowering(names, graph, node, epilogue);
        switch (node.op().name()) {
            case "aten.convolution" -> l.convolution();
            case "ipex.convolution_backward_data" -> l.convolutionBackwardData();
            case "ipex.convolution_backward_weights" -> l.convolutionBackwardWeights();
            case "aten.linear" -> l.linear();
            case "aten.mm" -> l.product(l.arg("self"), l.arg("mat2"), Optional.empty());
            case "aten.addmm" ->
                    l.product(l.arg("mat1"), l.arg("mat2"), Optional.of(l.arg("self")));
            case "aten.bmm" -> l.product(l.arg("self"), l.arg("mat2"), Optional.empty());
            case "aten.baddbmm" ->
                    l.product(l.arg("batch1"), l.arg("batch2"), Optional.of(l.arg("self")));
            case "aten.matmul" -> l.product(l.arg("self"), l.arg("other"), Optional.empty());
            case "ipex.max_pool_training" -> l.maxPoolTraining();
            case "ipex.max_pool_backward" -> l.maxPoolBackward();
            default -> l.pool();
        }
        return l.out;
    }

    private Value arg(String name) {
        return node.args().tensor(name);
    }

    private Value view(Value v, long... sizes) {
        return java.util.Arrays.equals(v.type().sizes().toArray(), sizes)
                ? v
                : alias("aten.view", v, (Object) sizes);
    }

    private Value alias(String op, Value v, Object... args) {
        KernelNode.Alias a = names.alias(node.source(), op, v, args);
        out.add(a);
        return a.result();
    }

    /** The type that the call writes: sizes of its own, the type after the epilogue. */
    private BufferType made(Sizes sizes) {
        Value result = epilogue.result(node.results().getFirst());
        return any(new TensorType(result.type().dtype(), sizes));
    }

    /** A bias is added in f32: one that was rounded for the call is read as it was before. */
    private Value bias(Value b) {
        return Casts.unrounded(graph, b).orElse(b);
    }

    private static BufferType any(TensorType t) {
        return new BufferType(t.dtype(), t.sizes(), Layout.ANY);
    }

    private static List<Long> list(long[] v) {
        return java.util.Arrays.stream(v).boxed().toList();
    }

    private void convolution() {
        Args<Value> a = node.args();
        Value x = arg("input");
        Value w = arg("weight");
        boolean transposed = a.bool("transposed");
        int groups = (int) a.integer("groups");
        int n = x.type().rank() - 2;
        long[] stride = a.integers("stride");
        long[] dilation = a.integers("dilation");
        long[] padding = a.integers("padding");
        long[] end = padding.clone();
        if (transposed) {
            long[] extra = a.integers("output_padding");
            for (int d = 0; d < n; d++) {
                end[d] = padding[d] - extra[d];
            }
        }
        w = libraryWeights(w, groups, transposed);
        List<Value> operands = new ArrayList<>(List.of(x, w));
        Optional<BufferType> bias =
                a.optionalTensor("bias")
                        .map(
                                b -> {
                                    operands.add(bias(b));
                                    return BufferType.contiguous(bias(b).type());
                                });
        BufferType y = made(node.result().type().sizes());
        List<PostOp> post = postOps(operands, y.sizes());
        LibraryCall call =
                transposed
                        ? new LibraryCall.Deconvolution(
                                any(x.type()),
                                any(w.type()),
                                bias,
                                y,
                                list(stride),
                                list(dilation),
                                list(padding),
                                list(end),
                                groups,
                                post)
                        : new LibraryCall.Convolution(
                                any(x.type()),
                                any(w.type()),
                                bias,
                                y,
                                list(stride),
                                list(dilation),
                                list(padding),
                                list(end),
                                groups,
                                post);
        add(call, operands, epilogue.result(node.result()));
    }

    private void convolutionBackwardData() {
        Args<Value> a = node.args();
        Value grad = arg("grad_output");
        int groups = (int) a.integer("groups");
        Value w = libraryWeights(arg("weight"), groups, false);
        add(
                new LibraryCall.ConvolutionBackwardData(
                        any(grad.type()),
                        any(w.type()),
                        made(node.result().type().sizes()),
                        list(a.integers("stride")),
                        list(a.integers("dilation")),
                        list(a.integers("padding")),
                        list(a.integers("padding")),
                        groups),
                List.of(grad, w),
                epilogue.result(node.result()));
    }

    private void convolutionBackwardWeights() {
        Args<Value> a = node.args();
        Value x = arg("input");
        Value grad = arg("grad_output");
        int groups = (int) a.integer("groups");
        BufferType type = made(librarySizes(node.result().type().sizes(), groups));
        Value wanted = epilogue.result(node.result());
        Value result = groups > 1 ? names.fresh(type.type()) : wanted;
        add(
                new LibraryCall.ConvolutionBackwardWeights(
                        any(x.type()),
                        any(grad.type()),
                        type,
                        list(a.integers("stride")),
                        list(a.integers("dilation")),
                        list(a.integers("padding")),
                        list(a.integers("padding")),
                        groups),
                List.of(x, grad),
                result);
        if (groups > 1) {
            viewAs(wanted, result);
        }
    }

    /** Weights' sizes with a dimension for groups, if there are several. */
    private static Sizes librarySizes(Sizes s, int groups) {
        if (groups == 1) {
            return s;
        }
        long[] split = new long[s.rank() + 1];
        split[0] = groups;
        split[1] = s.get(0) / groups;
        System.arraycopy(s.toArray(), 1, split, 2, s.rank() - 1);
        return Sizes.of(split);
    }

    /** ATen's weights are [out, in / groups, k…], transposed ones [in, out / groups, k…]. */
    private Value libraryWeights(Value w, int groups, boolean transposed) {
        Value v = view(w, librarySizes(w.type().sizes(), groups).toArray());
        if (!transposed) {
            return v;
        }
        long[] order = new long[v.type().rank()];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        int at = groups > 1 ? 1 : 0;
        order[at] = at + 1;
        order[at + 1] = at;
        return alias("aten.permute", v, (Object) order);
    }

    /** Leading dimensions become one: [.., k] x [n, k]^T. */
    private void linear() {
        Value x = arg("input");
        Value w = arg("weight");
        long features = w.type().sizes().get(0);
        long depth = w.type().sizes().get(1);
        long rows = x.type().sizes().stream().limit(x.type().rank() - 1).reduce(1, (a, b) -> a * b);
        Value x2 = view(x, rows, depth);
        Value wt = alias("aten.permute", w, (Object) new long[] {1, 0});
        matmul(x2, wt, node.args().optionalTensor("bias"), Sizes.of(rows, features));
    }

    private void product(Value x, Value y, Optional<Value> bias) {
        matmul(x, y, bias, node.result().type().sizes());
    }

    private void matmul(Value x, Value w, Optional<Value> bias, Sizes sizes) {
        List<Value> operands = new ArrayList<>(List.of(x, w));
        Optional<BufferType> biasType =
                bias.map(
                        b -> {
                            Value lifted =
                                    view(bias(b), Epilogue.lifted(b.type().sizes(), sizes.rank()));
                            operands.add(lifted);
                            return BufferType.contiguous(lifted.type());
                        });
        BufferType type = made(sizes);
        List<PostOp> post = postOps(operands, sizes);
        LibraryCall call =
                new LibraryCall.MatMul(any(x.type()), any(w.type()), biasType, type, post);
        Value result = epilogue.result(node.result());
        if (result.type().sizes().equals(sizes)) {
            add(call, operands, result);
            return;
        }
        Value flat = names.fresh(type.type());
        add(call, operands, flat);
        viewAs(result, flat);
    }

    /** {@code result} is the call's {@code flat} result with other sizes. */
    private void viewAs(Value result, Value flat) {
        Node view = names.call(node.source(), "aten.view", flat, result.type().sizes().toArray());
        out.add(
                new KernelNode.Alias(
                        new Node(view.op(), view.args(), List.of(result), node.source()),
                        flat,
                        result));
    }

    private void pool() {
        Args<Value> a = node.args();
        Value x = arg("self");
        TensorType y = node.result().type();
        boolean max = node.op().name().startsWith("aten.max");
        String algorithm =
                max
                        ? "max"
                        : a.bool("count_include_pad")
                                ? "avg_include_padding"
                                : "avg_exclude_padding";
        List<Value> operands = new ArrayList<>(List.of(x));
        List<PostOp> post = postOps(operands, y.sizes());
        PoolWindows w = PoolWindows.of(a, x.type().sizes(), y.sizes());
        add(
                w.pooling(algorithm, any(x.type()), any(y), Optional.empty(), post),
                operands,
                epilogue.result(node.result()));
    }

    private void maxPoolTraining() {
        Value x = arg("self");
        Value y = node.results().get(0);
        Value workspace = node.results().get(1);
        PoolWindows w = PoolWindows.of(node.args(), x.type().sizes(), y.type().sizes());
        out.add(
                new KernelNode.Library(
                        w.pooling(
                                "max",
                                any(x.type()),
                                any(y.type()),
                                Optional.of(any(workspace.type())),
                                List.of()),
                        List.of(x),
                        Optional.empty(),
                        y,
                        Optional.of(workspace),
                        List.of(node),
                        ""));
    }

    private void maxPoolBackward() {
        Value grad = arg("grad_output");
        Value workspace = arg("workspace");
        TensorType x = node.result().type();
        PoolWindows w = PoolWindows.of(node.args(), x.sizes(), grad.type().sizes());
        add(
                w.backward("max", any(grad.type()), Optional.of(any(workspace.type())), any(x)),
                List.of(grad, workspace),
                node.result());
    }

    /**
     * The epilogue's post-ops; operands of binary ones are viewed with the rank of the call's
     * result.
     */
    private List<PostOp> postOps(List<Value> operands, Sizes result) {
        List<PostOp> post = new ArrayList<>();
        for (Epilogue.Step step : epilogue.steps()) {
            switch (step) {
                case Epilogue.Step.Eltwise e ->
                        post.add(
                                new PostOp.Eltwise(
                                        e.algorithm(), (float) e.alpha(), (float) e.beta()));
                case Epilogue.Step.Binary b -> {
                    Sizes s = b.operand().type().sizes();
                    boolean whole =
                            s.numel() == result.numel() && s.equals(node.result().type().sizes());
                    Value v =
                            whole
                                    ? view(b.operand(), result.toArray())
                                    : view(b.operand(), channelSizes(s, result));
                    operands.add(v);
                    post.add(new PostOp.Binary(b.algorithm(), any(v.type())));
                }
            }
        }
        return post;
    }

    /** A per-channel or scalar operand with the result's rank. */
    private long[] channelSizes(Sizes operand, Sizes result) {
        long[] sizes = new long[result.rank()];
        java.util.Arrays.fill(sizes, 1);
        int dim =
                channelDim(node) == 1 && node.result().type().rank() == result.rank()
                        ? channelDim(node)
                        : result.rank() - 1;
        if (operand.numel() > 1) {
            sizes[dim] = operand.numel();
        }
        return sizes;
    }

    private void add(LibraryCall call, List<Value> operands, Value result) {
        List<Node> nodes = new ArrayList<>(List.of(node));
        nodes.addAll(epilogue.nodes());
        out.add(
                new KernelNode.Library(
                        call, operands, Optional.empty(), result, Optional.empty(), nodes, ""));
    }
}
