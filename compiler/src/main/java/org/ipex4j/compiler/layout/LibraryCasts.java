package org.ipex4j.compiler.layout;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.compiler.kernel.Casts;
import org.ipex4j.compiler.kernel.KernelGraph;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.Target;

/**
 * Casts that stand alone and that library calls alone read, directly or through views: the reorder
 * into the layout that a call wants changes the type as well, so that they are no pass of their
 * own. Others stay kernels.
 */
final class LibraryCasts {
    private final Map<Value, Node> casts = new HashMap<>();

    LibraryCasts(KernelGraph graph, Target target) {
        Set<Value> others = new HashSet<>(graph.outputs());
        for (KernelNode n : graph.nodes().reversed()) {
            switch (n) {
                case KernelNode.Library l -> {}
                case KernelNode.Alias a -> {
                    if (others.contains(a.result())) {
                        others.add(a.base());
                    }
                }
                case KernelNode.Loop l -> {
                    List<Node> nodes = l.nodes();
                    if (nodes.size() == 1
                            && Casts.isCast(nodes.getFirst())
                            && nodes.getFirst().operands().stream()
                                    .allMatch(v -> target.hasLibrary(v.type().dtype()))
                            && target.hasLibrary(nodes.getFirst().result().type().dtype())
                            && !others.contains(nodes.getFirst().result())) {
                        casts.put(nodes.getFirst().result(), nodes.getFirst());
                    }
                    others.addAll(l.reads());
                }
                case KernelNode.Host h -> others.addAll(h.reads());
            }
        }
    }

    /** The cast that a node of a kernel graph is. */
    Optional<Node> of(KernelNode n) {
        return n instanceof KernelNode.Loop l && l.writes().size() == 1
                ? Optional.ofNullable(casts.get(l.writes().getFirst()))
                : Optional.empty();
    }

    /** True for the results of such casts. */
    boolean makes(Value v) {
        return casts.containsKey(v);
    }
}
