package org.ipex4j.compiler.loop.schedule;

import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.loop.expr.Access;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.compiler.loop.nest.Nest;

/**
 * A nest with its loops decided. Work items are the iterations of {@code outer} times blocks of the
 * vectorised loop if that is a kept one.
 *
 * @param outer kept loops, outermost first, without the vectorised one
 * @param inner reduced loops, outermost first, without the vectorised one
 * @param vector the vectorised loop, kept or reduced; null if nothing is vectorised
 * @param vectorBlock iterations of the vectorised loop in one work item, if it is kept
 * @param blockOutside true if blocks of the vectorised loop vary slower than the last outer loop,
 *     so that cache lines of transposed operands are used whole
 * @param loopOf per domain dimension the loop that holds it, -1 for size 1
 * @param affine index expressions over loops instead of domain dimensions
 */
public record Schedule(
        Nest nest,
        List<Loop> loops,
        List<Loop> outer,
        List<Loop> inner,
        Loop vector,
        long vectorBlock,
        boolean blockOutside,
        int[] loopOf,
        Map<Access, Address> addresses,
        Map<Index.Affine, long[]> affine,
        double cost) {

    /** Bit set of loops for a bit set of domain dimensions. */
    public long loops(long dims) {
        long bits = 0;
        for (int d = 0; d < loopOf.length; d++) {
            if ((dims >> d & 1) != 0 && loopOf[d] >= 0) {
                bits |= 1L << loopOf[d];
            }
        }
        return bits;
    }

    public boolean vectorKept() {
        return vector != null && !vector.reduced();
    }

    public boolean vectorReduced() {
        return vector != null && vector.reduced();
    }

    /** True without any iteration of the kept loops. */
    public boolean isEmpty() {
        return loops.stream().anyMatch(l -> !l.reduced() && l.size() == 0);
    }
}
