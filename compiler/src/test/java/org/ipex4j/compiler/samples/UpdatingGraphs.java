package org.ipex4j.compiler.samples;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Source;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/** Random graphs made to replace some of their inputs, in every way that needs care. */
public final class UpdatingGraphs {
    private final List<Input> inputs;
    private final List<Node> nodes;
    private final List<Value> outputs;
    private final List<Write> writes = new ArrayList<>();
    private int next;

    /** A graph, and which of its outputs replace inputs. */
    public record Updating(Graph graph, List<Write> writes) {}

    private UpdatingGraphs(Graph graph) {
        inputs = new ArrayList<>(graph.inputs());
        nodes = new ArrayList<>(graph.nodes());
        outputs = new ArrayList<>(graph.outputs());
        inputs.forEach(in -> next = Math.max(next, in.value().id() + 1));
        nodes.forEach(n -> n.results().forEach(r -> next = Math.max(next, r.id() + 1)));
    }

    /**
     * The graph with its outputs written into inputs of their type where there are any, and added
     * onto new inputs (arguments and parameters in turn); the old values of some of those, and
     * views of them, are returned too.
     */
    public static Updating of(Graph graph) {
        return new UpdatingGraphs(graph).make();
    }

    private Updating make() {
        int computed = outputs.size();
        for (int i = 0; i < computed; i++) {
            Value o = outputs.get(i);
            for (int k = 0; k < inputs.size(); k++) {
                if (inputs.get(k).value().type().equals(o.type()) && !written(k)) {
                    writes.add(new Write(i, k));
                    break;
                }
            }
            Input.Role role = i % 2 == 0 ? Input.Role.ARGUMENT : Input.Role.PARAMETER;
            Input state = new Input(new Value(next++, o.type()), role, "state" + i);
            inputs.add(state);
            Value half = call("aten.mul.Scalar", state.value(), 0.5);
            outputs.add(call("aten.add.Tensor", half, o));
            writes.add(new Write(outputs.size() - 1, inputs.size() - 1));
            if (i % 3 == 0) {
                outputs.add(state.value());
            }
            if (i % 3 == 1 && o.type().numel() > 0 && o.type().rank() > 0) {
                outputs.add(call("aten.select.int", state.value(), 0L, 0L));
            }
        }
        // Two of one type change places.
        for (int a = 0; a < inputs.size(); a++) {
            for (int b = a + 1; b < inputs.size(); b++) {
                Value x = inputs.get(a).value();
                Value y = inputs.get(b).value();
                if (x.type().equals(y.type()) && !written(a) && !written(b)) {
                    outputs.add(y);
                    writes.add(new Write(outputs.size() - 1, a));
                    outputs.add(x);
                    writes.add(new Write(outputs.size() - 1, b));
                }
            }
        }
        return new Updating(new Graph(inputs, nodes, outputs), List.copyOf(writes));
    }

    private boolean written(int input) {
        return writes.stream().anyMatch(w -> w.input() == input);
    }

    private Value call(String name, Object... args) {
        Op op = OpCatalog.get(name);
        Args<Value> a = Args.of(op.schema(), args);
        Value result = new Value(next++, op.infer(a.map(Value::type)).getFirst());
        nodes.add(new Node(op, a, List.of(result), Source.UNKNOWN));
        return result;
    }
}
