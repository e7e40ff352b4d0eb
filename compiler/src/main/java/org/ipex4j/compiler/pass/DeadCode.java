package org.ipex4j.compiler.pass;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;

/** Drops nodes whose results nobody reads; mutations stay. */
public final class DeadCode implements Pass {
    @Override
    public String name() {
        return "dce";
    }

    @Override
    public Graph run(Graph graph) {
        Set<Value> live = new HashSet<>(graph.outputs());
        List<Node> kept = new ArrayList<>();
        for (Node node : graph.nodes().reversed()) {
            if (node.op().is(Trait.MUTATION) || node.results().stream().anyMatch(live::contains)) {
                kept.add(node);
                live.addAll(node.operands());
            }
        }
        return kept.size() == graph.nodes().size()
                ? graph
                : new Graph(graph.inputs(), kept.reversed(), graph.outputs());
    }
}
