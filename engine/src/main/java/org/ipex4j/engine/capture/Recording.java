package org.ipex4j.engine.capture;

import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Source;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.runtime.Tensor;

/**
 * The op calls of one forward in order, with where each value comes from and, once it has been
 * computed, its numbers. Owns those numbers: {@link #close} frees them.
 */
final class Recording implements AutoCloseable {
    /** Where a value comes from. */
    sealed interface Origin {
        /** The forward's i-th input. */
        record Argument(int index, String name) implements Origin {}

        /** A parameter of the model. */
        record OfParameter(Parameter parameter, String name) implements Origin {}

        /** Numbers that the forward makes itself, the same at each call. */
        record Constant(String name) implements Origin {}

        /**
         * Numbers that Java code brought in, perhaps others at the next call.
         *
         * @param version of the tensor when it was met, if it still is Java code's; else -1
         */
        record Outside(String name, long version) implements Origin {}

        /** The result of a node. */
        record Result(int node) implements Origin {}
    }

    private final List<Value> values = new ArrayList<>();
    private final List<Origin> origins = new ArrayList<>();
    private final List<Tensor> numbers = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Tensor> owned = new ArrayList<>();

    private Value value(TensorType type, Origin origin) {
        Value v = new Value(values.size(), type);
        values.add(v);
        origins.add(origin);
        numbers.add(null);
        return v;
    }

    /** A value that no node computes. */
    Value input(TensorType type, Origin origin) {
        return value(type, origin);
    }

    /** Appends a call; a type error ends with where it was made, which is only found out then. */
    List<Value> call(Op op, Args<Value> args, Source source) {
        List<TensorType> types = op.infer(args.map(Value::type));
        int index = nodes.size();
        List<Value> results = new ArrayList<>(types.size());
        for (TensorType t : types) {
            results.add(value(t, new Origin.Result(index)));
        }
        nodes.add(new Node(op, args, results, source));
        return results;
    }

    int size() {
        return nodes.size();
    }

    Node node(int index) {
        return nodes.get(index);
    }

    List<Node> nodes(int from, int to) {
        return nodes.subList(from, to);
    }

    Origin origin(Value v) {
        return origins.get(v.id());
    }

    /** The numbers of a value, or null if they are not computed yet. */
    Tensor numbers(Value v) {
        return numbers.get(v.id());
    }

    /** Sets the numbers of a value; the tensor stays the caller's. */
    void lend(Value v, Tensor tensor) {
        numbers.set(v.id(), tensor);
    }

    /** Sets the numbers of a value; the recording closes the tensor at its end. */
    void own(Value v, Tensor tensor) {
        owned.add(tensor);
        numbers.set(v.id(), tensor);
    }

    /** Computes a value and what it depends on, op by op, where not done yet. */
    Tensor force(Value v, Function<Parameter, Tensor> parameters) {
        Tensor known = numbers(v);
        if (known != null) {
            if (origin(v) instanceof Origin.Outside(String name, long version)
                    && version >= 0
                    && known.version() != version) {
                throw new IllegalStateException(
                        "an array "
                                + v.type()
                                + " made outside the forward was changed in place after a traced op had read it: change it"
                                + " before the forward, or make it a parameter of the block");
            }
            return known;
        }
        switch (origin(v)) {
            case Origin.OfParameter p -> lend(v, parameters.apply(p.parameter()));
            case Origin.Result r -> run(r.node(), parameters);
            case Origin.Argument a -> throw new IllegalStateException("no numbers for " + a);
            case Origin.Constant c -> throw new IllegalStateException("no numbers for " + c);
            case Origin.Outside o -> throw new IllegalStateException("no numbers for " + o);
        }
        return numbers(v);
    }

    /** True if a value depends on constants alone. */
    boolean isFixed(Value v) {
        return switch (origin(v)) {
            case Origin.Constant c -> true;
            case Origin.Result(int node) ->
                    nodes.get(node).operands().stream().allMatch(this::isFixed);
            case Origin.Argument a -> false;
            case Origin.OfParameter p -> false;
            case Origin.Outside o -> false;
        };
    }

    /** Runs one node; its operands are computed first where needed. */
    void run(int index, Function<Parameter, Tensor> parameters) {
        Node node = nodes.get(index);
        if (node.results().stream().allMatch(r -> numbers(r) != null)) {
            return;
        }
        Tensor[] results = OpRunner.run(node.op(), node.args().map(v -> force(v, parameters)));
        for (int i = 0; i < results.length; i++) {
            own(node.results().get(i), results[i]);
        }
    }

    /** How many values there are. */
    int values() {
        return values.size();
    }

    /** Hands the ownership of a value's numbers to the caller. */
    Tensor release(Value v) {
        Tensor t = numbers(v);
        owned.removeIf(o -> o == t);
        return t;
    }

    @Override
    public void close() {
        owned.forEach(Tensor::close);
        owned.clear();
    }
}
