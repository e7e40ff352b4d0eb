package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;

/** Joining, splitting and looking up, by cat, slices, selects and index_select. */
final class ShapeDecompositions {
    /** Tensors that one kernel joins, each by loops of its own. */
    private static final int JOINED = 32;

    /** Tensors joined at a time where there are more. */
    private static final int GROUP = 16;

    private ShapeDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.cat", ShapeDecompositions::cat);
        table.put("aten.stack", ShapeDecompositions::stack);
        table.put(
                "aten.split.Tensor",
                (a, e) -> {
                    long dim = a.tensor("self").type().sizes().wrap(a.integer("dim"));
                    return pieces(e, a.tensor("self"), dim, a.integer("split_size"));
                });
        table.put("aten.split_with_sizes", ShapeDecompositions::splitWithSizes);
        table.put("aten.chunk", ShapeDecompositions::chunk);
        table.put("aten.unbind.int", ShapeDecompositions::unbind);
        table.put("aten.embedding", ShapeDecompositions::embedding);
        table.put(
                "aten.narrow",
                (a, e) -> {
                    Value x = a.tensor("self");
                    long dim = x.type().sizes().wrap(a.integer("dim"));
                    long start = a.integer("start");
                    // A slice would take an end of 0 for the beginning, so negative starts are
                    // counted from the front first.
                    long from = start < 0 ? start + x.type().sizes().get((int) dim) : start;
                    return List.of(slice(e, x, dim, from, from + a.integer("length")));
                });
    }

    /** Many tensors in groups, so that code and the time to compile it do not grow with them. */
    private static List<Value> cat(Args<Value> a, Emitter e) {
        List<Value> parts = a.tensors("tensors");
        if (parts.size() <= JOINED) {
            return null;
        }
        TensorType type = OpCatalog.get("aten.cat").infer(a.map(Value::type)).getFirst();
        long dim = a.integer("dim");
        // ATen skips empty tensors of rank 1, but for their type.
        parts = parts.stream().filter(t -> t.type().rank() == type.rank()).toList();
        while (parts.size() > JOINED) {
            List<Value> joined = new ArrayList<>();
            for (int i = 0; i < parts.size(); i += GROUP) {
                List<Value> group = parts.subList(i, Math.min(parts.size(), i + GROUP));
                joined.add(group.size() == 1 ? group.getFirst() : e.call("aten.cat", group, dim));
            }
            parts = joined;
        }
        return List.of(e.cast(e.call("aten.cat", parts, dim), type.dtype()));
    }

    private static List<Value> stack(Args<Value> a, Emitter e) {
        List<Value> tensors = a.tensors("tensors");
        int rank = tensors.getFirst().type().rank();
        long dim = a.integer("dim");
        int at = (int) (dim < 0 ? dim + rank + 1 : dim);
        return List.of(
                e.call("aten.cat", tensors.stream().map(t -> e.unsqueeze(t, at)).toList(), at));
    }

    private static List<Value> pieces(Emitter e, Value x, long dim, long size) {
        long total = x.type().sizes().get((int) dim);
        if (total == 0 || size == 0) {
            return List.of(slice(e, x, dim, 0, total));
        }
        List<Value> out = new ArrayList<>();
        for (long at = 0; at < total; at += size) {
            out.add(slice(e, x, dim, at, Math.min(total, at + size)));
        }
        return out;
    }

    private static Value slice(Emitter e, Value x, long dim, long start, long end) {
        return e.call("aten.slice.Tensor", x, dim, start, end, 1L);
    }

    private static List<Value> splitWithSizes(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        long dim = x.type().sizes().wrap(a.integer("dim"));
        List<Value> out = new ArrayList<>();
        long at = 0;
        for (long size : a.integers("split_sizes")) {
            out.add(slice(e, x, dim, at, at + size));
            at += size;
        }
        return out;
    }

    private static List<Value> chunk(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        long dim = x.type().sizes().wrap(a.integer("dim"));
        long chunks = a.integer("chunks");
        long total = x.type().sizes().get((int) dim);
        long size = (total + chunks - 1) / chunks;
        if (size == 0) { // ATen then gives the asked number of empty chunks
            List<Value> out = new ArrayList<>();
            for (int i = 0; i < chunks; i++) {
                out.add(slice(e, x, dim, 0, 0));
            }
            return out;
        }
        return pieces(e, x, dim, size);
    }

    private static List<Value> unbind(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        long dim = x.type().sizes().wrap(a.integer("dim"));
        List<Value> out = new ArrayList<>();
        for (long i = 0; i < x.type().sizes().get((int) dim); i++) {
            out.add(e.call("aten.select.int", x, dim, i));
        }
        return out;
    }

    private static List<Value> embedding(Args<Value> a, Emitter e) {
        Value weight = a.tensor("weight");
        Value indices = a.tensor("indices");
        long n = indices.type().numel();
        Value rows = e.call("aten.index_select", weight, 0L, e.view(indices, n));
        long[] sizes = new long[indices.type().rank() + 1];
        System.arraycopy(indices.type().sizes().toArray(), 0, sizes, 0, sizes.length - 1);
        sizes[sizes.length - 1] = weight.type().sizes().get(1);
        return List.of(e.view(rows, sizes));
    }
}
