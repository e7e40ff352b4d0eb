package org.ipex4j.compiler.autodiff;

import java.util.List;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/** How gradients flow back through one op: builds ordinary graph ops. */
@FunctionalInterface
public interface Derivative {
    /** No gradient flows: the op is constant almost everywhere, or cuts the graph. */
    Derivative ZERO =
            (call, grads, e) -> java.util.Collections.nCopies(call.needs().length, (Value) null);

    /**
     * The gradients of the operands.
     *
     * @param grads of the results, one per result; null where none flows, never all null
     * @return one per tensor operand, in the order of {@link org.ipex4j.ir.op.Args#allTensors},
     *     each of its operand's type; null where no gradient flows or none is needed
     */
    List<Value> apply(ForwardCall call, List<Value> grads, Emitter e);
}
