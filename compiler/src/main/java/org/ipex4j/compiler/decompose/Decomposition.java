package org.ipex4j.compiler.decompose;

import java.util.List;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/** Expresses a call by simpler ops. */
@FunctionalInterface
public interface Decomposition {
    /** The values in place of the call's results; null if this call stays as it is. */
    List<Value> apply(Args<Value> args, Emitter out);
}
