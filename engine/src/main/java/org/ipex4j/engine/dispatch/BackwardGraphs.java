package org.ipex4j.engine.dispatch;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.autodiff.JointGraph;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;

/**
 * Cuts the joint graph of one op in two. Backward reads operands and results of the op where it
 * can; it computes again what is pointwise or a view of those, and has the forward hand out the
 * rest, which are then extra outputs of it.
 */
final class BackwardGraphs {
    private final JointGraph joint;

    /** What the gradients given determine: these are backward's to compute. */
    private final Set<Value> backward = new HashSet<>();

    /** What backward reads of the forward, in the order it is met. */
    private final Map<Value, Saved> saved = new LinkedHashMap<>();

    private final Map<Value, Integer> operands = new HashMap<>();
    private final Map<Value, Integer> results = new HashMap<>();
    private final List<Value> extras = new ArrayList<>();
    private final Set<Value> recomputed = new HashSet<>();

    /** Chooses what to save, so that the whole of backward can be computed from it. */
    BackwardGraphs(JointGraph joint) {
        this.joint = joint;
        Graph graph = joint.graph();
        for (int i = 0; i < joint.forwardInputs(); i++) {
            operands.put(graph.inputs().get(i).value(), i);
        }
        for (int i = 0; i < joint.forwardOutputs(); i++) {
            results.putIfAbsent(graph.outputs().get(i), i);
        }
        for (Input tangent : tangents()) {
            backward.add(tangent.value());
        }
        for (Node n : graph.nodes()) {
            if (n.operands().stream().anyMatch(backward::contains)) {
                backward.addAll(n.results());
            }
        }
        for (Node n : needed()) {
            for (Value v : n.operands()) {
                if (!backward.contains(v)) {
                    save(v);
                }
            }
        }
    }

    private List<Input> tangents() {
        List<Input> all = joint.graph().inputs();
        return all.subList(joint.forwardInputs(), all.size());
    }

    /** The gradients that something flows into; null for the others, one per wanted input. */
    private List<Value> gradients() {
        List<Value> out = new ArrayList<>();
        List<Value> all = joint.graph().outputs();
        for (Value v : all.subList(joint.forwardOutputs(), all.size())) {
            out.add(backward.contains(v) ? v : null);
        }
        return out;
    }

    /** The nodes of backward that gradients depend on, in order. */
    private List<Node> needed() {
        Set<Value> wanted = new HashSet<>(gradients());
        List<Node> nodes = new ArrayList<>();
        for (Node n : joint.graph().nodes().reversed()) {
            if (n.results().stream().anyMatch(r -> backward.contains(r) && wanted.contains(r))) {
                nodes.addFirst(n);
                wanted.addAll(n.operands());
            }
        }
        return nodes;
    }

    private void save(Value v) {
        if (saved.containsKey(v) || recomputed.contains(v)) {
            return;
        }
        Integer operand = operands.get(v);
        Integer result = results.get(v);
        if (operand != null) {
            saved.put(v, new Saved.Operand(operand));
        } else if (result != null) {
            saved.put(v, new Saved.Result(result));
        } else if (isCheap(joint.graph().producer(v))) {
            recomputed.add(v);
            joint.graph().producer(v).operands().forEach(this::save);
        } else {
            saved.put(v, new Saved.Extra(extras.size()));
            extras.add(v);
        }
    }

    private static boolean isCheap(Node n) {
        return !n.op().is(Trait.RANDOM)
                && (n.op().is(Trait.POINTWISE) || n.op().is(Trait.VIEW) || n.operands().isEmpty());
    }

    /** What to save, in the order of the inputs that {@link #backward} numbers. */
    List<Saved> saved() {
        return List.copyOf(saved.values());
    }

    /** The op as a graph that hands out extra values after its results; null if there are none. */
    Graph forward() {
        if (extras.isEmpty()) {
            return null;
        }
        Graph graph = joint.graph();
        List<Value> outputs = new ArrayList<>(graph.outputs().subList(0, joint.forwardOutputs()));
        outputs.addAll(extras);
        Set<Value> wanted = new HashSet<>(outputs);
        List<Node> nodes = new ArrayList<>();
        for (Node n : graph.nodes().reversed()) {
            if (n.results().stream().anyMatch(wanted::contains)) {
                nodes.addFirst(n);
                wanted.addAll(n.operands());
            }
        }
        return new Graph(graph.inputs().subList(0, joint.forwardInputs()), nodes, outputs);
    }

    /** Which of the given gradients reach a wanted one; positions are those of the op's results. */
    BitSet flowing() {
        Set<Value> read = new HashSet<>(gradients());
        needed().forEach(n -> read.addAll(n.operands()));
        BitSet flowing = new BitSet();
        for (int i = 0; i < tangents().size(); i++) {
            if (read.contains(tangents().get(i).value())) {
                flowing.set(joint.outputsWithGradient().get(i));
            }
        }
        return flowing;
    }

    /**
     * A graph that computes gradients.
     *
     * @param saved for each of the first inputs, which of the saved tensors it is
     * @param tangents for each of the other inputs, the result whose gradient it is
     * @param gradients for each output, the operand of the op whose gradient it is
     */
    record Backward(Graph graph, int[] saved, int[] tangents, int[] gradients) {}

    /**
     * The graph that computes the gradients.
     *
     * @param available what was saved when the op ran: by a cut for at least these gradients, whose
     *     joint graph has the same forward part
     */
    Backward backward(BackwardGraphs available) {
        GraphBuilder out = new GraphBuilder();
        Map<Value, Value> copies = new HashMap<>();
        List<Integer> savedInputs = new ArrayList<>();
        List<Value> kept = List.copyOf(available.saved.keySet());
        List<Node> needed = needed();
        Set<Value> read = new HashSet<>(gradients());
        for (Node n : needed) {
            read.addAll(n.operands());
        }
        List<Node> again = recomputed(read, kept);
        for (Node n : again) {
            read.addAll(n.operands());
        }
        for (Value v : operands.keySet()) {
            if (read.contains(v) && !available.saved.containsKey(v)) {
                throw new IllegalStateException(
                        "backward reads operand "
                                + (operands.get(v) + 1)
                                + ", which was not saved");
            }
        }
        for (int i = 0; i < kept.size(); i++) {
            Value v = kept.get(i);
            if (read.contains(v)) {
                copies.put(v, out.input(Input.Role.ARGUMENT, "saved" + i, v.type()));
                savedInputs.add(i);
            }
        }
        List<Integer> tangentInputs = new ArrayList<>();
        for (int i = 0; i < tangents().size(); i++) {
            Value v = tangents().get(i).value();
            if (read.contains(v)) {
                int result = joint.outputsWithGradient().get(i);
                copies.put(v, out.input(Input.Role.ARGUMENT, "grad" + result, v.type()));
                tangentInputs.add(result);
            }
        }
        again.addAll(needed);
        for (Node n : again) {
            List<Value> values = out.call(n.op(), n.args().map(copies::get));
            for (int i = 0; i < values.size(); i++) {
                copies.put(n.results().get(i), values.get(i));
            }
        }
        List<Value> outputs = new ArrayList<>();
        List<Integer> gradientOf = new ArrayList<>();
        List<Value> all = gradients();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i) != null) {
                outputs.add(copies.get(all.get(i)));
                gradientOf.add(joint.inputsToDifferentiate().get(i));
            }
        }
        return new Backward(
                out.build(outputs), ints(savedInputs), ints(tangentInputs), ints(gradientOf));
    }

    /** The forward's nodes that backward runs again, in order. */
    private List<Node> recomputed(Set<Value> read, List<Value> kept) {
        Set<Value> wanted = new HashSet<>(read);
        Set<Value> stop = new HashSet<>(kept);
        List<Node> nodes = new ArrayList<>();
        for (Node n : joint.graph().nodes().reversed()) {
            boolean forward = n.results().stream().noneMatch(backward::contains);
            if (forward
                    && n.results().stream()
                            .anyMatch(r -> wanted.contains(r) && !stop.contains(r))) {
                nodes.addFirst(n);
                wanted.addAll(n.operands());
            }
        }
        return nodes;
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
