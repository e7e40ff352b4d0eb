package org.ipex4j.ir.op;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Ops that read or write elements at positions given by index tensors or bounds. */
final class IndexOps {
    private IndexOps() {}

    static void addTo(OpCatalog catalog) {
        move(
                catalog,
                "aten::index_select(Tensor self, int dim, Tensor index) -> Tensor",
                IndexOps::indexSelect);
        move(
                catalog,
                "aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor",
                IndexOps::gather);
        move(
                catalog,
                "aten::index.Tensor(Tensor self, Tensor?[] indices) -> Tensor",
                a -> Check.one(a.tensor("self").dtype(), indexed(a)));
        move(
                catalog,
                "aten::take(Tensor self, Tensor index) -> Tensor",
                a -> {
                    index64("index", a.tensor("index"));
                    Check.that(
                            a.tensor("self").numel() > 0 || a.tensor("index").numel() == 0,
                            "cannot take from an empty tensor of sizes %s",
                            a.tensor("self").sizes());
                    return Check.one(a.tensor("self").dtype(), a.tensor("index").sizes());
                },
                Trait.COMPOSITE);
        move(
                catalog,
                "aten::take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor",
                IndexOps::takeAlongDim,
                Trait.COMPOSITE);
        move(
                catalog,
                "aten::masked_select(Tensor self, Tensor mask) -> Tensor",
                Check::dataDependent,
                Trait.DATA_DEPENDENT);
        move(
                catalog,
                "aten::nonzero(Tensor self) -> Tensor",
                Check::dataDependent,
                Trait.DATA_DEPENDENT);
        move(
                catalog,
                "aten::_unique2(Tensor self, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor)",
                Check::dataDependent,
                Trait.DATA_DEPENDENT);
        move(
                catalog,
                "aten::unique_dim(Tensor self, int dim, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor)",
                Check::dataDependent,
                Trait.DATA_DEPENDENT);
        move(
                catalog,
                "aten::embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor",
                IndexOps::embedding,
                Trait.COMPOSITE);

        move(
                catalog,
                "aten::scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor",
                a -> scatter(a, true));
        move(
                catalog,
                "aten::scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor",
                a -> scatter(a, false));
        catalog.add(
                "aten::scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor",
                a -> scatter(a, true),
                (a, r) -> a.tensor("index").numel());
        catalog.add(
                "aten::index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor",
                a -> alongIndex(a, true),
                (a, r) -> a.tensor("source").numel());
        move(
                catalog,
                "aten::index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor",
                a -> {
                    index64("index", a.tensor("index"));
                    return alongIndex(a, true);
                });
        move(
                catalog,
                "aten::index_fill.int_Scalar(Tensor self, int dim, Tensor index, Scalar value) -> Tensor",
                a -> {
                    index64("index", a.tensor("index"));
                    return alongIndex(a, false);
                });
        move(
                catalog,
                "aten::index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor",
                IndexOps::indexPut);
        move(
                catalog,
                "aten::put(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> Tensor",
                IndexOps::put);
        move(
                catalog,
                "aten::slice_scatter(Tensor self, Tensor src, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
                IndexOps::sliceScatter);
        move(
                catalog,
                "aten::select_scatter(Tensor self, Tensor src, int dim, int index) -> Tensor",
                IndexOps::selectScatter);
    }

    private static void move(OpCatalog catalog, String schema, TypeRule rule, Trait... traits) {
        catalog.add(schema, rule, (a, r) -> 0, traits);
    }

    private static void index64(String name, TensorType t) {
        Check.that(t.dtype() == DType.INT64, "'%s' must be int64, is %s", name, t.dtype());
    }

    private static List<TensorType> indexSelect(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        TensorType index = args.tensor("index");
        Check.index("index", index);
        Check.rank("index", index, 0, 1);
        int dim = self.sizes().wrap(args.integer("dim"));
        if (self.rank() == 0) {
            Check.that(index.numel() == 1, "a scalar takes one index, got sizes %s", index.sizes());
            return List.of(self);
        }
        Check.that(
                self.sizes().get(dim) > 0 || index.numel() == 0,
                "dimension %s of sizes %s is empty",
                dim,
                self.sizes());
        return Check.one(self.dtype(), self.sizes().with(dim, index.numel()));
    }

    private static List<TensorType> gather(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        TensorType index = args.tensor("index");
        Check.index("index", index);
        int dim = self.sizes().wrap(args.integer("dim"));
        if (index.numel() > 0) {
            fits("index", index.sizes(), "self", self.sizes(), dim);
        }
        return Check.one(self.dtype(), index.sizes());
    }

    /**
     * Demands that {@code inner} is nowhere larger than {@code outer}, except in dimension {@code
     * dim}.
     */
    private static void fits(
            String innerName, Sizes inner, String outerName, Sizes outer, int dim) {
        Sizes a = Check.atLeast1d(inner);
        Sizes b = Check.atLeast1d(outer);
        Check.that(
                a.rank() == b.rank(),
                "'%s' and '%s' must have equally many dimensions, got %s and %s",
                innerName,
                outerName,
                inner,
                outer);
        for (int d = 0; d < a.rank(); d++) {
            Check.that(
                    d == dim || a.get(d) <= b.get(d),
                    dim < 0
                            ? "'%s' %s must not exceed '%s' %s"
                            : "'%s' %s must not exceed '%s' %s except in dimension %s",
                    innerName,
                    inner,
                    outerName,
                    outer,
                    dim);
        }
    }

    /**
     * Sizes of advanced indexing: index tensors broadcast together and take the place of the
     * dimensions they index, or come first if these are not adjacent.
     */
    static Sizes indexed(Args<TensorType> args) {
        Sizes self = args.tensor("self").sizes();
        List<TensorType> indices = args.tensors("indices");
        Check.that(indices.size() <= self.rank(), "%s indices for sizes %s", indices.size(), self);
        Sizes broadcast = Sizes.SCALAR;
        int first = -1;
        int last = -1;
        int count = 0;
        for (int i = 0; i < indices.size(); i++) {
            TensorType t = indices.get(i);
            if (t == null) {
                continue;
            }
            if (t.dtype() == DType.BOOL || t.dtype() == DType.UINT8) {
                return dataDependentMask();
            }
            Check.that(
                    t.dtype() == DType.INT64 || t.dtype() == DType.INT32,
                    "index %s must be int64, int32 or bool, is %s",
                    i,
                    t.dtype());
            try {
                broadcast = Sizes.broadcast(broadcast, t.sizes());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "indices do not broadcast: "
                                + broadcast
                                + " and index "
                                + i
                                + " "
                                + t.sizes(),
                        e);
            }
            first = first < 0 ? i : first;
            last = i;
            count++;
        }
        Check.that(count > 0, "at least one index must be given");
        boolean adjacent = last - first + 1 == count;
        List<Long> out = new ArrayList<>();
        for (int d = 0; d < self.rank(); d++) {
            if (d == (adjacent ? first : 0)) {
                broadcast.stream().forEach(out::add);
            }
            if (d >= indices.size() || indices.get(d) == null) {
                out.add(self.get(d));
            } else {
                Check.that(
                        self.get(d) > 0 || broadcast.numel() == 0,
                        "dimension %s of sizes %s is empty",
                        d,
                        self);
            }
        }
        return Sizes.of(out.stream().mapToLong(Long::longValue).toArray());
    }

    private static Sizes dataDependentMask() {
        throw new IllegalArgumentException(
                "with a mask as index, result sizes depend on the data; use its nonzero positions as indices");
    }

    private static List<TensorType> takeAlongDim(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        TensorType indices = args.tensor("indices");
        index64("indices", indices);
        if (args.isNone("dim")) {
            return Check.one(self.dtype(), Sizes.of(indices.numel()));
        }
        Check.that(
                self.rank() == indices.rank(),
                "'self' and 'indices' must have equally many dimensions, got %s and %s",
                self.sizes(),
                indices.sizes());
        int dim = self.sizes().wrap(args.optionalInteger("dim").orElseThrow());
        if (self.rank() == 0) {
            return List.of(self);
        }
        Sizes broadcast = Sizes.broadcast(self.sizes().with(dim, 1), indices.sizes().with(dim, 1));
        return Check.one(self.dtype(), broadcast.with(dim, indices.sizes().get(dim)));
    }

    private static List<TensorType> embedding(Args<TensorType> args) {
        TensorType weight = args.tensor("weight");
        TensorType indices = args.tensor("indices");
        Check.rank("weight", weight, 2);
        Check.index("indices", indices);
        long[] out = java.util.Arrays.copyOf(indices.sizes().toArray(), indices.rank() + 1);
        out[indices.rank()] = weight.sizes().get(1);
        return Check.one(weight.dtype(), Sizes.of(out));
    }

    private static List<TensorType> scatter(Args<TensorType> args, boolean hasSrc) {
        TensorType self = args.tensor("self");
        TensorType index = args.tensor("index");
        Check.index("index", index);
        int dim = self.sizes().wrap(args.integer("dim"));
        if (hasSrc) {
            Check.sameDType("self", self, "src", args.tensor("src"));
        }
        if (index.numel() > 0) {
            fits("index", index.sizes(), "self", self.sizes(), dim);
            if (hasSrc) {
                fits("index", index.sizes(), "src", args.tensor("src").sizes(), -1);
            }
        }
        return List.of(self);
    }

    /**
     * The rule of ops that write whole slices of {@code source} at a 1-d index along {@code dim}.
     */
    private static List<TensorType> alongIndex(Args<TensorType> args, boolean hasSource) {
        TensorType self = args.tensor("self");
        TensorType index = args.tensor("index");
        Check.index("index", index);
        Check.rank("index", index, 0, 1);
        int dim = self.sizes().wrap(args.integer("dim"));
        if (hasSource) {
            TensorType source = args.tensor("source");
            Check.sameDType("self", self, "source", source);
            Sizes to = Check.atLeast1d(self.sizes());
            Sizes from = Check.atLeast1d(source.sizes());
            Check.that(
                    to.rank() == from.rank()
                            && from.get(dim) == index.numel()
                            && to.with(dim, 0).equals(from.with(dim, 0)),
                    "'source' %s must have the sizes of 'self' %s, with %s (one per index) in dimension %s",
                    source.sizes(),
                    self.sizes(),
                    index.numel(),
                    dim);
        }
        return List.of(self);
    }

    private static List<TensorType> indexPut(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        TensorType values = args.tensor("values");
        Check.sameDType("self", self, "values", values);
        Sizes target = indexed(args);
        Check.that(
                Check.expands(values.sizes(), target),
                "'values' %s does not expand to the indexed sizes %s",
                values.sizes(),
                target);
        return List.of(self);
    }

    private static List<TensorType> put(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        TensorType index = args.tensor("index");
        TensorType source = args.tensor("source");
        index64("index", index);
        Check.sameDType("self", self, "source", source);
        Check.that(
                index.numel() == source.numel(),
                "'index' %s and 'source' %s must have equally many elements",
                index.sizes(),
                source.sizes());
        Check.that(
                self.numel() > 0 || index.numel() == 0,
                "cannot put into an empty tensor of sizes %s",
                self.sizes());
        return List.of(self);
    }

    private static List<TensorType> sliceScatter(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        Strided view =
                ViewRules.slice(
                        Strided.contiguous(self.sizes()),
                        args.integer("dim"),
                        args.optionalInteger("start"),
                        args.optionalInteger("end"),
                        args.integer("step"));
        TensorType src = args.tensor("src");
        Check.that(
                src.sizes().equals(view.sizes()),
                "'src' must have the sizes of the slice %s, has %s",
                view.sizes(),
                src.sizes());
        return List.of(self);
    }

    private static List<TensorType> selectScatter(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        TensorType src = args.tensor("src");
        Strided view =
                ViewRules.select(
                        Strided.contiguous(self.sizes()),
                        args.integer("dim"),
                        args.integer("index"));
        Check.that(
                src.sizes().equals(view.sizes()),
                "'src' must have the sizes of the selection %s, has %s",
                view.sizes(),
                src.sizes());
        return List.of(self);
    }
}
