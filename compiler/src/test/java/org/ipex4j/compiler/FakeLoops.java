package org.ipex4j.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions.FloatMode;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.ir.plan.Target;

/**
 * Groups chains of pointwise nodes; its "code" is the group itself, for {@link PlanInterpreter} to
 * evaluate.
 */
final class FakeLoops implements LoopBackend {
    final Map<String, LoopGroup> groups = new HashMap<>();

    @Override
    public List<LoopGroup> group(Graph graph, Set<Node> loops, Phases phases) {
        Set<Value> invariant = graph.invariantValues();
        List<Node> nodes = graph.nodes().stream().filter(loops::contains).toList();
        List<List<Node>> parts = new ArrayList<>();
        Map<Value, List<Node>> partOf = new HashMap<>();
        for (Node n : nodes) {
            List<Node> chain =
                    n.op().is(Trait.POINTWISE) && !n.operands().isEmpty()
                            ? partOf.get(n.operands().getFirst())
                            : null;
            boolean joins =
                    chain != null
                            && chain.getLast().results().getFirst().equals(n.operands().getFirst())
                            && chain.getLast().op().is(Trait.POINTWISE)
                            && graph.users(n.operands().getFirst()).size() == 1
                            && invariant.contains(n.results().getFirst())
                                    == invariant.contains(n.operands().getFirst());
            if (!joins) {
                chain = new ArrayList<>();
                parts.add(chain);
            }
            chain.add(n);
            for (Value r : n.results()) {
                partOf.put(r, chain);
            }
        }
        return parts.stream().map(p -> make(graph, p)).toList();
    }

    private static LoopGroup make(Graph graph, List<Node> nodes) {
        Set<Value> made = new HashSet<>();
        nodes.forEach(n -> made.addAll(n.results()));
        Set<Value> inputs = new LinkedHashSet<>();
        List<Value> outputs = new ArrayList<>();
        for (Node n : nodes) {
            n.operands().stream().filter(v -> !made.contains(v)).forEach(inputs::add);
            for (Value r : n.results()) {
                if (graph.isOutput(r)
                        || graph.users(r).stream().anyMatch(u -> !nodes.contains(u))
                        || n == nodes.getLast()) {
                    outputs.add(r);
                }
            }
        }
        return new LoopGroup(nodes, List.copyOf(inputs), outputs);
    }

    @Override
    public LoopKernel compile(
            LoopGroup group, Map<Value, BufferType> layouts, Target target, FloatMode floatMode) {
        Map<Value, Integer> number = new HashMap<>();
        StringBuilder text = new StringBuilder();
        for (Value v : group.inputs()) {
            number.put(v, number.size());
            text.append(layouts.get(v)).append(';');
        }
        for (Node n : group.nodes()) {
            n.results().forEach(r -> number.put(r, number.size()));
            text.append(n.op()).append(n.args().map(number::get).values()).append(';');
        }
        group.outputs().forEach(o -> text.append(number.get(o)).append(layouts.get(o)));
        String symbol = "fake_" + Integer.toHexString(text.toString().hashCode());
        groups.put(symbol, group);
        List<Value> buffers = new ArrayList<>(group.inputs());
        buffers.addAll(group.outputs());
        return new LoopKernel(
                new CodeUnit(symbol, ""),
                buffers,
                new long[0],
                1,
                group.nodes().size() > 2 ? 100 : 0);
    }
}
