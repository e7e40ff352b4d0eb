package org.ipex4j.compiler.decompose;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * Matrix products to the forms lowering knows: {@code linear} (any rank of input from 2), {@code mm},
 * {@code addmm}, {@code bmm}, {@code baddbmm} without factors, and {@code matmul} of equal ranks from 3.
 */
final class MatmulDecompositions {
    private MatmulDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.linear", MatmulDecompositions::linear);
        table.put("aten.matmul", MatmulDecompositions::matmul);
        table.put("aten.mv", (a, e) -> List.of(e.squeeze(e.call("aten.mm", a.tensor("self"), e.unsqueeze(a.tensor("vec"), 1)), 1)));
        table.put("aten.dot", (a, e) -> List.of(e.view(
                e.call("aten.mm", e.unsqueeze(a.tensor("self"), 0), e.unsqueeze(a.tensor("tensor"), 1)))));
        table.put("aten.addmm", (a, e) -> scaled(a, e, "aten.mm", "mat1", "mat2"));
        table.put("aten.baddbmm", (a, e) -> scaled(a, e, "aten.bmm", "batch1", "batch2"));
        table.put("aten.addmv", (a, e) -> {
            Value product = e.call("aten.mv", a.tensor("mat"), a.tensor("vec"));
            return List.of(combine(a, e, product));
        });
        table.put("aten.outer", (a, e) -> List.of(e.mul(e.unsqueeze(a.tensor("self"), 1), e.unsqueeze(a.tensor("vec2"), 0))));
    }

    private static List<Value> linear(Args<Value> a, Emitter e) {
        Value x = a.tensor("input");
        Value w = a.tensor("weight");
        if (w.type().rank() == 1) { // one output feature, its dimension left out
            Value y = e.call("aten.linear", x, e.unsqueeze(w, 0), null);
            Value z = e.squeeze(y, -1);
            return List.of(a.optionalTensor("bias").map(b -> e.add(z, b)).orElse(z));
        }
        if (x.type().rank() > 1) {
            return null;
        }
        return List.of(e.squeeze(
                e.call("aten.linear", e.unsqueeze(x, 0), w, a.optionalTensor("bias").orElse(null)), 0));
    }

    /** beta * self + alpha * product, unless both are 1 and lowering can add self as a bias. */
    private static List<Value> scaled(Args<Value> a, Emitter e, String product, String left, String right) {
        if (isOne(a.number("beta")) && isOne(a.number("alpha"))) {
            return null;
        }
        return List.of(combine(a, e, e.call(product, a.tensor(left), a.tensor(right))));
    }

    private static Value combine(Args<Value> a, Emitter e, Value product) {
        Value self = a.tensor("self");
        Scalar beta = a.number("beta");
        Scalar alpha = a.number("alpha");
        Value scaled = isOne(alpha) ? product : e.call("aten.mul.Scalar", product, alpha);
        if (beta.toDouble() == 0) {
            return scaled; // NaN in self is ignored, as ATen documents
        }
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
        return rx == ry ? null : List.of(e.call("aten.matmul", lift(e, x, rank), lift(e, y, rank)));
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
