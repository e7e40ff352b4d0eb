package org.ipex4j.compiler.autodiff;

import java.util.List;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/**
 * A call of the forward graph as its derivative sees it.
 *
 * @param args the operands; like the results they may be used, which saves them for backward
 * @param needs which tensor operands need a gradient, in the order of {@link Args#allTensors}
 */
public record ForwardCall(Op op, Args<Value> args, List<Value> results, boolean[] needs) {
    /** The named operand. */
    public Value in(String name) {
        return args.tensor(name);
    }

    /** The first result. */
    public Value out() {
        return results.getFirst();
    }

    /** Type of the named operand. */
    public TensorType type(String name) {
        return in(name).type();
    }

    /** Whether the named operand is given and needs a gradient. */
    public boolean needs(String name) {
        int position = 0;
        int wanted = args.schema().indexOf(name);
        for (int i = 0; i < wanted; i++) {
            position += args.values().get(i).tensors().size();
        }
        return args.optionalTensor(name).isPresent() && needs[position];
    }
}
