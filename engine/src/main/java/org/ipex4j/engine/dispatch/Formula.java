package org.ipex4j.engine.dispatch;

import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.ipex4j.compiler.autodiff.Derivatives;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.autodiff.JointGraph;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.runtime.Tensor;

/**
 * How gradients flow through calls of one op with operands of fixed types: what the call saves, and
 * the graphs that turn gradients of its results into those of its operands.
 */
final class Formula {
    private static final int CAPACITY = 1024;

    /** The formulas used last. Guarded by itself. */
    private static final Map<Signature, Formula> CACHE =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Signature, Formula> eldest) {
                    return size() > CAPACITY;
                }
            };

    private final Op op;
    private final int operands;
    private final Graph graph;
    private final List<Integer> wanted;
    private final BackwardGraphs whole;
    private final BitSet flowing;

    /** Why there is no derivative; null if there is one. */
    private final String limitation;

    private final Graph forward;
    private final List<Saved> saved;
    private final Map<BitSet, BackwardGraphs.Backward> backward = new HashMap<>();

    private Formula(Op op, Args<Tensor> args, boolean[] needs) {
        this.op = op;
        this.operands = needs.length;
        this.wanted = IntStream.range(0, needs.length).filter(i -> needs[i]).boxed().toList();
        this.flowing = new BitSet();
        if (op.is(Trait.DATA_DEPENDENT)) {
            graph = null;
            whole = null;
            limitation = limitation("result sizes depend on the numbers");
        } else {
            graph = graph(op, args);
            whole = differentiate(graph);
            limitation = whole == null ? limitation("no rule for these arguments") : null;
        }
        if (whole == null) {
            forward = null;
            saved = List.of();
        } else {
            forward = whole.forward();
            saved = whole.saved();
            flowing.or(whole.flowing());
        }
    }

    private String limitation(String otherwise) {
        return Derivatives.limitation(op).orElse(otherwise);
    }

    /**
     * The formula for calls like this one.
     *
     * @param needs which tensor operands need a gradient
     */
    static Formula of(Op op, Args<Tensor> args, boolean[] needs) {
        Signature key = Signature.differentiated(op, args, needs);
        synchronized (CACHE) {
            return CACHE.computeIfAbsent(key, k -> new Formula(op, args, needs));
        }
    }

    private static Graph graph(Op op, Args<Tensor> args) {
        GraphBuilder builder = new GraphBuilder();
        int[] count = {0};
        Args<Value> values =
                args.map(t -> builder.input(Input.Role.ARGUMENT, "arg" + count[0]++, t.type()));
        return builder.build(builder.call(op, values));
    }

    /**
     * The cut joint graph for gradients of all floating results; null if there is no derivative.
     */
    private BackwardGraphs differentiate(Graph of) {
        if (Derivatives.limitation(op).isPresent()) {
            return null;
        }
        List<Integer> outputs =
                IntStream.range(0, of.outputs().size())
                        .filter(i -> of.outputs().get(i).type().dtype().isFloating())
                        .boxed()
                        .toList();
        return new BackwardGraphs(Differentiate.joint(of, outputs, wanted));
    }

    /** The results through which gradients flow, or would if there were a derivative. */
    boolean flowsThrough(int result, Tensor tensor) {
        return limitation == null ? flowing.get(result) : tensor.dtype().isFloating();
    }

    /** Whether any gradient flows at all. */
    boolean flows() {
        return limitation != null || !flowing.isEmpty();
    }

    String limitation() {
        return limitation;
    }

    Op op() {
        return op;
    }

    /** How many tensor operands the call has. */
    int operands() {
        return operands;
    }

    /** How many tensors {@link #run} gives after the results. */
    int extras() {
        return forward == null ? 0 : forward.outputs().size() - graph.outputs().size();
    }

    /** What backward reads. */
    List<Saved> saved() {
        return saved;
    }

    /** The results of a call, and then the extra tensors that backward reads. */
    Tensor[] run(Args<Tensor> args) {
        if (forward == null) {
            return Eager.run(op, args);
        }
        return Eager.run(forward, args.allTensors().toArray(Tensor[]::new));
    }

    /** The graph that computes gradients when those of these results have arrived. */
    BackwardGraphs.Backward backward(BitSet present) {
        synchronized (backward) {
            BackwardGraphs.Backward known = backward.get(present);
            if (known == null) {
                List<Integer> outputs = present.stream().boxed().toList();
                JointGraph joint = Differentiate.joint(graph, outputs, wanted);
                known = new BackwardGraphs(joint).backward(whole);
                backward.put((BitSet) present.clone(), known);
            }
            return known;
        }
    }
}
