package org.ipex4j.compiler.pass;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.compiler.kernel.Casts;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.GraphRewriter;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;

/**
 * Batch normalisation by given statistics. After a convolution or linear layer that nothing else
 * reads, it becomes part of that layer's weight and bias: {@code w * s} and {@code (b - mean) * s +
 * beta} with {@code s = gamma / sqrt(var + eps)}, as ordinary ops on parameters that the prologue
 * computes once. Elsewhere it becomes one multiplication and one addition per channel.
 *
 * <p>A bf16 layer is normalised in f32: what its parameters were before they were rounded is
 * scaled, and the products are rounded once.
 */
public final class FoldBatchNorm implements Pass {
    private static final String BATCH_NORM = "aten._native_batch_norm_legit_no_training";

    /** In {@code CompileOptions.skipPasses}: leaves convolutions alone. */
    public static final String CONVOLUTIONS = "fold-conv-batch-norm";

    /** In {@code CompileOptions.skipPasses}: leaves linear layers alone. */
    public static final String LINEARS = "fold-linear-batch-norm";

    private final boolean convolutions;
    private final boolean linears;

    /** With {@code fold} false every batch normalisation stays a multiplication and an addition. */
    public FoldBatchNorm(boolean fold) {
        this(fold, fold);
    }

    /** Folds into convolutions, into linear layers, into both or neither. */
    public FoldBatchNorm(boolean convolutions, boolean linears) {
        this.convolutions = convolutions;
        this.linears = linears;
    }

    @Override
    public String name() {
        return "fold-batch-norm";
    }

    @Override
    public boolean optional() {
        return false; // lowering has no batch normalisation; CompileOptions.foldBatchNorm turns
        // folding off
    }

    @Override
    public Graph run(Graph graph) {
        if (graph.nodes().stream().noneMatch(n -> n.is(BATCH_NORM))) {
            return graph;
        }
        Set<Value> invariant = graph.invariantValues();
        Set<Value> outputs = new HashSet<>(graph.outputs());
        Map<Node, Node> layers = new HashMap<>();
        Set<Node> folded = new HashSet<>();
        if (convolutions || linears) {
            for (Node n : graph.nodes()) {
                Node layer = n.is(BATCH_NORM) ? layerBefore(graph, n, invariant, outputs) : null;
                if (layer != null) {
                    layers.put(n, layer);
                    folded.add(layer);
                    // What lies between is a cast, and goes with them.
                    folded.add(graph.producer(n.args().tensor("input")));
                }
            }
        }
        Map<Node, Args<Value>> layerArgs = new HashMap<>();
        Map<Value, Value> unrounded = new HashMap<>();
        return GraphRewriter.rewrite(
                graph,
                (old, args, out) -> {
                    if (Casts.isCast(old) && !folded.contains(old)) {
                        Value rounded = out.call(old.op(), args).getFirst();
                        unrounded.put(rounded, args.tensor("self"));
                        return List.of(rounded);
                    }
                    if (folded.contains(old)) {
                        layerArgs.put(old, args);
                        // Its result serves the normalisation alone, which makes the call anew.
                        return old.results().stream().map(r -> out.fresh(r.type())).toList();
                    }
                    if (!old.is(BATCH_NORM)) {
                        return null;
                    }
                    Scaling s = scaling(args, out);
                    Node layer = layers.get(old);
                    Value y =
                            layer == null
                                    ? apply(args.tensor("input"), s, out)
                                    : foldInto(layer, layerArgs.get(layer), s, unrounded, out);
                    return List.of(
                            cast(y, old.results().getFirst().type().dtype(), out),
                            empty(old.results().get(1), out),
                            empty(old.results().get(2), out));
                });
    }

    /** The op's saved statistics are empty tensors in inference. */
    private static Value empty(Value old, GraphBuilder out) {
        return out.call("aten.full", old.type().sizes().toArray(), 0.0, old.type().dtype());
    }

    private Node layerBefore(Graph graph, Node norm, Set<Value> invariant, Set<Value> outputs) {
        Value x = norm.args().tensor("input");
        Node layer = graph.producer(x);
        if (layer == null || outputs.contains(x) || graph.users(x).size() != 1) {
            return null;
        }
        if (Casts.isCast(layer) && layer.operands().getFirst().type().dtype() == DType.BFLOAT16) {
            Value narrow = layer.operands().getFirst();
            layer = graph.producer(narrow);
            if (layer == null || outputs.contains(narrow) || graph.users(narrow).size() != 1) {
                return null;
            }
        }
        for (int i = 1; i < norm.results().size(); i++) {
            Value saved = norm.results().get(i);
            if (outputs.contains(saved) || !graph.users(saved).isEmpty()) {
                return null;
            }
        }
        boolean transposed = layer.is("aten.convolution") && layer.args().bool("transposed");
        boolean fits =
                convolutions
                                && layer.is("aten.convolution")
                                && (!transposed || layer.args().integer("groups") == 1)
                        || linears
                                && (layer.is("aten.linear")
                                        || layer.is("aten.addmm")
                                        || layer.is("aten.mm"))
                                && x.type().rank() == 2;
        if (!fits) {
            return null;
        }
        List<Value> parameters = new java.util.ArrayList<>(norm.operands());
        parameters.remove(x);
        parameters.add(weight(layer));
        bias(layer).ifPresent(parameters::add);
        return invariant.containsAll(parameters) ? layer : null;
    }

    private static Value weight(Node layer) {
        return layer.args().tensor(weightName(layer));
    }

    private static String weightName(Node layer) {
        return layer.is("aten.addmm") || layer.is("aten.mm") ? "mat2" : "weight";
    }

    private static Optional<Value> bias(Node layer) {
        return layer.is("aten.mm")
                ? Optional.empty()
                : layer.args().optionalTensor(layer.is("aten.addmm") ? "self" : "bias");
    }

    /** Per channel: s and the mean, both of sizes [C]. */
    private record Scaling(Value scale, Value mean, Optional<Value> beta) {}

    private static Scaling scaling(Args<Value> bn, GraphBuilder out) {
        Value shifted = out.call("aten.add.Scalar", bn.tensor("running_var"), bn.real("eps"));
        Value invStd = out.call("aten.rsqrt", shifted);
        Value scale =
                bn.optionalTensor("weight")
                        .map(g -> out.call("aten.mul.Tensor", g, invStd))
                        .orElse(invStd);
        return new Scaling(scale, bn.tensor("running_mean"), bn.optionalTensor("bias"));
    }

    private static Value apply(Value x, Scaling s, GraphBuilder out) {
        Value shift = out.call("aten.neg", out.call("aten.mul.Tensor", s.mean, s.scale));
        if (s.beta.isPresent()) {
            shift = out.call("aten.add.Tensor", shift, s.beta.get());
        }
        Value scaled = out.call("aten.mul.Tensor", x, onDim(s.scale, x.type().rank(), 1, out));
        Value y = out.call("aten.add.Tensor", scaled, onDim(shift, x.type().rank(), 1, out));
        // A 16-bit input beside float32 parameters is normalised in float32.
        return cast(y, x.type().dtype(), out);
    }

    private static Value cast(Value v, DType type, GraphBuilder out) {
        return v.type().dtype() == type ? v : out.call("aten._to_copy", v, type);
    }

    private static Value foldInto(
            Node layer, Args<Value> a, Scaling s, Map<Value, Value> unrounded, GraphBuilder out) {
        String weightName = weightName(layer);
        Value rounded = a.tensor(weightName);
        DType type = rounded.type().dtype();
        Value w = unrounded.getOrDefault(rounded, rounded);
        boolean columns =
                weightName.equals("mat2") || layer.is("aten.convolution") && a.bool("transposed");
        Value product =
                out.call(
                        "aten.mul.Tensor",
                        w,
                        onDim(s.scale, w.type().rank(), columns ? 1 : 0, out));
        Value scaledWeight = cast(product, type, out);
        Optional<Value> b =
                layer.is("aten.mm")
                        ? Optional.empty()
                        : a.optionalTensor(layer.is("aten.addmm") ? "self" : "bias");
        Value centered =
                b.map(v -> out.call("aten.sub.Tensor", unrounded.getOrDefault(v, v), s.mean))
                        .orElseGet(() -> out.call("aten.neg", s.mean));
        Value bias = out.call("aten.mul.Tensor", centered, s.scale);
        if (s.beta.isPresent()) {
            bias = out.call("aten.add.Tensor", bias, s.beta.get());
        }
        bias = cast(bias, type, out);
        if (layer.is("aten.mm")) {
            return out.call("aten.addmm", bias, a.tensor("self"), scaledWeight);
        }
        Args<Value> folded =
                a.with(weightName, new Arg.Tensor<>(scaledWeight))
                        .with(layer.is("aten.addmm") ? "self" : "bias", new Arg.Tensor<>(bias));
        return out.call(layer.op(), folded).getFirst();
    }

    private static Value onDim(Value v, int rank, int dim, GraphBuilder out) {
        long[] sizes = new long[rank];
        Arrays.fill(sizes, 1);
        sizes[dim] = v.type().numel();
        return Arrays.equals(sizes, v.type().sizes().toArray())
                ? v
                : out.call("aten.view", v, sizes);
    }
}
