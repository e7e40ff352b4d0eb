package org.ipex4j.compiler.loop.lower;

import java.util.List;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.ir.graph.Node;

/** How one op computes an element of a result. */
@FunctionalInterface
public interface Lowering {
    /**
     * The element of result {@code result} at the given position, in the compute type of its dtype.
     *
     * @param at one index per dimension of the result
     */
    Expr lower(NestBuilder b, Node n, int result, List<Index> at);
}
