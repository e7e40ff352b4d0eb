package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/**
 * Writes by index, as {@code scatter} and {@code scatter_add} along a dimension or over the flat
 * tensor.
 */
final class ScatterDecompositions {
    private ScatterDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.index_copy", (a, e) -> alongIndex(a, e, a.tensor("source"), false));
        table.put(
                "aten.index_add",
                (a, e) -> {
                    Value source = a.tensor("source");
                    boolean scaled = a.number("alpha").toDouble() != 1;
                    return alongIndex(
                            a, e, scaled ? e.mul(source, a.number("alpha")) : source, true);
                });
        table.put("aten.index_fill.int_Scalar", ScatterDecompositions::indexFill);
        table.put("aten.index_put", ScatterDecompositions::indexPut);
        table.put(
                "aten.put",
                (a, e) -> {
                    Value self = a.tensor("self");
                    Value index = wrapped(e, flat(e, a.tensor("index")), self.type().numel());
                    return List.of(
                            flatScatter(
                                    e,
                                    self,
                                    index,
                                    flat(e, a.tensor("source")),
                                    a.bool("accumulate")));
                });
    }

    private static Value flat(Emitter e, Value x) {
        return e.view(x, x.type().numel());
    }

    /** Counts negative indices from the end. */
    private static Value wrapped(Emitter e, Value index, long size) {
        Value wide = e.cast(index, DType.INT64);
        return e.call(
                "aten.where.self",
                e.call("aten.lt.Scalar", wide, Scalar.of(0L)),
                e.call("aten.add.Scalar", wide, Scalar.of(size)),
                wide);
    }

    private static List<Value> alongIndex(Args<Value> a, Emitter e, Value source, boolean add) {
        Value self = a.tensor("self");
        Value lines = self.type().rank() == 0 ? flat(e, self) : self;
        Value values = source.type().rank() == 0 ? flat(e, source) : source;
        int dim = lines.type().sizes().wrap(a.integer("dim"));
        Value index = spread(e, e.cast(a.tensor("index"), DType.INT64), lines.type().sizes(), dim);
        Value out =
                e.call(add ? "aten.scatter_add" : "aten.scatter.src", lines, dim, index, values);
        return List.of(e.view(out, self.type().sizes().toArray()));
    }

    private static List<Value> indexFill(Args<Value> a, Emitter e) {
        Value self = a.tensor("self");
        Value lines = self.type().rank() == 0 ? flat(e, self) : self;
        int dim = lines.type().sizes().wrap(a.integer("dim"));
        Value index = wrapped(e, a.tensor("index"), lines.type().sizes().get(dim));
        Value out =
                e.call(
                        "aten.scatter.value",
                        lines,
                        dim,
                        spread(e, index, lines.type().sizes(), dim),
                        a.number("value"));
        return List.of(e.view(out, self.type().sizes().toArray()));
    }

    /** A 1-d index repeated over all other dimensions. */
    private static Value spread(Emitter e, Value index, Sizes sizes, int dim) {
        long n = index.type().numel();
        long[] line = new long[sizes.rank()];
        Arrays.fill(line, 1);
        line[dim] = n;
        return e.call("aten.expand", e.view(index, line), sizes.with(dim, n).toArray());
    }

    private static Value flatScatter(
            Emitter e, Value self, Value positions, Value values, boolean add) {
        Value out =
                e.call(
                        add ? "aten.scatter_add" : "aten.scatter.src",
                        flat(e, self),
                        0,
                        positions,
                        values);
        return e.view(out, self.type().sizes().toArray());
    }

    /**
     * Positions in the flat tensor: the sum over dimensions of index times stride, broadcast to
     * what is indexed.
     */
    private static List<Value> indexPut(Args<Value> a, Emitter e) {
        Value self = a.tensor("self");
        Sizes sizes = self.type().sizes();
        List<Value> indices = a.tensors("indices");
        Op index = OpCatalog.get("aten.index.Tensor");
        Args<TensorType> read =
                Args.of(
                        index.schema(),
                        self.type(),
                        new ArrayList<>(
                                indices.stream().map(v -> v == null ? null : v.type()).toList()));
        Sizes target = index.infer(read).getFirst().sizes();
        int width =
                target.rank()
                        - (sizes.rank() - (int) indices.stream().filter(v -> v != null).count());
        int front = front(indices);
        long[] strides = sizes.contiguousStrides();
        Value positions = null;
        int plain = 0;
        for (int d = 0; d < sizes.rank(); d++) {
            long[] shape = new long[target.rank()];
            Arrays.fill(shape, 1);
            Value term;
            if (d < indices.size() && indices.get(d) != null) {
                Value given = indices.get(d);
                int rank = given.type().rank();
                for (int i = 0; i < rank; i++) {
                    shape[front + width - rank + i] = given.type().sizes().get(i);
                }
                term =
                        inRange(
                                e,
                                wrapped(e, given, sizes.get(d)),
                                sizes.get(d),
                                strides[d],
                                sizes.numel());
            } else {
                shape[plain < front ? plain : plain + width] = sizes.get(d);
                plain++;
                term =
                        e.mul(
                                e.call("aten.arange", Scalar.of(sizes.get(d)), DType.INT64),
                                Scalar.of(strides[d]));
            }
            term = e.view(term, shape);
            positions = positions == null ? term : e.add(positions, term);
        }
        Value values = e.call("aten.expand", a.tensor("values"), target.toArray());
        return List.of(
                flatScatter(
                        e,
                        self,
                        flatCopy(e, e.call("aten.expand", positions, target.toArray())),
                        flatCopy(e, values),
                        a.bool("accumulate")));
    }

    private static Value flatCopy(Emitter e, Value x) {
        return e.call("aten.reshape", x, new long[] {x.type().numel()});
    }

    /**
     * Index times stride; an index out of range becomes a position past the end, which scatter
     * refuses.
     */
    private static Value inRange(Emitter e, Value index, long size, long stride, long numel) {
        Value inside =
                e.call(
                        "aten.logical_and",
                        e.call("aten.ge.Scalar", index, Scalar.of(0L)),
                        e.call("aten.lt.Scalar", index, Scalar.of(size)));
        Value outside = e.full(index.type(), Scalar.of(numel));
        return e.call("aten.where.self", inside, e.mul(index, Scalar.of(stride)), outside);
    }

    /**
     * Where the indexed dimensions come in the result: in place if they are adjacent, else in
     * front.
     */
    private static int front(List<Value> indices) {
        int first = -1;
        int last = -1;
        int count = 0;
        for (int i = 0; i < indices.size(); i++) {
            if (indices.get(i) != null) {
                first = first < 0 ? i : first;
                last = i;
                count++;
            }
        }
        return last - first + 1 == count ? first : 0;
    }
}
