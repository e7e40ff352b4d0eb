package org.ipex4j.compiler.reference;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Matrix and vector products. */
final class MatmulReference {
    private MatmulReference() {}

    static void addTo(ReferenceTable t) {
        t.add("aten.mm", (a, types) -> product(a, "self", "mat2", types));
        t.add("aten.bmm", (a, types) -> product(a, "self", "mat2", types));
        t.add("aten.mv", (a, types) -> product(a, "self", "vec", types));
        t.add("aten.dot", (a, types) -> product(a, "self", "tensor", types));
        t.add("aten.matmul", (a, types) -> product(a, "self", "other", types));
        t.add("aten.addmm", (a, types) -> added(a, "mat1", "mat2", types));
        t.add("aten.baddbmm", (a, types) -> added(a, "batch1", "batch2", types));
        t.add("aten.addmv", (a, types) -> added(a, "mat", "vec", types));
        t.add("aten.addbmm", MatmulReference::addbmm);
        t.add("aten.linear", MatmulReference::linear);
        t.add(
                "aten.outer",
                (a, types) -> {
                    TensorType type = types.getFirst();
                    RefTensor x = a.tensor("self").to(type.dtype());
                    RefTensor y = a.tensor("vec2").to(type.dtype());
                    int n = Math.max(1, y.numel());
                    return List.of(
                            type.dtype().isFloating()
                                    ? RefTensor.build(type, i -> x.real(i / n) * y.real(i % n))
                                    : RefTensor.buildInts(
                                            type, i -> x.integer(i / n) * y.integer(i % n)));
                });
    }

    private static List<RefTensor> product(
            Args<RefTensor> args, String a, String b, List<TensorType> types) {
        TensorType type = types.getFirst();
        return List.of(
                product(args.tensor(a), args.tensor(b), type, Scalar.of(1), null, Scalar.of(0)));
    }

    /**
     * {@code beta * self + alpha * (a @ b)} in the product's type; with beta 0, {@code self} is not
     * read, so its NaNs do not matter.
     */
    private static List<RefTensor> added(
            Args<RefTensor> args, String a, String b, List<TensorType> types) {
        TensorType type = types.getFirst();
        return List.of(
                product(
                        args.tensor(a),
                        args.tensor(b),
                        type,
                        args.number("alpha"),
                        args.tensor("self").to(type.dtype()).broadcast(type.sizes()),
                        args.number("beta")));
    }

    private static List<RefTensor> addbmm(Args<RefTensor> args, List<TensorType> types) {
        TensorType type = types.getFirst();
        RefTensor b1 = args.tensor("batch1");
        RefTensor b2 = args.tensor("batch2");
        int batch = (int) b1.sizes().get(0);
        int m = (int) b1.sizes().get(1);
        int k = (int) b1.sizes().get(2);
        int n = (int) b2.sizes().get(2);
        // Summing over the batch is one long inner dimension.
        RefTensor left =
                b1.gather(
                        Sizes.of(m, (long) batch * k),
                        i -> {
                            int row = i / (batch * k);
                            int inner = i % (batch * k);
                            return (inner / k * m + row) * k + inner % k;
                        });
        RefTensor right = b2.reshape(Sizes.of((long) batch * k, n));
        return List.of(
                product(
                        left,
                        right,
                        type,
                        args.number("alpha"),
                        args.tensor("self").to(type.dtype()).broadcast(type.sizes()),
                        args.number("beta")));
    }

    private static List<RefTensor> linear(Args<RefTensor> args, List<TensorType> types) {
        TensorType type = types.getFirst();
        RefTensor weight = args.tensor("weight");
        RefTensor right = weight;
        if (weight.rank() == 2) {
            int out = (int) weight.sizes().get(0);
            int in = (int) weight.sizes().get(1);
            right = weight.gather(Sizes.of(in, out), i -> i % out * in + i / out);
        }
        RefTensor bias =
                args.optionalTensor("bias").map(b -> b.broadcast(type.sizes())).orElse(null);
        return List.of(
                product(args.tensor("input"), right, type, Scalar.of(1), bias, Scalar.of(1)));
    }

    /** {@code beta * self + alpha * (a @ b)} with the broadcasting of {@code matmul}. */
    private static RefTensor product(
            RefTensor a, RefTensor b, TensorType type, Scalar alpha, RefTensor self, Scalar beta) {
        int k = (int) a.sizes().get(-1);
        int n = b.rank() == 1 ? 1 : (int) b.sizes().get(-1);
        int m = a.rank() == 1 ? 1 : (int) a.sizes().get(-2);
        Sizes batchA = leading(a.sizes());
        Sizes batchB = leading(b.sizes());
        Sizes batch = Sizes.broadcast(batchA, batchB);
        int[] ia = Indexing.broadcast(batchA, batch);
        int[] ib = Indexing.broadcast(batchB, batch);
        boolean reads = self != null && beta.toDouble() != 0;
        if (!type.dtype().isFloating()) {
            return RefTensor.buildInts(
                    type,
                    i -> {
                        long sum = 0;
                        for (int j = 0; j < k; j++) {
                            sum +=
                                    a.integer((ia[i / n / m] * m + i / n % m) * k + j)
                                            * b.integer((ib[i / n / m] * k + j) * n + i % n);
                        }
                        return alpha.toLong() * sum + (reads ? beta.toLong() * self.integer(i) : 0);
                    });
        }
        return RefTensor.build(
                type,
                i -> {
                    double sum = 0;
                    for (int j = 0; j < k; j++) {
                        sum +=
                                a.real((ia[i / n / m] * m + i / n % m) * k + j)
                                        * b.real((ib[i / n / m] * k + j) * n + i % n);
                    }
                    return alpha.toDouble() * sum + (reads ? beta.toDouble() * self.real(i) : 0);
                });
    }

    private static Sizes leading(Sizes sizes) {
        return sizes.rank() <= 2
                ? Sizes.SCALAR
                : Sizes.of(Arrays.copyOf(sizes.toArray(), sizes.rank() - 2));
    }
}
