package org.ipex4j.compiler.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Strided;
import org.ipex4j.ir.op.ViewRules;

/** Reading and writing at positions given by index tensors, masks or bounds. */
final class IndexReference {
    private IndexReference() {}

    static void addTo(ReferenceTable t) {
        t.add("aten.index_select", IndexReference::indexSelect);
        t.add(
                "aten.gather",
                (a, types) -> {
                    int[] where = along(a, a.tensor("index"));
                    return List.of(
                            a.tensor("self").gather(types.getFirst().sizes(), i -> where[i]));
                });
        t.add(
                "aten.index.Tensor",
                (a, types) -> {
                    int[] where = advanced(a, types.getFirst().sizes());
                    return List.of(
                            a.tensor("self").gather(types.getFirst().sizes(), i -> where[i]));
                });
        t.add(
                "aten.take",
                (a, types) -> {
                    RefTensor self = a.tensor("self");
                    RefTensor index = a.tensor("index");
                    return List.of(
                            self.gather(
                                    index.sizes(), i -> wrap(a, index.integer(i), self.numel())));
                });
        t.add("aten.take_along_dim", IndexReference::takeAlongDim);
        t.add(
                "aten.embedding",
                (a, types) -> {
                    RefTensor weight = a.tensor("weight");
                    RefTensor indices = a.tensor("indices");
                    int width = (int) weight.sizes().get(1);
                    int rows = (int) weight.sizes().get(0);
                    return List.of(
                            weight.gather(
                                    types.getFirst().sizes(),
                                    i ->
                                            check(a, indices.integer(i / width), rows) * width
                                                    + i % width));
                });
        t.add(
                "aten.masked_select",
                (a, types) -> {
                    RefTensor self = a.tensor("self");
                    Sizes both = Sizes.broadcast(self.sizes(), a.tensor("mask").sizes());
                    RefTensor values = self.broadcast(both);
                    List<Integer> kept = truths(a.tensor("mask").broadcast(both));
                    return List.of(values.gather(Sizes.of(kept.size()), kept::get));
                });
        t.add(
                "aten.nonzero",
                (a, types) -> {
                    RefTensor self = a.tensor("self");
                    List<Integer> kept = truths(self);
                    int rank = self.rank();
                    return List.of(
                            RefTensor.buildInts(
                                    new TensorType(DType.INT64, Sizes.of(kept.size(), rank)),
                                    i ->
                                            Indexing.coordinates(self.sizes(), kept.get(i / rank))[
                                                    i % rank]));
                });
        t.add("aten.scatter.src", (a, types) -> scatter(a, a.tensor("src"), false));
        t.add(
                "aten.scatter.value",
                (a, types) ->
                        scatter(
                                a,
                                RefTensor.of(a.number("value")).to(a.tensor("self").dtype()),
                                false));
        t.add("aten.scatter_add", (a, types) -> scatter(a, a.tensor("src"), true));
        t.add("aten.index_add", (a, types) -> alongIndex(a, a.tensor("source"), true));
        t.add("aten.index_copy", (a, types) -> alongIndex(a, a.tensor("source"), false));
        t.add(
                "aten.index_fill.int_Scalar",
                (a, types) ->
                        alongIndex(
                                a,
                                RefTensor.of(a.number("value")).to(a.tensor("self").dtype()),
                                false));
        t.add("aten.index_put", IndexReference::indexPut);
        t.add(
                "aten.put",
                (a, types) -> {
                    RefTensor self = a.tensor("self");
                    RefTensor index = a.tensor("index");
                    int[] where = new int[index.numel()];
                    for (int i = 0; i < where.length; i++) {
                        where[i] = wrap(a, index.integer(i), self.numel());
                    }
                    return List.of(write(self, where, a.tensor("source"), a.bool("accumulate")));
                });
        t.add(
                "aten.slice_scatter",
                (a, types) ->
                        into(
                                a,
                                "aten.slice.Tensor",
                                a.integer("dim"),
                                a.optionalInteger("start").orElse(null),
                                a.optionalInteger("end").orElse(null),
                                a.integer("step")));
        t.add(
                "aten.select_scatter",
                (a, types) -> into(a, "aten.select.int", a.integer("dim"), a.integer("index")));
        t.add("aten._unique2", (a, types) -> UniqueReference.flat(a));
        t.add("aten.unique_dim", (a, types) -> UniqueReference.alongDim(a));
    }

    private static int check(Args<?> args, long index, long size) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(
                    args.schema().name()
                            + ": index "
                            + index
                            + " is out of range for size "
                            + size);
        }
        return (int) index;
    }

    private static int wrap(Args<?> args, long index, long size) {
        return check(args, index < 0 && index >= -size ? index + size : index, size);
    }

    private static List<Integer> truths(RefTensor x) {
        List<Integer> out = new ArrayList<>();
        for (int i = 0; i < x.numel(); i++) {
            if (x.truth(i)) {
                out.add(i);
            }
        }
        return out;
    }

    private static int position(Sizes sizes, long[] at) {
        long p = 0;
        for (int d = 0; d < sizes.rank(); d++) {
            p = p * sizes.get(d) + at[d];
        }
        return Math.toIntExact(p);
    }

    private static List<RefTensor> indexSelect(Args<RefTensor> args, List<TensorType> types) {
        RefTensor self = args.tensor("self");
        RefTensor index = args.tensor("index");
        if (self.rank() == 0) {
            check(args, index.integer(0), 1);
            return List.of(self);
        }
        int dim = self.sizes().wrap(args.integer("dim"));
        Sizes out = types.getFirst().sizes();
        return List.of(
                self.gather(
                        out,
                        i -> {
                            long[] at = Indexing.coordinates(out, i);
                            at[dim] =
                                    check(
                                            args,
                                            index.integer((int) at[dim]),
                                            self.sizes().get(dim));
                            return position(self.sizes(), at);
                        }));
    }

    /**
     * For each element of {@code index}, the position in self with coordinate {@code dim} replaced
     * by it.
     */
    private static int[] along(Args<RefTensor> args, RefTensor index) {
        RefTensor self = args.tensor("self");
        int[] where = new int[index.numel()];
        for (int i = 0; i < where.length; i++) {
            if (self.rank() == 0) {
                where[i] = check(args, index.integer(i), 1);
                continue;
            }
            int dim = self.sizes().wrap(args.integer("dim"));
            long[] at = index.rank() == 0 ? new long[1] : Indexing.coordinates(index.sizes(), i);
            at[dim] = check(args, index.integer(i), self.sizes().get(dim));
            where[i] = position(self.sizes(), at);
        }
        return where;
    }

    private static List<RefTensor> takeAlongDim(Args<RefTensor> args, List<TensorType> types) {
        RefTensor self = args.tensor("self");
        RefTensor indices = args.tensor("indices");
        if (args.isNone("dim") || self.rank() == 0) {
            return List.of(
                    self.gather(
                            types.getFirst().sizes(),
                            i -> check(args, indices.integer(i), self.numel())));
        }
        int dim = self.sizes().wrap(args.optionalInteger("dim").orElseThrow());
        Sizes out = types.getFirst().sizes();
        RefTensor index = indices.broadcast(out);
        RefTensor source = self.broadcast(out.with(dim, self.sizes().get(dim)));
        return List.of(
                source.gather(
                        out,
                        i -> {
                            long[] at = Indexing.coordinates(out, i);
                            at[dim] = check(args, index.integer(i), self.sizes().get(dim));
                            return position(source.sizes(), at);
                        }));
    }

    /** For each element of the indexed result, its position in self. */
    private static int[] advanced(Args<RefTensor> args, Sizes out) {
        RefTensor self = args.tensor("self");
        List<RefTensor> indices = args.tensors("indices");
        Sizes broadcast = Sizes.SCALAR;
        int first = -1;
        int last = -1;
        int count = 0;
        for (int i = 0; i < indices.size(); i++) {
            if (indices.get(i) != null) {
                broadcast = Sizes.broadcast(broadcast, indices.get(i).sizes());
                first = first < 0 ? i : first;
                last = i;
                count++;
            }
        }
        int front = last - first + 1 == count ? first : 0;
        List<RefTensor> spread = new ArrayList<>();
        for (RefTensor x : indices) {
            spread.add(x == null ? null : x.broadcast(broadcast));
        }
        int[] where = new int[Math.toIntExact(out.numel())];
        for (int i = 0; i < where.length; i++) {
            long[] at = Indexing.coordinates(out, i);
            int entry = 0;
            for (int d = 0; d < broadcast.rank(); d++) {
                entry = entry * (int) broadcast.get(d) + (int) at[front + d];
            }
            long[] in = new long[self.rank()];
            int plain = 0;
            for (int d = 0; d < in.length; d++) {
                if (d < spread.size() && spread.get(d) != null) {
                    in[d] = wrap(args, spread.get(d).integer(entry), self.sizes().get(d));
                } else {
                    in[d] = at[plain < front ? plain : plain + broadcast.rank()];
                    plain++;
                }
            }
            where[i] = position(self.sizes(), in);
        }
        return where;
    }

    private static List<RefTensor> indexPut(Args<RefTensor> args, List<TensorType> types) {
        // The sizes of the indexed elements are those of reading them.
        var index = OpCatalog.get("aten.index.Tensor");
        Args<RefTensor> read =
                Args.of(index.schema(), args.tensor("self"), args.tensors("indices"));
        Sizes target = index.infer(read.map(RefTensor::type)).getFirst().sizes();
        RefTensor values = args.tensor("values").broadcast(target);
        return List.of(
                write(
                        args.tensor("self"),
                        advanced(args, target),
                        values,
                        args.bool("accumulate")));
    }

    /** Writes value {@code i} (or the only one) at position {@code where[i]}, in order. */
    private static RefTensor write(RefTensor self, int[] where, RefTensor values, boolean add) {
        boolean one = values.numel() == 1;
        if (self.dtype().isFloating()) {
            double[] out = self.toDoubles();
            for (int i = 0; i < where.length; i++) {
                double v = values.real(one ? 0 : i);
                out[where[i]] = add ? out[where[i]] + v : v;
            }
            return RefTensor.of(self.type(), out);
        }
        long[] out = self.toLongs();
        for (int i = 0; i < where.length; i++) {
            long v = values.integer(one ? 0 : i);
            out[where[i]] = add ? out[where[i]] + v : v;
        }
        return RefTensor.of(self.type(), out);
    }

    private static List<RefTensor> scatter(Args<RefTensor> args, RefTensor src, boolean add) {
        RefTensor index = args.tensor("index");
        int[] where = along(args, index);
        RefTensor values = src;
        if (src.rank() > 0) {
            // Only the corner of src that index covers is read.
            values =
                    src.gather(
                            index.rank() == 0 ? Sizes.of(1) : index.sizes(),
                            i ->
                                    position(
                                            src.sizes(),
                                            Indexing.coordinates(
                                                    index.rank() == 0 ? Sizes.of(1) : index.sizes(),
                                                    i)));
        }
        return List.of(write(args.tensor("self"), where, values, add));
    }

    /**
     * Writes the slices of {@code source} (or its only element) at the index along the dimension.
     */
    private static List<RefTensor> alongIndex(Args<RefTensor> args, RefTensor source, boolean add) {
        RefTensor given = args.tensor("self");
        RefTensor self = given.rank() == 0 ? given.reshape(Sizes.of(1)) : given;
        RefTensor index = args.tensor("index");
        int dim = self.sizes().wrap(args.integer("dim"));
        Sizes slices = self.sizes().with(dim, index.numel());
        int[] where = new int[Math.toIntExact(slices.numel())];
        for (int i = 0; i < where.length; i++) {
            long[] at = Indexing.coordinates(slices, i);
            at[dim] =
                    args.schema().has("value")
                            ? wrap(args, index.integer((int) at[dim]), self.sizes().get(dim))
                            : check(args, index.integer((int) at[dim]), self.sizes().get(dim));
            where[i] = position(self.sizes(), at);
        }
        RefTensor values = source;
        if (add) {
            var alpha = args.number("alpha");
            values =
                    source.dtype().isFloating()
                            ? RefTensor.build(source.type(), i -> alpha.toDouble() * source.real(i))
                            : RefTensor.buildInts(
                                    source.type(), i -> alpha.toLong() * source.integer(i));
        }
        return List.of(write(self, where, values, add).reshape(given.sizes()));
    }

    /** Writes {@code src} into a view of self. */
    private static List<RefTensor> into(Args<RefTensor> args, String viewOp, Object... bounds) {
        RefTensor self = args.tensor("self");
        var op = OpCatalog.get(viewOp);
        Object[] all = new Object[bounds.length + 1];
        all[0] = Strided.contiguous(self.sizes());
        System.arraycopy(bounds, 0, all, 1, bounds.length);
        Optional<List<Strided>> views = ViewRules.apply(op, Args.of(op.schema(), all));
        Strided view = views.orElseThrow().getFirst();
        int[] where = Indexing.strided(view.sizes(), view.strides(), view.offset());
        return List.of(write(self, where, args.tensor("src").to(self.dtype()), false));
    }
}
