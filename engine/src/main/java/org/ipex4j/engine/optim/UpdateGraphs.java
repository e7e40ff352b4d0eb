package org.ipex4j.engine.optim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.compiler.optimize.UpdateGraph;
import org.ipex4j.compiler.optimize.UpdateRule;
import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.runtime.Tensor;

/**
 * Graphs that update several parameters at once, remembered by rules and types; their code is kept
 * like that of eager ops. Inputs: per parameter the weight, the gradient and the state, all but the
 * gradient replaced; last, all numbers in one FP32 tensor.
 */
final class UpdateGraphs {
    private static final int CAPACITY = 512;
    private static final UpdateGraphs SHARED = new UpdateGraphs();

    private record Part(UpdateRule rule, TensorType type) {}

    private record Key(List<Part> parts, OptionalDouble maxNorm) {}

    private record Made(Graph graph, List<Write> writes) {}

    private final Map<Key, Made> graphs =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Made> eldest) {
                    return size() > CAPACITY;
                }
            };

    private UpdateGraphs() {}

    static UpdateGraphs shared() {
        return SHARED;
    }

    /**
     * Does the updates together.
     *
     * @param maxNorm of all their gradients
     */
    void run(List<Update> updates, OptionalDouble maxNorm) {
        if (updates.isEmpty()) {
            return;
        }
        Made made = get(updates, maxNorm);
        List<Tensor> inputs = new ArrayList<>();
        int numbers = 0;
        for (Update u : updates) {
            inputs.add(u.weight());
            inputs.add(u.gradient());
            inputs.addAll(u.state());
            numbers += u.numbers().size();
        }
        try (Tensor given = Tensor.empty(TensorType.of(DType.FLOAT32, numbers))) {
            MemorySegment to = given.segment();
            int at = 0;
            for (Update u : updates) {
                for (float number : u.numbers()) {
                    to.setAtIndex(ValueLayout.JAVA_FLOAT, at++, number);
                }
            }
            inputs.add(given);
            TensorOps.update(made.graph, made.writes, inputs.toArray(Tensor[]::new));
        }
    }

    private Made get(List<Update> updates, OptionalDouble maxNorm) {
        List<Part> parts = new ArrayList<>();
        updates.forEach(u -> parts.add(new Part(u.rule(), u.weight().type())));
        synchronized (graphs) {
            return graphs.computeIfAbsent(new Key(parts, maxNorm), UpdateGraphs::build);
        }
    }

    private static Made build(Key key) {
        GraphBuilder g = new GraphBuilder();
        Emitter e = Emitter.plain(g);
        List<Value> weights = new ArrayList<>();
        List<Value> gradients = new ArrayList<>();
        List<List<Value>> states = new ArrayList<>();
        List<Write> writes = new ArrayList<>();
        int input = 0;
        int count = 0;
        for (int i = 0; i < key.parts.size(); i++) {
            Part p = key.parts.get(i);
            weights.add(g.input(Role.ARGUMENT, "weight" + i, p.type));
            writes.add(new Write(writes.size(), input++));
            gradients.add(g.input(Role.ARGUMENT, "gradient" + i, p.type));
            input++;
            List<Value> state = new ArrayList<>();
            for (String slot : p.rule.state()) {
                state.add(g.input(Role.ARGUMENT, slot + i, p.type));
                writes.add(new Write(writes.size(), input++));
            }
            states.add(state);
            count += p.rule.numbers().size();
        }
        Value all = g.input(Role.ARGUMENT, "numbers", TensorType.of(DType.FLOAT32, count));
        List<UpdateGraph.Entry> entries = new ArrayList<>();
        long at = 0;
        for (int i = 0; i < key.parts.size(); i++) {
            UpdateRule rule = key.parts.get(i).rule;
            List<Value> numbers = new ArrayList<>();
            for (int k = 0; k < rule.numbers().size(); k++) {
                numbers.add(e.call("aten.select.int", all, 0L, at++));
            }
            entries.add(
                    new UpdateGraph.Entry(
                            rule, weights.get(i), gradients.get(i), states.get(i), numbers));
        }
        List<Value> outputs = new ArrayList<>();
        for (UpdateRule.Updated u : UpdateGraph.append(e, entries, key.maxNorm)) {
            outputs.add(u.parameter());
            outputs.addAll(u.state());
        }
        return new Made(g.build(outputs), List.copyOf(writes));
    }
}
