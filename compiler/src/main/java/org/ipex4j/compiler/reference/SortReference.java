package org.ipex4j.compiler.reference;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Sorting along a dimension; equal elements keep their order, NaN counts as the largest. */
final class SortReference {
    private SortReference() {}

    static void addTo(ReferenceTable t) {
        t.add(
                "aten.sort",
                (a, types) ->
                        sorted(
                                a.tensor("self"),
                                a.integer("dim"),
                                a.bool("descending"),
                                types.getFirst().sizes()));
        t.add(
                "aten.sort.stable",
                (a, types) ->
                        sorted(
                                a.tensor("self"),
                                a.integer("dim"),
                                a.bool("descending"),
                                types.getFirst().sizes()));
        t.add(
                "aten.argsort",
                (a, types) ->
                        List.of(
                                sorted(
                                                a.tensor("self"),
                                                a.integer("dim"),
                                                a.bool("descending"),
                                                types.getFirst().sizes())
                                        .get(1)));
        t.add(
                "aten.topk",
                (a, types) ->
                        sorted(
                                a.tensor("self"),
                                a.integer("dim"),
                                a.bool("largest"),
                                types.getFirst().sizes()));
    }

    /** Compares two elements of a tensor; NaN is equal to itself and above everything. */
    static int compare(RefTensor x, int a, int b) {
        if (!x.dtype().isFloating()) {
            return Long.compare(x.integer(a), x.integer(b));
        }
        double p = x.real(a);
        double q = x.real(b);
        boolean nanP = Double.isNaN(p);
        boolean nanQ = Double.isNaN(q);
        return nanP || nanQ ? Boolean.compare(nanP, nanQ) : p < q ? -1 : p > q ? 1 : 0;
    }

    /** The sorted values and where they came from, cut to {@code out}. */
    private static List<RefTensor> sorted(
            RefTensor given, long dimension, boolean descending, Sizes out) {
        RefTensor self = given.rank() == 0 ? given.reshape(Sizes.of(1)) : given;
        int dim = self.sizes().wrap(dimension);
        int size = (int) self.sizes().get(dim);
        int kept = out.rank() == 0 ? 1 : (int) out.get(dim);
        int inner = 1;
        for (int d = dim + 1; d < self.rank(); d++) {
            inner *= (int) self.sizes().get(d);
        }
        int step = inner;
        int[] where = new int[Math.toIntExact(out.numel())];
        int lines = kept == 0 ? 0 : where.length / kept;
        for (int line = 0; line < lines; line++) {
            int start = line / step * size * step + line % step;
            Comparator<Integer> order = (a, b) -> compare(self, start + a * step, start + b * step);
            List<Integer> sorted =
                    IntStream.range(0, size)
                            .boxed()
                            .sorted(descending ? order.reversed() : order)
                            .toList();
            for (int i = 0; i < kept; i++) {
                where[line / step * kept * step + i * step + line % step] = sorted.get(i);
            }
        }
        return List.of(
                self.gather(out, i -> i / (kept * step) * size * step + where[i] * step + i % step),
                RefTensor.buildInts(new TensorType(DType.INT64, out), i -> where[i]));
    }
}
