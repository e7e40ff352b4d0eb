package org.ipex4j.compiler.pass;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphRewriter;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.Trait;

/**
 * Computes equal calls once: same op, same arguments. Random draws and mutations are never merged.
 */
public final class CommonSubexpressions implements Pass {
    private record Call(Op op, Args<Value> args) {}

    @Override
    public String name() {
        return "cse";
    }

    @Override
    public Graph run(Graph graph) {
        if (graph.nodes().stream().anyMatch(n -> n.op().is(Trait.MUTATION))) {
            return graph; // equal reads around a write need not be equal
        }
        Map<Call, List<Value>> seen = new HashMap<>();
        return GraphRewriter.rewrite(
                graph,
                (old, args, out) -> {
                    if (old.op().is(Trait.RANDOM)) {
                        return null;
                    }
                    return seen.computeIfAbsent(
                            new Call(old.op(), args), c -> out.call(old.op(), args));
                });
    }
}
