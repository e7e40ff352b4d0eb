package org.ipex4j.compiler.loop.expr;

import java.util.List;
import org.ipex4j.ir.graph.Value;

/** One element of a value in memory: an index per dimension of the value. */
public record Access(Value value, List<Index> at) {
    public Access {
        at = List.copyOf(at);
        if (at.size() != value.type().rank()) {
            throw new IllegalArgumentException(
                    "access with " + at.size() + " indices to " + value + ": " + value.type());
        }
    }
}
