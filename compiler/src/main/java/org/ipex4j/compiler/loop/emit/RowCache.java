package org.ipex4j.compiler.loop.emit;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.schedule.Loop;
import org.ipex4j.compiler.loop.schedule.Schedule;
import org.ipex4j.ir.DType;

/**
 * Keeps what is costly to compute and needed by several passes over a row (the exponentials of a
 * softmax) in a buffer on the stack. Only where the row is one vectorised loop and fits the
 * first-level cache.
 */
final class RowCache {
    /** Longest row kept, in elements. */
    private static final long MAX_ROW = 4096;

    /** Cheaper expressions are computed again, in vector instructions. */
    private static final int WORTH = 10;

    private final NestEmitter nest;
    private final Map<Expr, Integer> firstStage = new HashMap<>();
    private final Map<Expr, String> buffers = new HashMap<>();
    private int stage;

    RowCache(NestEmitter nest) {
        this.nest = nest;
    }

    /**
     * Decides what to keep. {@code stages} holds what each pass computes. Starts the first pass.
     */
    void plan(List<List<Expr>> stages) {
        stage = 0;
        Schedule s = nest.schedule();
        Loop v = s.vector();
        if (!s.vectorReduced()
                || !s.inner().isEmpty()
                || v.size() > MAX_ROW
                || !firstStage.isEmpty()) {
            return;
        }
        Map<Expr, Integer> seen = new HashMap<>();
        for (int k = 0; k < stages.size(); k++) {
            Set<Expr> visited = new HashSet<>();
            for (Expr e : stages.get(k)) {
                visit(e, k, seen, visited);
            }
            for (Expr e : visited) {
                seen.putIfAbsent(e, k);
            }
        }
    }

    /** Walks what a pass computes, not into what earlier passes can hand over. */
    private void visit(Expr e, int k, Map<Expr, Integer> seen, Set<Expr> visited) {
        if ((nest.schedule().loops(e.dims()) >> nest.schedule().vector().id() & 1) == 0
                || !visited.add(e)) {
            return;
        }
        Integer first = seen.get(e);
        boolean real = e.type() == DType.FLOAT32 || e.type() == DType.FLOAT64;
        if (first != null && first < k && real && cost(e, new HashSet<>()) >= WORTH) {
            firstStage.merge(e, first, Math::min);
            return;
        }
        e.args().forEach(a -> visit(a, k, seen, visited));
    }

    private int cost(Expr e, Set<Expr> counted) {
        if (!counted.add(e)
                || (nest.schedule().loops(e.dims()) >> nest.schedule().vector().id() & 1) == 0) {
            return 0;
        }
        int cost = e.op().cost();
        for (Expr a : e.args()) {
            cost += cost(a, counted);
        }
        return cost;
    }

    void nextStage() {
        stage++;
    }

    /**
     * The value from the buffer if an earlier pass put it there; else computed, and put there for
     * later ones.
     */
    String around(Expr e, int part, Supplier<String> compute) {
        Integer first = firstStage.get(e);
        if (first == null) {
            return compute.get();
        }
        String type = Types.vector(Types.compute(e.type()), nest.width());
        String buffer = buffers.computeIfAbsent(e, k -> nest.rowBuffer(e.type()));
        if (stage > first) {
            return nest.values()
                    .def(
                            "load "
                                    + type
                                    + ", ptr "
                                    + place(e, buffer, part)
                                    + ", align "
                                    + e.type().byteSize());
        }
        String x = compute.get();
        nest.values()
                .line(
                        "store "
                                + type
                                + " "
                                + x
                                + ", ptr "
                                + place(e, buffer, part)
                                + ", align "
                                + e.type().byteSize());
        return x;
    }

    private String place(Expr e, String buffer, int part) {
        String at = nest.current().vectorIndex;
        String i =
                part == 0
                        ? at
                        : nest.values().def("add i64 " + at + ", " + (long) part * nest.width());
        return nest.values()
                .def("getelementptr " + Types.compute(e.type()) + ", ptr " + buffer + ", i64 " + i);
    }
}
