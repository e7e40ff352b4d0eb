package org.ipex4j.compiler.loop.nest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Index;

/**
 * One loop nest: for every index of the kept dimensions, reductions over the reduced ones and
 * stores.
 *
 * @param scan true if {@code reductions} are running values along the one reduced dimension
 */
public record Nest(Domain domain, List<Reduction> reductions, List<Store> stores, boolean scan) {
    public Nest {
        reductions = List.copyOf(reductions);
        stores = List.copyOf(stores);
    }

    /** All expressions that the nest evaluates, arguments before users. */
    public List<Expr> expressions() {
        Set<Expr> seen = new HashSet<>();
        for (Reduction r : reductions) {
            r.operands().forEach(e -> collect(e, seen));
        }
        stores.forEach(s -> collect(s.value(), seen));
        List<Expr> out = new ArrayList<>(seen);
        out.sort(Comparator.comparingInt(Expr::id));
        return out;
    }

    private static void collect(Expr e, Set<Expr> seen) {
        if (!seen.add(e)) {
            return;
        }
        e.args().forEach(a -> collect(a, seen));
        if (e.op() == ExprOp.LOAD) {
            for (Index i : e.access().at()) {
                if (i instanceof Index.Dynamic(Expr d)) {
                    collect(d, seen);
                }
            }
        }
    }

    /** How many reductions must be complete, one after another, before the expression is known. */
    public int depth(Expr e) {
        int depth = 0;
        for (Reduction r : reductions) {
            if ((e.reductions() >> r.id() & 1) != 0) {
                depth = Math.max(depth, depth(r));
            }
        }
        return depth;
    }

    /** 1 for a reduction over data, more if it needs results of others. */
    public int depth(Reduction r) {
        int depth = 1;
        for (Expr e : r.operands()) {
            depth = Math.max(depth, 1 + depth(e));
        }
        return depth;
    }

    /** Rough vector instructions times iterations of everything computed. */
    public double computeCost() {
        double cost = 0;
        for (Expr e : expressions()) {
            cost += e.op().cost() * domain.iterations(e.dims());
        }
        return cost + reductions.size() * domain.iterations(domain.allDims());
    }
}
