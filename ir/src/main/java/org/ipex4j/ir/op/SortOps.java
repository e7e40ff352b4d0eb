package org.ipex4j.ir.op;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Sorting and selecting by value along a dimension. NaN counts as the largest value. */
final class SortOps {
    private SortOps() {}

    static void addTo(OpCatalog catalog) {
        catalog.add(
                "aten::topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor, Tensor)",
                SortOps::topk,
                SortOps::comparisons);
        catalog.add(
                "aten::sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor, Tensor)",
                SortOps::sort,
                SortOps::comparisons);
        catalog.add(
                "aten::sort.stable(Tensor self, *, bool? stable, int dim=-1, bool descending=False) -> (Tensor, Tensor)",
                SortOps::sort,
                SortOps::comparisons);
        catalog.add(
                "aten::argsort(Tensor self, int dim=-1, bool descending=False) -> Tensor",
                a -> List.of(sort(a).get(1)),
                SortOps::comparisons);
    }

    private static List<TensorType> topk(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        int dim = self.sizes().wrap(args.integer("dim"));
        long k = args.integer("k");
        long size = Check.atLeast1d(self.sizes()).get(dim);
        Check.that(
                k >= 0 && k <= size,
                "'k' must be between 0 and %s for sizes %s, got %s",
                size,
                self.sizes(),
                k);
        Sizes out = self.rank() == 0 ? self.sizes() : self.sizes().with(dim, k);
        return List.of(new TensorType(self.dtype(), out), new TensorType(DType.INT64, out));
    }

    private static List<TensorType> sort(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        self.sizes().wrap(args.integer("dim"));
        return List.of(self, new TensorType(DType.INT64, self.sizes()));
    }

    /** n log n comparisons of the sorted dimension's size n, per line. */
    private static double comparisons(Args<TensorType> args, List<TensorType> results) {
        TensorType self = args.tensor("self");
        double n = Check.atLeast1d(self.sizes()).get(self.sizes().wrap(args.integer("dim")));
        return self.numel() * Math.max(1, Math.log(Math.max(1, n)) / Math.log(2));
    }
}
