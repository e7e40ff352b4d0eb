package org.ipex4j.ir.graph;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/** Appends nodes, inferring and checking types as it goes. */
public final class GraphBuilder {
    private final List<Input> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private int nextId;
    private Source source = Source.UNKNOWN;

    /** Nodes appended from here on carry this source. */
    public GraphBuilder at(Source source) {
        this.source = source;
        return this;
    }

    /** A fresh value that no node or input owns yet, for rewriters. */
    public Value fresh(TensorType type) {
        return new Value(nextId++, type);
    }

    public Value input(Input.Role role, String name, TensorType type) {
        Value v = fresh(type);
        inputs.add(new Input(v, role, name));
        return v;
    }

    /** Appends a call; the message of a type error ends with the source. */
    public List<Value> call(Op op, Args<Value> args) {
        List<TensorType> types;
        try {
            types = op.infer(args.map(Value::type));
        } catch (IllegalArgumentException e) {
            throw source.suffix().isEmpty()
                    ? e
                    : new IllegalArgumentException(e.getMessage() + source.suffix(), e);
        }
        List<Value> results = types.stream().map(this::fresh).toList();
        nodes.add(new Node(op, args, results, source));
        return results;
    }

    /** Appends a call of the named op with arguments as {@link Args#of} takes them. */
    public List<Value> callAll(String op, Object... args) {
        Op found = OpCatalog.get(op);
        return call(found, Args.of(found.schema(), args));
    }

    /** Like {@link #callAll} for an op with one result. */
    public Value call(String op, Object... args) {
        List<Value> results = callAll(op, args);
        if (results.size() != 1) {
            throw new IllegalArgumentException(op + " has " + results.size() + " results");
        }
        return results.getFirst();
    }

    public List<Node> nodes() {
        return List.copyOf(nodes);
    }

    public Graph build(List<Value> outputs) {
        return new Graph(inputs, nodes, outputs);
    }

    public Graph build(Value... outputs) {
        return build(List.of(outputs));
    }
}
