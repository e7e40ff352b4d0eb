package org.ipex4j.ir.op;

import java.util.List;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Matrix and vector products. */
final class MatmulOps {
    private MatmulOps() {}

    static void addTo(OpCatalog catalog) {
        catalog.add(
                "aten::mm(Tensor self, Tensor mat2) -> Tensor",
                a -> mm(a, "self", "mat2"),
                MatmulOps::flops,
                Trait.EXPENSIVE);
        catalog.add(
                "aten::bmm(Tensor self, Tensor mat2) -> Tensor",
                a -> bmm(a, "self", "mat2"),
                MatmulOps::flops,
                Trait.EXPENSIVE);
        catalog.add(
                "aten::addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
                a -> added(a, mm(a, "mat1", "mat2"), "mat1"),
                MatmulOps::flops,
                Trait.EXPENSIVE);
        catalog.add(
                "aten::baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
                a -> added(a, bmm(a, "batch1", "batch2"), "batch1"),
                MatmulOps::flops,
                Trait.EXPENSIVE);
        catalog.add(
                "aten::addbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
                MatmulOps::addbmm,
                MatmulOps::flops,
                Trait.EXPENSIVE,
                Trait.COMPOSITE);
        catalog.add(
                "aten::addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
                a -> expanded(a, mv(a, "mat", "vec")),
                MatmulOps::flops,
                Trait.EXPENSIVE,
                Trait.COMPOSITE);
        catalog.add(
                "aten::matmul(Tensor self, Tensor other) -> Tensor",
                MatmulOps::matmul,
                MatmulOps::flops,
                Trait.EXPENSIVE,
                Trait.COMPOSITE);
        catalog.add(
                "aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
                MatmulOps::linear,
                MatmulOps::flops,
                Trait.EXPENSIVE,
                Trait.COMPOSITE);
        catalog.add(
                "aten::mv(Tensor self, Tensor vec) -> Tensor",
                a -> mv(a, "self", "vec"),
                MatmulOps::flops,
                Trait.EXPENSIVE,
                Trait.COMPOSITE);
        catalog.add(
                "aten::dot(Tensor self, Tensor tensor) -> Tensor",
                MatmulOps::dot,
                MatmulOps::flops,
                Trait.EXPENSIVE,
                Trait.COMPOSITE);
        catalog.add(
                "aten::outer(Tensor self, Tensor vec2) -> Tensor",
                MatmulOps::outer,
                Trait.COMPOSITE);
    }

    private static List<TensorType> mm(Args<TensorType> args, String left, String right) {
        TensorType a = args.tensor(left);
        TensorType b = args.tensor(right);
        Check.rank(left, a, 2);
        Check.rank(right, b, 2);
        Check.sameDType(left, a, right, b);
        inner(a.sizes(), b.sizes(), a.sizes().get(1), b.sizes().get(0));
        return Check.one(a.dtype(), Sizes.of(a.sizes().get(0), b.sizes().get(1)));
    }

    private static List<TensorType> bmm(Args<TensorType> args, String left, String right) {
        TensorType a = args.tensor(left);
        TensorType b = args.tensor(right);
        Check.rank(left, a, 3);
        Check.rank(right, b, 3);
        Check.sameDType(left, a, right, b);
        Check.that(
                a.sizes().get(0) == b.sizes().get(0),
                "batch sizes differ: %s x %s",
                a.sizes(),
                b.sizes());
        inner(a.sizes(), b.sizes(), a.sizes().get(2), b.sizes().get(1));
        return Check.one(a.dtype(), Sizes.of(a.sizes().get(0), a.sizes().get(1), b.sizes().get(2)));
    }

    private static List<TensorType> mv(Args<TensorType> args, String left, String right) {
        TensorType a = args.tensor(left);
        TensorType b = args.tensor(right);
        Check.rank(left, a, 2);
        Check.rank(right, b, 1);
        Check.sameDType(left, a, right, b);
        inner(a.sizes(), b.sizes(), a.sizes().get(1), b.sizes().get(0));
        return Check.one(a.dtype(), Sizes.of(a.sizes().get(0)));
    }

    private static List<TensorType> dot(Args<TensorType> args) {
        TensorType a = args.tensor("self");
        TensorType b = args.tensor("tensor");
        Check.rank("self", a, 1);
        Check.rank("tensor", b, 1);
        Check.sameDType("self", a, "tensor", b);
        inner(a.sizes(), b.sizes(), a.sizes().get(0), b.sizes().get(0));
        return Check.one(a.dtype(), Sizes.SCALAR);
    }

    private static List<TensorType> outer(Args<TensorType> args) {
        TensorType a = args.tensor("self");
        TensorType b = args.tensor("vec2");
        Check.rank("self", a, 1);
        Check.rank("vec2", b, 1);
        return Check.one(
                org.ipex4j.ir.DType.promote(a.dtype(), b.dtype()),
                Sizes.of(a.sizes().get(0), b.sizes().get(0)));
    }

    /** Demands that {@code self} has the product's type and expands to its sizes. */
    private static List<TensorType> added(
            Args<TensorType> args, List<TensorType> product, String left) {
        Check.sameDType("self", args.tensor("self"), left, args.tensor(left));
        return expanded(args, product);
    }

    /** Demands that {@code self}, of whatever type, expands to the product's sizes. */
    private static List<TensorType> expanded(Args<TensorType> args, List<TensorType> product) {
        TensorType self = args.tensor("self");
        TensorType out = product.getFirst();
        Check.that(
                Check.expands(self.sizes(), out.sizes()),
                "'self' %s does not expand to the product's sizes %s",
                self.sizes(),
                out.sizes());
        return product;
    }

    private static List<TensorType> addbmm(Args<TensorType> args) {
        TensorType batched = bmm(args, "batch1", "batch2").getFirst();
        return added(
                args,
                Check.one(
                        batched.dtype(), Sizes.of(batched.sizes().get(1), batched.sizes().get(2))),
                "batch1");
    }

    private static List<TensorType> matmul(Args<TensorType> args) {
        TensorType a = args.tensor("self");
        TensorType b = args.tensor("other");
        Check.that(
                a.rank() >= 1 && b.rank() >= 1,
                "both operands must have at least one dimension, got %s x %s",
                a.sizes(),
                b.sizes());
        Check.sameDType("self", a, "other", b);
        boolean vectorA = a.rank() == 1;
        boolean vectorB = b.rank() == 1;
        inner(a.sizes(), b.sizes(), a.sizes().get(-1), b.sizes().get(vectorB ? 0 : -2));
        Sizes batch = Sizes.broadcast(leading(a.sizes()), leading(b.sizes()));
        long[] out = new long[batch.rank() + (vectorA ? 0 : 1) + (vectorB ? 0 : 1)];
        System.arraycopy(batch.toArray(), 0, out, 0, batch.rank());
        int at = batch.rank();
        if (!vectorA) {
            out[at++] = a.sizes().get(-2);
        }
        if (!vectorB) {
            out[at] = b.sizes().get(-1);
        }
        return Check.one(a.dtype(), Sizes.of(out));
    }

    /** The dimensions before the last two. */
    private static Sizes leading(Sizes sizes) {
        return sizes.rank() <= 2
                ? Sizes.SCALAR
                : Sizes.of(java.util.Arrays.copyOf(sizes.toArray(), sizes.rank() - 2));
    }

    private static List<TensorType> linear(Args<TensorType> args) {
        TensorType input = args.tensor("input");
        TensorType weight = args.tensor("weight");
        Check.rank("weight", weight, 1, 2);
        Check.that(
                input.rank() >= 1,
                "'input' must have at least one dimension, has sizes %s",
                input.sizes());
        Check.sameDType("input", input, "weight", weight);
        long features = weight.sizes().get(-1);
        Check.that(
                input.sizes().get(-1) == features,
                "the last dimension of input %s must be %s for a weight of sizes %s",
                input.sizes(),
                features,
                weight.sizes());
        Sizes out =
                weight.rank() == 2
                        ? input.sizes().with(-1, weight.sizes().get(0))
                        : Sizes.of(
                                java.util.Arrays.copyOf(input.sizes().toArray(), input.rank() - 1));
        args.optionalTensor("bias")
                .ifPresent(
                        bias -> {
                            Check.sameDType("input", input, "bias", bias);
                            Check.that(
                                    Check.expands(bias.sizes(), out),
                                    "'bias' %s does not expand to the result's sizes %s",
                                    bias.sizes(),
                                    out);
                        });
        return Check.one(input.dtype(), out);
    }

    private static void inner(Sizes a, Sizes b, long innerA, long innerB) {
        Check.that(innerA == innerB, "inner dimensions differ: %s x %s", a, b);
    }

    /** Two operations per result element and inner index, and one per element for what is added. */
    private static double flops(Args<TensorType> args, List<TensorType> results) {
        int first =
                args.schema().params().getFirst().name().equals("self") && args.schema().has("beta")
                        ? 1
                        : 0;
        TensorType left = args.allTensors().get(first);
        double inner = left.sizes().get(-1);
        double elements = results.getFirst().numel();
        if (args.schema().name().equals("aten.addbmm")) {
            inner *= left.sizes().get(0);
        }
        boolean adds = first == 1 || args.allTensors().size() == 3;
        return 2 * inner * elements + (adds ? elements : 0);
    }
}
