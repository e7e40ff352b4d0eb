package org.ipex4j.compiler.decompose;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * Matrix products to the forms lowering knows: {@code linear} (any rank of input from 2), {@code
 * mm}, {@code addmm}, {@code bmm}, {@code baddbmm} without factors, and {@code matmul} of equal
 * ranks from 3.
 */
final class MatmulDecompositions {
    private MatmulDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.linear", MatmulDecompositions::linear);
        table.put("aten.mm", (a, e) -> other(e, a.tensor("self"), a.tensor("mat2"), "aten.mm"));
        table.put("aten.bmm", (a, e) -> other(e, a.tensor("self"), a.tensor("mat2"), "aten.bmm"));
        table.put("aten.matmul", MatmulDecompositions::matmul);
        table.put(
                "aten.mv",
                (a, e) ->
                        List.of(
                                e.squeeze(
                                        e.call(
                                                "aten.mm",
                                                a.tensor("self"),
                                                e.unsqueeze(a.tensor("vec"), 1)),
                                        1)));
        table.put(
                "aten.dot",
                (a, e) ->
                        List.of(
                                e.view(
                                        e.call(
                                                "aten.mm",
                                                e.unsqueeze(a.tensor("self"), 0),
                                                e.unsqueeze(a.tensor("tensor"), 1)))));
        table.put("aten.addmm", (a, e) -> scaled(a, e, "aten.mm", "mat1", "mat2"));
        table.put("aten.baddbmm", (a, e) -> scaled(a, e, "aten.bmm", "batch1", "batch2"));
        table.put(
                "aten.addbmm",
                (a, e) ->
                        List.of(
                                combine(
                                        a,
                                        e,
                                        e.sum(
                                                e.call(
                                                        "aten.bmm",
                                                        a.tensor("batch1"),
                                                        a.tensor("batch2")),
                                                new long[] {0},
                                                false))));
        table.put(
                "aten.addmv",
                (a, e) -> {
                    Value product = e.call("aten.mv", a.tensor("mat"), a.tensor("vec"));
                    return List.of(combine(a, e, product));
                });
        table.put(
                "aten.outer",
                (a, e) ->
                        List.of(
                                e.mul(
                                        e.unsqueeze(a.tensor("self"), 1),
                                        e.unsqueeze(a.tensor("vec2"), 0))));
    }

    /**
     * Products that the library does not do: of no terms at all, of other 16-bit floats (by way of
     * f32), and of f64 and integers, as a sum of broadcast products, which fuses into one kernel.
     *
     * @return null for the library's types
     */
    private static List<Value> other(Emitter e, Value x, Value y, String op) {
        DType type = x.type().dtype();
        if (x.type().sizes().get(-1) == 0) {
            long[] sizes = x.type().sizes().toArray();
            sizes[sizes.length - 1] = y.type().sizes().get(-1);
            return List.of(e.full(new TensorType(type, Sizes.of(sizes)), Scalar.of(0L)));
        }
        if (e.libraryHas(type)) {
            return null;
        }
        if (type.isFloating() && type != DType.FLOAT64) {
            return List.of(
                    e.cast(e.call(op, e.cast(x, DType.FLOAT32), e.cast(y, DType.FLOAT32)), type));
        }
        Value products =
                e.mul(e.unsqueeze(x, -2), e.unsqueeze(e.transpose(y, -2, -1), y.type().rank() - 2));
        return List.of(e.call("aten.sum.dim_IntList", products, new long[] {-1}, false, type));
    }

    private static List<Value> linear(Args<Value> a, Emitter e) {
        Value x = a.tensor("input");
        Value w = a.tensor("weight");
        boolean library = e.libraryHas(x.type().dtype()) && x.type().sizes().get(-1) > 0;
        if (!library && w.type().rank() == 2 && x.type().rank() > 1) {
            long[] sizes = x.type().sizes().toArray();
            long depth = sizes[sizes.length - 1];
            long rows = 1;
            for (int d = 0; d < sizes.length - 1; d++) {
                rows *= sizes[d];
            }
            sizes[sizes.length - 1] = w.type().sizes().get(0);
            Value y =
                    e.view(e.call("aten.mm", e.view(x, rows, depth), e.transpose(w, 0, 1)), sizes);
            return List.of(a.optionalTensor("bias").map(b -> e.add(y, b)).orElse(y));
        }
        if (w.type().rank() == 1) { // one output feature, its dimension left out
            Value y = e.call("aten.linear", x, e.unsqueeze(w, 0), null);
            Value z = e.squeeze(y, -1);
            return List.of(a.optionalTensor("bias").map(b -> e.add(z, b)).orElse(z));
        }
        if (x.type().rank() > 1) {
            return null;
        }
        return List.of(
                e.squeeze(
                        e.call(
                                "aten.linear",
                                e.unsqueeze(x, 0),
                                w,
                                a.optionalTensor("bias").orElse(null)),
                        0));
    }

    /** beta * self + alpha * product, unless both are 1 and self is a bias: one row for all. */
    private static List<Value> scaled(
            Args<Value> a, Emitter e, String product, String left, String right) {
        Sizes bias = a.tensor("self").type().sizes();
        boolean row =
                bias.rank() > 0
                        && bias.numel() == bias.get(-1)
                        && bias.get(-1) == a.tensor(right).type().sizes().get(-1);
        boolean other =
                a.tensor(right).type().sizes().get(-2) == 0
                        || !e.libraryHas(a.tensor(right).type().dtype());
        if (isOne(a.number("beta")) && isOne(a.number("alpha")) && row && !other) {
            return null;
        }
        return List.of(combine(a, e, e.call(product, a.tensor(left), a.tensor(right))));
    }

    /** {@code beta * self + alpha * product} in the product's type. */
    private static Value combine(Args<Value> a, Emitter e, Value product) {
        Scalar beta = a.number("beta");
        Scalar alpha = a.number("alpha");
        Value scaled = isOne(alpha) ? product : e.call("aten.mul.Scalar", product, alpha);
        if (beta.toDouble() == 0) {
            return scaled; // NaN in self is ignored, as ATen documents
        }
        Value self = e.cast(a.tensor("self"), product.type().dtype());
        return e.add(scaled, isOne(beta) ? self : e.call("aten.mul.Scalar", self, beta));
    }

    private static boolean isOne(Scalar s) {
        return s.toDouble() == 1;
    }

    /** The cases of torch.matmul by ranks. */
    private static List<Value> matmul(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        Value y = a.tensor("other");
        int rx = x.type().rank();
        int ry = y.type().rank();
        if (rx == 1 && ry == 1) {
            return List.of(e.call("aten.dot", x, y));
        }
        if (rx == 1) {
            return List.of(e.squeeze(e.call("aten.matmul", e.unsqueeze(x, 0), y), -2));
        }
        if (ry == 1) {
            return List.of(e.squeeze(e.call("aten.matmul", x, e.unsqueeze(y, 1)), -1));
        }
        if (rx == 2 && ry == 2) {
            return List.of(e.call("aten.mm", x, y));
        }
        if (ry == 2) {
            return List.of(e.call("aten.linear", x, e.transpose(y, 0, 1), null));
        }
        if (rx == 3 && ry == 3 && x.type().sizes().get(0) == y.type().sizes().get(0)) {
            return List.of(e.call("aten.bmm", x, y));
        }
        int rank = Math.max(rx, ry);
        if (rx == ry) {
            return other(e, x, y, "aten.matmul");
        }
        return List.of(e.call("aten.matmul", lift(e, x, rank), lift(e, y, rank)));
    }

    private static Value lift(Emitter e, Value x, int rank) {
        long[] sizes = new long[rank];
        Arrays.fill(sizes, 1);
        Sizes old = x.type().sizes();
        for (int i = 0; i < old.rank(); i++) {
            sizes[rank - old.rank() + i] = old.get(i);
        }
        return e.view(x, sizes);
    }
}
