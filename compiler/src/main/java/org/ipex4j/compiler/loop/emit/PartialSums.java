package org.ipex4j.compiler.loop.emit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.ipex4j.compiler.loop.emit.NestEmitter.ReducedRefPart;
import org.ipex4j.compiler.loop.expr.ReducedRef;
import org.ipex4j.compiler.loop.nest.ReduceKind;
import org.ipex4j.compiler.loop.nest.Reduction;

/**
 * Sums of a stretch of the innermost loop, which then join the sums of all: the rounding errors of
 * a long sum grow with the number of its terms, those of a sum of sums with its root (N. J. Higham,
 * The accuracy of floating point summation, 1993).
 */
final class PartialSums {
    private final List<Reduction> sums;
    private final Map<ReducedRefPart, String> totals;
    private final Map<ReducedRefPart, String> places;
    private final int parts;
    private final int width;
    private final Values values;
    private final Reducers reducers;

    /**
     * @param reductions of which the floating sums are meant; the others go on as they are
     * @param totals where each reduction comes together, for each of {@code parts} vectors
     * @param alloca makes room for a value of a type
     */
    PartialSums(
            List<Reduction> reductions,
            Map<ReducedRefPart, String> totals,
            int parts,
            int width,
            Values values,
            UnaryOperator<String> alloca) {
        this.sums =
                reductions.stream()
                        .filter(r -> r.kind() == ReduceKind.SUM)
                        .filter(r -> r.value().type().isFloating())
                        .toList();
        this.totals = totals;
        this.places = new HashMap<>(totals);
        this.parts = parts;
        this.width = width;
        this.values = values;
        this.reducers = new Reducers(values);
        for (Reduction r : sums) {
            for (int p = 0; p < parts; p++) {
                places.put(key(r, p), alloca.apply(type(r)));
            }
        }
    }

    private static ReducedRefPart key(Reduction r, int part) {
        return new ReducedRefPart(new ReducedRef(r.id(), 0), part);
    }

    private String type(Reduction r) {
        return Types.vector(Types.compute(r.value().type()), width);
    }

    boolean isEmpty() {
        return sums.isEmpty();
    }

    /** Where elements are added. */
    Map<ReducedRefPart, String> places() {
        return places;
    }

    /** A stretch begins. */
    void begin() {
        for (Reduction r : sums) {
            for (int p = 0; p < parts; p++) {
                store(r, reducers.identity(r, 0, width), places.get(key(r, p)));
            }
        }
    }

    /** A stretch ends: its sums join the totals. */
    void end() {
        for (Reduction r : sums) {
            for (int p = 0; p < parts; p++) {
                String load = "load " + type(r) + ", ptr ";
                String total = values.def(load + totals.get(key(r, p)));
                String part = values.def(load + places.get(key(r, p)));
                List<String> sum = reducers.combine(r, List.of(total), List.of(part), width);
                store(r, sum.getFirst(), totals.get(key(r, p)));
            }
        }
    }

    private void store(Reduction r, String value, String place) {
        values.line("store " + type(r) + " " + value + ", ptr " + place);
    }
}
