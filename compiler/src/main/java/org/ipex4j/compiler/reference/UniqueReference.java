package org.ipex4j.compiler.reference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Distinct elements or slices, in ascending order. */
final class UniqueReference {
    private UniqueReference() {}

    static List<RefTensor> flat(Args<RefTensor> args) {
        RefTensor self = args.tensor("self");
        return distinct(
                args,
                self.numel(),
                (a, b) -> SortReference.compare(self, a, b),
                first -> self.gather(Sizes.of(first.size()), first::get),
                self.sizes());
    }

    static List<RefTensor> alongDim(Args<RefTensor> args) {
        RefTensor self = args.tensor("self");
        int dim = self.sizes().wrap(args.integer("dim"));
        int size = (int) self.sizes().get(dim);
        Sizes slice = self.sizes().with(dim, 1);
        int elements = Math.toIntExact(slice.numel());
        Comparator<Integer> order =
                (a, b) -> {
                    for (int i = 0; i < elements; i++) {
                        int c =
                                SortReference.compare(
                                        self,
                                        inSlice(self.sizes(), slice, dim, i, a),
                                        inSlice(self.sizes(), slice, dim, i, b));
                        if (c != 0) {
                            return c;
                        }
                    }
                    return 0;
                };
        return distinct(
                args,
                size,
                order,
                first -> {
                    Sizes out = self.sizes().with(dim, first.size());
                    return self.gather(
                            out,
                            i -> {
                                long[] at = Indexing.coordinates(out, i);
                                at[dim] = first.get((int) at[dim]);
                                int p = 0;
                                for (int d = 0; d < at.length; d++) {
                                    p = p * (int) self.sizes().get(d) + (int) at[d];
                                }
                                return p;
                            });
                },
                Sizes.of(size));
    }

    /** Position in {@code sizes} of element {@code i} of the slice numbered {@code number}. */
    private static int inSlice(Sizes sizes, Sizes slice, int dim, int i, int number) {
        long[] at = Indexing.coordinates(slice, i);
        at[dim] = number;
        int p = 0;
        for (int d = 0; d < at.length; d++) {
            p = p * (int) sizes.get(d) + (int) at[d];
        }
        return p;
    }

    private static List<RefTensor> distinct(
            Args<RefTensor> args,
            int n,
            Comparator<Integer> order,
            java.util.function.Function<List<Integer>, RefTensor> values,
            Sizes inverseSizes) {
        List<Integer> sorted = IntStream.range(0, n).boxed().sorted(order).toList();
        List<Integer> first = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        int[] inverse = new int[n];
        for (int i = 0; i < n; i++) {
            if (i == 0 || order.compare(sorted.get(i - 1), sorted.get(i)) != 0) {
                first.add(sorted.get(i));
                counts.add(0);
            }
            counts.set(counts.size() - 1, counts.getLast() + 1);
            inverse[sorted.get(i)] = first.size() - 1;
        }
        boolean wantsInverse = args.bool("return_inverse");
        boolean wantsCounts = args.bool("return_counts");
        return List.of(
                values.apply(first),
                RefTensor.buildInts(
                        new TensorType(DType.INT64, wantsInverse ? inverseSizes : Sizes.of(0)),
                        i -> inverse[i]),
                RefTensor.buildInts(
                        new TensorType(DType.INT64, Sizes.of(wantsCounts ? counts.size() : 0)),
                        counts::get));
    }
}
