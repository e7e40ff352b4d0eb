package org.ipex4j.engine.capture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.engine.Backend;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.runtime.Tensor;

/**
 * Runs the captured graph op by op, each as an eager call would: to tell faults of capture from
 * faults of compilation.
 */
public class EagerBackend implements Backend {
    @Override
    public String name() {
        return "eager";
    }

    @Override
    public CompiledFunction compile(Graph graph, Request request) {
        return new OpByOp(graph);
    }

    private static final class OpByOp implements CompiledFunction {
        private final Graph graph;

        /** For each node, the values no later node reads. */
        private final List<List<Value>> dead = new ArrayList<>();

        OpByOp(Graph graph) {
            this.graph = graph;
            Map<Value, Integer> last = new HashMap<>();
            for (int i = 0; i < graph.nodes().size(); i++) {
                dead.add(new ArrayList<>());
                for (Value r : graph.nodes().get(i).results()) {
                    last.put(r, i);
                }
                for (Value v : graph.nodes().get(i).operands()) {
                    if (last.containsKey(v)) {
                        last.put(v, i);
                    }
                }
            }
            last.forEach(
                    (v, i) -> {
                        if (!graph.isOutput(v)) {
                            dead.get(i).add(v);
                        }
                    });
        }

        @Override
        public Tensor[] run(Tensor[] inputs) {
            Map<Value, Tensor> live = new HashMap<>();
            Map<Value, Tensor> made = new HashMap<>();
            for (int i = 0; i < inputs.length; i++) {
                live.put(graph.inputs().get(i).value(), inputs[i]);
            }
            try {
                for (int i = 0; i < graph.nodes().size(); i++) {
                    Node n = graph.nodes().get(i);
                    Tensor[] results = OpRunner.run(n.op(), n.args().map(live::get));
                    for (int r = 0; r < results.length; r++) {
                        live.put(n.results().get(r), results[r]);
                        made.put(n.results().get(r), results[r]);
                    }
                    for (Value v : dead.get(i)) {
                        made.remove(v).close();
                    }
                }
                return graph.outputs().stream()
                        .map(v -> live.get(v).alias())
                        .toArray(Tensor[]::new);
            } finally {
                made.values().forEach(Tensor::close);
            }
        }

        @Override
        public void close() {
            // Holds nothing but the graph.
        }
    }
}
