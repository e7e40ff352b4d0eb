package org.ipex4j.compiler.loop.nest;

import java.util.List;
import org.ipex4j.compiler.loop.expr.Expr;

/**
 * A reduction over all reduced dimensions of the nest, or a scan along its one reduced dimension.
 *
 * @param id position in the nest's list, bit in {@link Expr#reductions()}
 * @param operands the element; for arg-reductions the element and its index
 */
public record Reduction(int id, ReduceKind kind, List<Expr> operands) {
    public Expr value() {
        return operands.getFirst();
    }
}
