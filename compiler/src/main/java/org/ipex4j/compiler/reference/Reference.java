package org.ipex4j.compiler.reference;

import java.util.List;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** What an op computes. */
@FunctionalInterface
public interface Reference {
    /**
     * The results of a call whose types have been checked.
     *
     * @param types the result types the op's rule infers, which the results must have; empty for
     *     ops whose sizes depend on the data
     */
    List<RefTensor> evaluate(Args<RefTensor> args, List<TensorType> types);
}
