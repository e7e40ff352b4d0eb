package org.ipex4j.compiler.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.PostOp;

/**
 * Lets a convolution add a residual in place: a binary addition of a whole tensor that nothing
 * reads afterwards becomes a {@code Sum} onto that tensor's buffer, which saves the reading of one
 * stream and a buffer, and which every implementation has.
 */
final class Accumulation {
    private Accumulation() {}

    static List<KernelNode> apply(List<KernelNode> nodes, Graph graph, Phases phases) {
        Map<Value, Value> roots = new HashMap<>();
        Map<Value, Integer> lastUse = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            KernelNode n = nodes.get(i);
            if (n instanceof KernelNode.Alias a) {
                roots.put(a.result(), root(roots, a.base()));
            }
            for (Value r : n.reads()) {
                lastUse.put(root(roots, r), i);
            }
        }
        Set<Value> kept = new HashSet<>();
        graph.outputs().forEach(v -> kept.add(root(roots, v)));
        graph.inputs().forEach(in -> kept.add(in.value()));
        // Computed once, by a prologue, and read by every run.
        graph.invariantValues().forEach(v -> kept.add(root(roots, v)));
        if (phases.count() > 1) {
            keepSaved(nodes, roots, phases, kept);
        }
        List<KernelNode> out = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            KernelNode n = nodes.get(i);
            out.add(n instanceof KernelNode.Library l ? accumulate(l, i, roots, lastUse, kept) : n);
        }
        return out;
    }

    /** What one phase makes and another reads stays as it is: it may be read again. */
    private static void keepSaved(
            List<KernelNode> nodes, Map<Value, Value> roots, Phases phases, Set<Value> kept) {
        Map<Value, Integer> made = new HashMap<>();
        for (KernelNode n : nodes) {
            int phase = n.nodes().isEmpty() ? 0 : phases.of(n.nodes().getFirst());
            n.writes().forEach(w -> made.put(w, phase));
            for (Value r : n.reads()) {
                Value root = root(roots, r);
                if (made.getOrDefault(root, phase) != phase) {
                    kept.add(root);
                }
            }
        }
    }

    private static KernelNode accumulate(
            KernelNode.Library l,
            int position,
            Map<Value, Value> roots,
            Map<Value, Integer> lastUse,
            Set<Value> kept) {
        LibraryCall call = l.call();
        if (call instanceof LibraryCall.Pooling) {
            return l;
        }
        int operand = call.inputs().size();
        for (int p = 0; p < call.postOps().size(); p++) {
            if (!(call.postOps().get(p) instanceof PostOp.Binary b)) {
                continue;
            }
            Value v = l.operands().get(operand);
            Value root = root(roots, v);
            boolean once =
                    l.operands().stream().filter(o -> root(roots, o).equals(root)).count() == 1;
            boolean whole =
                    b.operand().type().equals(call.output().type())
                            && root.type().numel() == v.type().numel();
            if (b.algorithm().equals("add")
                    && whole
                    && once
                    && !kept.contains(root)
                    && lastUse.get(root) == position) {
                List<PostOp> post = new ArrayList<>(call.postOps());
                post.set(p, new PostOp.Sum(1));
                List<Value> operands = new ArrayList<>(l.operands());
                operands.remove(operand);
                return new KernelNode.Library(
                        call.with(call.inputs(), call.output(), post),
                        operands,
                        Optional.of(v),
                        l.result(),
                        l.second(),
                        l.nodes(),
                        "");
            }
            operand++;
        }
        return l;
    }

    private static Value root(Map<Value, Value> roots, Value v) {
        return roots.getOrDefault(v, v);
    }
}
