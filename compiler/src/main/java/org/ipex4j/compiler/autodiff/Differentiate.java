package org.ipex4j.compiler.autodiff;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.ipex4j.compiler.decompose.Decompose;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.GraphRewriter;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/**
 * Reverse-mode differentiation. Ops on the way that have no derivative of their own are decomposed
 * first; then the nodes are met in reverse order, and each turns the gradients of its results into
 * gradients of its operands.
 */
public final class Differentiate {
    private final GraphBuilder out = new GraphBuilder();
    private final Emitter emitter = Emitter.plain(out);

    /** From the simplified forward graph's values to the joint graph's. */
    private final Map<Value, Value> copies = new HashMap<>();

    /** Gradients so far, by the simplified forward graph's values. */
    private final Map<Value, Value> gradients = new HashMap<>();

    private Differentiate() {}

    /**
     * The joint graph. A gradient that nothing flows into is zero.
     *
     * @param outputsWithGradient positions of the outputs whose gradients will be given, as inputs
     *     {@code tangent<position>}
     * @param inputsToDifferentiate positions of the inputs whose gradients are wanted
     * @throws IllegalArgumentException if such an input or output is not floating, or if a gradient
     *     meets an op without a derivative; the message names the op, its types and its source
     */
    public static JointGraph joint(
            Graph forward, List<Integer> outputsWithGradient, List<Integer> inputsToDifferentiate) {
        for (int i : inputsToDifferentiate) {
            requireFloating(
                    "input " + forward.inputs().get(i).name(), forward.inputs().get(i).value());
        }
        for (int o : outputsWithGradient) {
            requireFloating("output " + o, forward.outputs().get(o));
        }
        Graph simple = simplify(forward, inputs(forward, inputsToDifferentiate));
        Graph joint = new Differentiate().run(simple, outputsWithGradient, inputsToDifferentiate);
        return new JointGraph(
                joint,
                forward.inputs().size(),
                forward.outputs().size(),
                outputsWithGradient,
                inputsToDifferentiate);
    }

    private static void requireFloating(String what, Value v) {
        if (!v.type().dtype().isFloating()) {
            throw new IllegalArgumentException(
                    "only floating tensors have gradients; " + what + " is " + v.type());
        }
    }

    private static List<Value> inputs(Graph graph, List<Integer> positions) {
        return positions.stream().map(i -> graph.inputs().get(i).value()).toList();
    }

    /** Decomposes the ops that a gradient may flow through and that have no derivative. */
    private static Graph simplify(Graph forward, Collection<Value> sources) {
        Set<Value> dependent = dependents(forward, sources);
        Emitter[] decomposing = new Emitter[1];
        return GraphRewriter.rewrite(
                forward,
                (node, args, to) -> {
                    if (decomposing[0] == null) {
                        decomposing[0] =
                                Decompose.emitter(to, Derivatives::isDecomposed, Composites.FORMS);
                    }
                    if (node.results().stream().noneMatch(dependent::contains)) {
                        return null;
                    }
                    return decomposing[0].emit(node.op(), args);
                });
    }

    /** The floating values that a gradient may flow from to one of the sources. */
    private static Set<Value> dependents(Graph graph, Collection<Value> sources) {
        Set<Value> dependent = new HashSet<>(sources);
        for (Node n : graph.nodes()) {
            if (n.operands().stream().anyMatch(dependent::contains)
                    && !Derivatives.isZero(n.op())) {
                n.results().stream()
                        .filter(r -> r.type().dtype().isFloating())
                        .forEach(dependent::add);
            }
        }
        return dependent;
    }

    private Graph run(Graph forward, List<Integer> outputs, List<Integer> inputs) {
        for (Input in : forward.inputs()) {
            copies.put(in.value(), out.input(in.role(), in.name(), in.value().type()));
        }
        for (Node n : forward.nodes()) {
            List<Value> results = out.at(n.source()).call(n.op(), n.args().map(copies::get));
            for (int i = 0; i < results.size(); i++) {
                copies.put(n.results().get(i), results.get(i));
            }
        }
        for (int o : outputs) {
            Value v = forward.outputs().get(o);
            Value tangent = out.input(Input.Role.ARGUMENT, "tangent" + o, v.type());
            gradients.merge(v, tangent, (a, b) -> emitter.add(a, b));
        }
        Set<Value> dependent = dependents(forward, inputs(forward, inputs));
        for (Node n : forward.nodes().reversed()) {
            out.at(n.source());
            visit(n, dependent);
        }
        List<Value> all = new ArrayList<>(forward.outputs().stream().map(copies::get).toList());
        for (Value in : inputs(forward, inputs)) {
            Value g = gradients.get(in);
            all.add(g != null ? g : emitter.full(in.type(), Scalar.of(0.0)));
        }
        return out.build(all);
    }

    private void visit(Node node, Set<Value> dependent) {
        List<Value> operands = node.operands();
        boolean[] needs = new boolean[operands.size()];
        boolean any = false;
        for (int i = 0; i < needs.length; i++) {
            needs[i] = dependent.contains(operands.get(i));
            any |= needs[i];
        }
        // Not Stream.toList of the gradients alone: most lists hold nulls.
        List<Value> grads = new ArrayList<>();
        for (Value r : node.results()) {
            grads.add(dependent.contains(r) ? gradients.get(r) : null);
        }
        if (!any || grads.stream().allMatch(g -> g == null)) {
            return;
        }
        Derivative derivative = Derivatives.of(node.op()).orElseThrow(() -> noDerivative(node));
        ForwardCall call =
                new ForwardCall(
                        node.op(),
                        node.args().map(copies::get),
                        node.results().stream().map(copies::get).toList(),
                        needs);
        List<Value> flowing = derivative.apply(call, grads, emitter);
        if (flowing.size() != needs.length) {
            throw new IllegalStateException(
                    node.op()
                            + ": its derivative gave "
                            + flowing.size()
                            + " gradients for "
                            + needs.length
                            + " operands");
        }
        for (int i = 0; i < needs.length; i++) {
            Value g = flowing.get(i);
            if (needs[i] && g != null) {
                requireType(node, i, g.type(), operands.get(i).type());
                gradients.merge(operands.get(i), g, (a, b) -> emitter.add(a, b));
            }
        }
    }

    private static void requireType(Node node, int operand, TensorType got, TensorType wanted) {
        if (!got.equals(wanted)) {
            throw new IllegalStateException(
                    node.op()
                            + ": its derivative gave "
                            + got
                            + " for operand "
                            + operand
                            + ", which is "
                            + wanted);
        }
    }

    private static IllegalArgumentException noDerivative(Node node) {
        return new IllegalArgumentException(
                node.op()
                        + " of "
                        + node.operands().stream()
                                .map(v -> v.type().toString())
                                .collect(Collectors.joining(", "))
                        + " has no derivative: "
                        + Derivatives.limitation(node.op())
                                .orElse("this form of it does not decompose")
                        + node.source().suffix());
    }
}
