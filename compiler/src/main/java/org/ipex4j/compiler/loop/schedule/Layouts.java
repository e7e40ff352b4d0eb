package org.ipex4j.compiler.loop.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.loop.expr.Access;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.compiler.loop.nest.Domain;
import org.ipex4j.compiler.loop.nest.Nest;
import org.ipex4j.compiler.loop.nest.Store;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;

/**
 * Turns accesses by logical position into strides over the domain, through the buffers' layouts.
 */
final class Layouts {
    /** An access in domain terms, before loops are chosen. */
    record Raw(
            Access access,
            boolean store,
            int buffer,
            BufferType type,
            long offset,
            long[] strides,
            List<Address.Dynamic> dynamic) {}

    private Layouts() {}

    /**
     * Block sizes, by logical dimension, that the domain must be split by to reach blocked buffers.
     */
    static Map<Integer, Integer> splits(Nest nest, Map<Value, BufferType> types) {
        Map<Integer, Integer> out = new HashMap<>();
        Domain domain = nest.domain();
        for (Access a : accesses(nest).keySet()) {
            Layout layout = types.get(a.value()).layout();
            for (int d = 0; d < a.at().size(); d++) {
                int block = Math.toIntExact(layout.blockOf(d));
                if (block > 1 && a.at().get(d) instanceof Index.Affine i) {
                    for (Index.Term t : i.terms()) {
                        Domain.Dim dim = domain.dims().get(t.dim());
                        if (t.coefficient() % block != 0) {
                            if (dim.size() % block != 0) {
                                throw new IllegalArgumentException(
                                        "a blocked layout "
                                                + layout
                                                + " of sizes "
                                                + a.value().type().sizes()
                                                + ": blocks of "
                                                + block
                                                + " must divide "
                                                + dim.size());
                            }
                            out.merge(dim.logical(), block, Math::max);
                        }
                    }
                }
            }
        }
        return out;
    }

    /** Every access of the nest: true for stores. */
    static Map<Access, Boolean> accesses(Nest nest) {
        Map<Access, Boolean> out = new java.util.LinkedHashMap<>();
        for (Expr e : nest.expressions()) {
            if (e.op() == ExprOp.LOAD) {
                out.put(e.access(), false);
            }
        }
        for (Store s : nest.stores()) {
            out.put(s.to(), true);
        }
        return out;
    }

    static Raw resolve(Access access, boolean store, int buffer, BufferType type, Domain domain) {
        Layout layout = type.layout();
        int rank = access.at().size();
        long[] inner = new long[rank];
        int[] block = new int[rank];
        long step = 1;
        for (int i = layout.innerBlocks().length - 1; i >= 0; i--) {
            int d = layout.innerDims()[i];
            if (block[d] != 0) {
                throw new IllegalArgumentException(
                        "layout " + layout + " has two blocks on one dimension");
            }
            block[d] = layout.innerBlocks()[i];
            inner[d] = step;
            step *= block[d];
        }
        long offset = 0;
        long[] strides = new long[domain.dims().size()];
        List<Address.Dynamic> dynamic = new ArrayList<>();
        for (int d = 0; d < rank; d++) {
            long outer = layout.strides()[d];
            switch (access.at().get(d)) {
                case Index.Dynamic(Expr e) -> {
                    if (block[d] != 0) {
                        throw new IllegalArgumentException(
                                "a position from data in a blocked dimension of "
                                        + access.value()
                                        + ": "
                                        + layout);
                    }
                    dynamic.add(new Address.Dynamic(e, outer));
                }
                case Index.Affine a -> {
                    if (block[d] == 0) {
                        offset += a.constant() * outer;
                        a.terms().forEach(t -> strides[t.dim()] += t.coefficient() * outer);
                        continue;
                    }
                    int b = block[d];
                    if (Math.floorMod(a.constant(), b) != 0
                            && a.terms().stream().anyMatch(t -> t.coefficient() % b != 0)) {
                        throw new IllegalArgumentException(
                                "an unaligned slice of a blocked dimension: " + layout);
                    }
                    offset +=
                            Math.floorDiv(a.constant(), b) * outer
                                    + Math.floorMod(a.constant(), b) * inner[d];
                    for (Index.Term t : a.terms()) {
                        boolean whole = t.coefficient() % b == 0;
                        if (!whole
                                && (t.coefficient() != 1
                                        || domain.dims().get(t.dim()).size() > b)) {
                            throw new IllegalArgumentException(
                                    "a strided read of a blocked dimension: " + layout);
                        }
                        strides[t.dim()] += whole ? t.coefficient() / b * outer : inner[d];
                    }
                }
            }
        }
        return new Raw(access, store, buffer, type, offset, strides, dynamic);
    }
}
