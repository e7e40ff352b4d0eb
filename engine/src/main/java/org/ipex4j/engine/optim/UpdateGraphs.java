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
import org.ipex4j.engine.ndarray.MasterWeight;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.runtime.Tensor;

/**
 * Graphs that update several parameters at once, remembered by rules and types; their code is kept
 * like that of eager ops. Inputs: per parameter the weight, the gradient and the state, all but the
 * gradient replaced; last, all numbers in one FP32 tensor.
 *
 * <p>A weight with FP32 numbers behind it is two inputs: split, the bits of its halves; with a
 * copy, the copy and the cast weight. Its gradient may be of the weight's 16-bit type; all else is
 * FP32.
 */
final class UpdateGraphs {
    private static final int CAPACITY = 512;
    private static final UpdateGraphs SHARED = new UpdateGraphs();

    /**
     * @param type that the update computes in
     * @param low element type of the weight and its gradient
     * @param form null if nothing is behind the weight
     */
    private record Part(
            UpdateRule rule, TensorType type, DType low, DType gradient, MasterWeight.Form form) {
        TensorType of(DType dtype) {
            return new TensorType(dtype, type.sizes());
        }
    }

    private record Key(List<Part> parts, OptionalDouble maxNorm) {}

    record Made(Graph graph, List<Write> writes) {}

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
     * @param fused as generated kernels; otherwise op by op
     */
    void run(List<Update> updates, OptionalDouble maxNorm, boolean fused) {
        if (updates.isEmpty()) {
            return;
        }
        Made made = get(updates, maxNorm);
        List<Tensor> inputs = new ArrayList<>();
        int numbers = 0;
        List<Tensor> halves = new ArrayList<>();
        for (Update u : updates) {
            switch (u.form()) {
                case null -> inputs.add(u.weight());
                case SPLIT -> {
                    Tensor top = u.weight().bits(DType.INT16);
                    halves.add(top);
                    inputs.add(top);
                    inputs.add(u.master().rest(u.weight()));
                }
                default -> {
                    inputs.add(u.master().rest(u.weight()));
                    inputs.add(u.weight());
                }
            }
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
            Tensor[] all = inputs.toArray(Tensor[]::new);
            if (fused) {
                TensorOps.update(made.graph, made.writes, all);
            } else {
                TensorOps.updateOpByOp(made.graph, made.writes, all);
            }
        } finally {
            halves.forEach(Tensor::close);
        }
        for (Update u : updates) {
            if (u.master() != null) {
                u.master().updated(u.weight());
            }
        }
    }

    /** The graph that does these updates together. */
    Made get(List<Update> updates, OptionalDouble maxNorm) {
        List<Part> parts = new ArrayList<>();
        for (Update u : updates) {
            parts.add(
                    new Part(
                            u.rule(),
                            u.type(),
                            u.weight().dtype(),
                            u.gradient().dtype(),
                            u.form()));
        }
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
        List<Value> replaced = new ArrayList<>();
        int count = 0;
        for (int i = 0; i < key.parts.size(); i++) {
            Part p = key.parts.get(i);
            weights.add(weight(g, e, p, i, replaced));
            Value gradient = g.input(Role.ARGUMENT, "gradient" + i, p.of(p.gradient));
            gradients.add(e.cast(gradient, p.type.dtype()));
            List<Value> state = new ArrayList<>();
            for (String slot : p.rule.state()) {
                state.add(g.input(Role.ARGUMENT, slot + i, p.type));
            }
            states.add(state);
            replaced.addAll(state);
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
        List<UpdateRule.Updated> updated = UpdateGraph.append(e, entries, key.maxNorm);
        for (int i = 0; i < updated.size(); i++) {
            UpdateRule.Updated u = updated.get(i);
            Part p = key.parts.get(i);
            switch (p.form) {
                case null -> outputs.add(u.parameter());
                case SPLIT -> {
                    outputs.add(e.call("ipex.bfloat16_top", u.parameter()));
                    outputs.add(e.call("ipex.bfloat16_trail", u.parameter()));
                }
                default -> {
                    outputs.add(u.parameter());
                    outputs.add(e.cast(u.parameter(), p.low));
                }
            }
            outputs.addAll(u.state());
        }
        Graph graph = g.build(outputs);
        List<Value> inputs = graph.inputs().stream().map(Input::value).toList();
        List<Write> writes = new ArrayList<>();
        replaced.forEach(v -> writes.add(new Write(writes.size(), inputs.indexOf(v))));
        return new Made(graph, List.copyOf(writes));
    }

    /** The parameter's FP32 numbers; notes the inputs that the update replaces. */
    private static Value weight(GraphBuilder g, Emitter e, Part p, int i, List<Value> replaced) {
        if (p.form == null) {
            Value weight = g.input(Role.ARGUMENT, "weight" + i, p.type);
            replaced.add(weight);
            return weight;
        }
        if (p.form == MasterWeight.Form.SPLIT) {
            Value top = g.input(Role.ARGUMENT, "top" + i, p.of(DType.INT16));
            Value trail = g.input(Role.ARGUMENT, "trail" + i, p.of(DType.INT16));
            replaced.add(top);
            replaced.add(trail);
            return e.call("ipex.join_bfloat16", top, trail);
        }
        Value master = g.input(Role.ARGUMENT, "master" + i, p.type);
        replaced.add(master);
        replaced.add(g.input(Role.ARGUMENT, "weight" + i, p.of(p.low)));
        return master;
    }
}
