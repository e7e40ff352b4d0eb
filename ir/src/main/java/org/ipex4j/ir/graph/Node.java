package org.ipex4j.ir.graph;

import java.util.List;
import java.util.stream.Collectors;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/** One op call of a graph. Nodes are compared by identity of their results, which are unique. */
public record Node(Op op, Args<Value> args, List<Value> results, Source source) {
    public Node {
        results = List.copyOf(results);
    }

    /** The only result. */
    public Value result() {
        if (results.size() != 1) {
            throw new IllegalStateException(op + " has " + results.size() + " results");
        }
        return results.getFirst();
    }

    /** The tensor operands, in argument order (an operand used twice appears twice). */
    public List<Value> operands() {
        return args.allTensors();
    }

    public Args<TensorType> argTypes() {
        return args.map(Value::type);
    }

    public boolean is(String opName) {
        return op.name().equals(opName);
    }

    @Override
    public String toString() {
        String left = results.stream().map(Value::toString).collect(Collectors.joining(", "));
        return left + " = " + op + operands();
    }
}
