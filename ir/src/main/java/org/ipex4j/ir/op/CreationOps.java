package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.COMPOSITE;
import static org.ipex4j.ir.op.TypeRules.one;
import static org.ipex4j.ir.op.TypeRules.require;
import static org.ipex4j.ir.op.TypeRules.same;
import static org.ipex4j.ir.op.TypeRules.sizes;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.TypeRules.Accept;

/** Tensors made from sizes and numbers, and the triangles of matrices. */
final class CreationOps {
    /**
     * The arguments all creation ops end in; all but the dtype are dropped by {@link Schema#parse}.
     */
    private static final String OPTIONS =
            "ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None";

    private CreationOps() {}

    static void addTo(OpCatalog c) {
        c.add(
                "aten::full(SymInt[] size, Scalar fill_value, *, " + OPTIONS + ") -> Tensor",
                args -> {
                    DType natural = natural(args.number("fill_value"));
                    return one(
                            args.dtype("dtype").orElse(natural),
                            sizes(args.integers("size"), "size"));
                });
        TypeRule bySize =
                args ->
                        one(
                                args.dtype("dtype").orElse(DType.FLOAT32),
                                sizes(args.integers("size"), "size"));
        c.add("aten::zeros(SymInt[] size, *, " + OPTIONS + ") -> Tensor", bySize, COMPOSITE);
        c.add("aten::ones(SymInt[] size, *, " + OPTIONS + ") -> Tensor", bySize, COMPOSITE);
        c.add(
                "aten::empty.memory_format(SymInt[] size, *, "
                        + OPTIONS
                        + ", MemoryFormat? memory_format=None) -> Tensor",
                bySize,
                COMPOSITE);
        TypeRule like =
                args -> {
                    TensorType t = args.tensor("self");
                    return one(args.dtype("dtype").orElse(t.dtype()), t.sizes());
                };
        String likeOptions = "*, " + OPTIONS + ", MemoryFormat? memory_format=None) -> Tensor";
        c.add("aten::full_like(Tensor self, Scalar fill_value, " + likeOptions, like, COMPOSITE);
        c.add("aten::zeros_like(Tensor self, " + likeOptions, like, COMPOSITE);
        c.add("aten::ones_like(Tensor self, " + likeOptions, like, COMPOSITE);
        c.add("aten::empty_like(Tensor self, " + likeOptions, like, COMPOSITE);
        c.add(
                "aten::scalar_tensor(Scalar s, *, " + OPTIONS + ") -> Tensor",
                args -> one(args.dtype("dtype").orElse(DType.FLOAT32), Sizes.SCALAR),
                COMPOSITE);
        c.add(
                "aten::arange(Scalar end, *, " + OPTIONS + ") -> Tensor",
                args -> arange(args, Scalar.of(0), args.number("end"), Scalar.of(1)),
                COMPOSITE);
        c.add(
                "aten::arange.start(Scalar start, Scalar end, *, " + OPTIONS + ") -> Tensor",
                args -> arange(args, args.number("start"), args.number("end"), Scalar.of(1)),
                COMPOSITE);
        c.add(
                "aten::arange.start_step(Scalar start, Scalar end, Scalar step=1, *, "
                        + OPTIONS
                        + ") -> Tensor",
                args ->
                        arange(
                                args,
                                args.number("start"),
                                args.number("end"),
                                args.number("step")));
        c.add(
                "aten::linspace(Scalar start, Scalar end, int steps, *, " + OPTIONS + ") -> Tensor",
                args -> {
                    long steps = args.integer("steps");
                    require(steps >= 0, "steps must not be negative, is " + steps);
                    return one(args.dtype("dtype").orElse(DType.FLOAT32), Sizes.of(steps));
                });
        c.add(
                "aten::eye(SymInt n, *, " + OPTIONS + ") -> Tensor",
                args -> eye(args, args.integer("n"), args.integer("n")),
                COMPOSITE);
        c.add(
                "aten::eye.m(SymInt n, SymInt m, *, " + OPTIONS + ") -> Tensor",
                args -> eye(args, args.integer("n"), args.integer("m")));
        c.add(
                "aten::one_hot(Tensor self, int num_classes=-1) -> Tensor",
                CreationOps::oneHot,
                COMPOSITE);
        for (String f : new String[] {"tril", "triu"}) {
            c.add(
                    "aten::" + f + "(Tensor self, SymInt diagonal=0) -> Tensor",
                    args -> {
                        Sizes s = args.tensor("self").sizes();
                        require(
                                s.rank() >= 2,
                                "the input should have at least 2 dimensions, is " + s);
                        return same(Accept.ANY).infer(args);
                    });
        }
    }

    /** The dtype a number has as a tensor: bool, int64 or float32. */
    private static DType natural(Scalar s) {
        return s.dtype().isFloating() ? DType.FLOAT32 : s.dtype();
    }

    private static List<TensorType> arange(
            Args<TensorType> args, Scalar start, Scalar end, Scalar step) {
        boolean real =
                start instanceof Scalar.Real
                        || end instanceof Scalar.Real
                        || step instanceof Scalar.Real;
        DType dtype = args.dtype("dtype").orElse(real ? DType.FLOAT32 : DType.INT64);
        Accept.NOT_BOOL.check(dtype, "dtype");
        double from = start.toDouble();
        double to = end.toDouble();
        double by = step.toDouble();
        require(by != 0, "step must not be 0");
        require(
                Double.isFinite(from) && Double.isFinite(to) && !Double.isNaN(by),
                "unsupported range: " + from + " to " + to);
        require(
                by > 0 ? to >= from : to <= from,
                "the range " + from + " to " + to + " does not go the way of step " + by);
        long n =
                real
                        ? (long) Math.ceil((to - from) / by)
                        : Math.ceilDiv(
                                Math.subtractExact(end.toLong(), start.toLong()), step.toLong());
        return one(dtype, Sizes.of(n));
    }

    private static List<TensorType> eye(Args<TensorType> args, long n, long m) {
        require(n >= 0 && m >= 0, "sizes must not be negative: " + n + " and " + m);
        return one(args.dtype("dtype").orElse(DType.FLOAT32), Sizes.of(n, m));
    }

    private static List<TensorType> oneHot(Args<TensorType> args) {
        TensorType t = args.tensor("self");
        require(
                t.dtype() == DType.INT64,
                "the input is " + t.dtype() + ", expected int64 class numbers");
        long classes = args.integer("num_classes");
        require(
                classes > 0,
                "num_classes must be given and positive, is "
                        + classes
                        + " (it cannot be read from the data)");
        long[] s = t.sizes().toArray();
        long[] out = java.util.Arrays.copyOf(s, s.length + 1);
        out[s.length] = classes;
        return one(DType.INT64, Sizes.of(out));
    }
}
