package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/** Padding by other elements of the input, dimension by dimension, joined by cat. */
final class PaddingDecompositions {
    /** The elements before or after a dimension's own. */
    @FunctionalInterface
    private interface Edge {
        Value make(Emitter e, Value x, int dim, long count, boolean before);
    }

    private PaddingDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        for (int n = 1; n <= 3; n++) {
            table.put(
                    "aten.reflection_pad" + n + "d",
                    (a, e) ->
                            List.of(
                                    pad(
                                            e,
                                            a.tensor("self"),
                                            a.integers("padding"),
                                            PaddingDecompositions::reflected)));
            table.put(
                    "aten.replication_pad" + n + "d",
                    (a, e) ->
                            List.of(
                                    pad(
                                            e,
                                            a.tensor("self"),
                                            a.integers("padding"),
                                            PaddingDecompositions::repeated)));
        }
        table.put("aten.pad", PaddingDecompositions::byMode);
    }

    private static List<Value> byMode(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        long[] pad = a.integers("pad");
        return List.of(
                switch (a.text("mode")) {
                    case "constant" ->
                            e.call(
                                    "aten.constant_pad_nd",
                                    x,
                                    pad,
                                    a.optionalReal("value").orElse(0.0));
                    case "reflect" -> pad(e, x, pad, PaddingDecompositions::reflected);
                    case "replicate" -> pad(e, x, pad, PaddingDecompositions::repeated);
                    case "circular" -> pad(e, x, pad, PaddingDecompositions::wrapped);
                    default ->
                            throw new IllegalArgumentException(
                                    "aten.pad: unknown mode '" + a.text("mode") + "'");
                });
    }

    /** Pads the last dimensions; {@code pad} counts from the last one, before and after in turn. */
    private static Value pad(Emitter e, Value x, long[] pad, Edge edge) {
        Value y = x;
        for (int i = 0; i < pad.length / 2; i++) {
            int dim = x.type().rank() - 1 - i;
            y = padDim(e, y, dim, pad[2 * i], pad[2 * i + 1], edge);
        }
        return y;
    }

    private static Value padDim(Emitter e, Value x, int dim, long before, long after, Edge edge) {
        List<Value> parts = new ArrayList<>();
        if (before > 0) {
            parts.add(edge.make(e, x, dim, before, true));
        }
        long size = x.type().sizes().get(dim);
        parts.add(
                before < 0 || after < 0
                        ? slice(e, x, dim, Math.max(0, -before), size + Math.min(0, after))
                        : x);
        if (after > 0) {
            parts.add(edge.make(e, x, dim, after, false));
        }
        return parts.size() == 1 ? parts.getFirst() : e.call("aten.cat", parts, (long) dim);
    }

    /** Mirrored, the edge element itself left out. */
    private static Value reflected(Emitter e, Value x, int dim, long count, boolean before) {
        long size = x.type().sizes().get(dim);
        Value part =
                before
                        ? slice(e, x, dim, 1, 1 + count)
                        : slice(e, x, dim, size - 1 - count, size - 1);
        return e.call("aten.flip", part, new long[] {dim});
    }

    private static Value repeated(Emitter e, Value x, int dim, long count, boolean before) {
        long size = x.type().sizes().get(dim);
        Value part = before ? slice(e, x, dim, 0, 1) : slice(e, x, dim, size - 1, size);
        return e.call("aten.expand", part, x.type().sizes().with(dim, count).toArray());
    }

    private static Value wrapped(Emitter e, Value x, int dim, long count, boolean before) {
        long size = x.type().sizes().get(dim);
        return before ? slice(e, x, dim, size - count, size) : slice(e, x, dim, 0, count);
    }

    private static Value slice(Emitter e, Value x, int dim, long start, long end) {
        return e.call("aten.slice.Tensor", x, (long) dim, start, end, 1L);
    }
}
