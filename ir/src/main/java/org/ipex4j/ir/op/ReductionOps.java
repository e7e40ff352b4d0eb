package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.COMPOSITE;
import static org.ipex4j.ir.op.Trait.REDUCTION;
import static org.ipex4j.ir.op.TypeRules.one;
import static org.ipex4j.ir.op.TypeRules.reduce;
import static org.ipex4j.ir.op.TypeRules.reducedDims;
import static org.ipex4j.ir.op.TypeRules.require;
import static org.ipex4j.ir.op.TypeRules.requireElements;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.TypeRules.Accept;

/** Reductions and scans. They cost one operation per input element. */
final class ReductionOps {
    private static final CostRule PER_INPUT =
            (args, results) -> args.allTensors().stream().mapToLong(TensorType::numel).sum();

    private ReductionOps() {}

    static void addTo(OpCatalog c) {
        String keep = ", bool keepdim=False";
        String dtype = ", *, ScalarType? dtype=None) -> Tensor";
        // Integers and bool add up in int64.
        add(c, "aten::sum(Tensor self" + dtype, reduction(accumulated(), true));
        add(
                c,
                "aten::sum.dim_IntList(Tensor self, int[1]? dim" + keep + dtype,
                reduction(accumulated(), true));
        add(
                c,
                "aten::nansum(Tensor self, int[1]? dim=None" + keep + dtype,
                reduction(accumulated(), true),
                COMPOSITE);
        add(c, "aten::prod(Tensor self" + dtype, reduction(accumulated(), true));
        add(
                c,
                "aten::prod.dim_int(Tensor self, int dim" + keep + dtype,
                reduction(accumulated(), true));
        UnaryOperator<DType> floating = t -> Accept.FLOATING.check(t, "the dtype");
        add(c, "aten::mean(Tensor self" + dtype, reduction(floating, true), COMPOSITE);
        add(
                c,
                "aten::mean.dim(Tensor self, int[1]? dim" + keep + dtype,
                reduction(floating, true),
                COMPOSITE);
        UnaryOperator<DType> same = t -> t;
        add(
                c,
                "aten::amax(Tensor self, int[1] dim=[]" + keep + ") -> Tensor",
                reduction(same, false));
        add(
                c,
                "aten::amin(Tensor self, int[1] dim=[]" + keep + ") -> Tensor",
                reduction(same, false));
        add(c, "aten::max(Tensor self) -> Tensor", reduction(same, false), COMPOSITE);
        add(c, "aten::min(Tensor self) -> Tensor", reduction(same, false), COMPOSITE);
        for (String f : new String[] {"max", "min"}) {
            add(
                    c,
                    "aten::"
                            + f
                            + ".dim(Tensor self, int dim"
                            + keep
                            + ") -> (Tensor values, Tensor indices)",
                    args -> {
                        TensorType values = reduction(same, false).infer(args).getFirst();
                        return List.of(values, new TensorType(DType.INT64, values.sizes()));
                    },
                    COMPOSITE);
            add(
                    c,
                    "aten::arg" + f + "(Tensor self, int? dim=None" + keep + ") -> Tensor",
                    reduction(
                            t -> {
                                Accept.NOT_BOOL.check(t, "the input");
                                return DType.INT64;
                            },
                            false));
        }
        // uint8 stands for bool here, and stays uint8, as in ATen.
        UnaryOperator<DType> truth = t -> t == DType.UINT8 ? t : DType.BOOL;
        for (String f : new String[] {"any", "all"}) {
            add(c, "aten::" + f + "(Tensor self) -> Tensor", reduction(truth, true));
            add(
                    c,
                    "aten::" + f + ".dim(Tensor self, int dim" + keep + ") -> Tensor",
                    reduction(truth, true));
            add(
                    c,
                    "aten::" + f + ".dims(Tensor self, int[]? dim=None" + keep + ") -> Tensor",
                    args -> {
                        boolean empty =
                                args.optionalIntegers("dim").map(d -> d.length == 0).orElse(false);
                        require(
                                !empty,
                                "dim is an empty list; leave it out to reduce all dimensions");
                        return reduction(truth, true).infer(args);
                    });
        }
        String moments = "(Tensor self, int[1]? dim=None, *, Scalar? correction=None" + keep + ")";
        add(
                c,
                "aten::var.correction" + moments + " -> Tensor",
                reduction(floating, true),
                COMPOSITE);
        add(
                c,
                "aten::std.correction" + moments + " -> Tensor",
                reduction(floating, true),
                COMPOSITE);
        for (String f : new String[] {"var_mean", "std_mean"}) {
            add(
                    c,
                    "aten::" + f + ".correction" + moments + " -> (Tensor, Tensor)",
                    args -> {
                        TensorType t = reduction(floating, true).infer(args).getFirst();
                        return List.of(t, t);
                    },
                    COMPOSITE);
        }
        add(
                c,
                "aten::linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None"
                        + keep
                        + dtype,
                ReductionOps::vectorNorm,
                COMPOSITE);
        add(
                c,
                "aten::norm.Scalar(Tensor self, Scalar p=2) -> Tensor",
                reduction(floating, true),
                COMPOSITE);
        add(
                c,
                "aten::norm.ScalarOpt_dim(Tensor self, Scalar? p, int[1] dim"
                        + keep
                        + ") -> Tensor",
                reduction(floating, true),
                COMPOSITE);
        add(
                c,
                "aten::logsumexp(Tensor self, int[1] dim" + keep + ") -> Tensor",
                reduction(TypePromotion::toFloating, true),
                COMPOSITE);
        add(
                c,
                "aten::count_nonzero(Tensor self, int? dim=None) -> Tensor",
                reduction(t -> DType.INT64, true),
                COMPOSITE);
        add(
                c,
                "aten::count_nonzero.dim_IntList(Tensor self, int[] dim) -> Tensor",
                reduction(t -> DType.INT64, true),
                COMPOSITE);
        c.add("aten::cumsum(Tensor self, int dim" + dtype, scan(), PER_INPUT);
        c.add("aten::cumprod(Tensor self, int dim" + dtype, scan(), PER_INPUT);
    }

    private static void add(OpCatalog c, String schema, TypeRule rule, Trait... more) {
        Trait[] traits = new Trait[more.length + 1];
        traits[0] = REDUCTION;
        System.arraycopy(more, 0, traits, 1, more.length);
        c.add(schema, rule, PER_INPUT, traits);
    }

    private static UnaryOperator<DType> accumulated() {
        return t -> t.isFloating() ? t : DType.INT64;
    }

    /**
     * A reduction over {@code dim} (an int, an int[], or left out for all dimensions), with {@code
     * keepdim} and {@code dtype} where the schema has them. A given dtype replaces the input's.
     */
    private static TypeRule reduction(UnaryOperator<DType> result, boolean hasIdentity) {
        return args -> {
            TensorType self = args.tensor("self");
            DType given = args.schema().has("dtype") ? args.dtype("dtype").orElse(null) : null;
            // A dtype for a sum of integers is taken as it is, and not widened again.
            DType dtype =
                    given == null
                            ? result.apply(self.dtype())
                            : given.isFloating() ? result.apply(given) : checkGiven(result, given);
            boolean[] reduced = reducedDims(self.sizes(), dims(args));
            if (!hasIdentity) {
                requireElements(self.sizes(), reduced);
            }
            boolean keep = args.schema().has("keepdim") && args.bool("keepdim");
            return one(dtype, reduce(self.sizes(), reduced, keep));
        };
    }

    private static DType checkGiven(UnaryOperator<DType> result, DType given) {
        DType _ = result.apply(given); // refuses what the op cannot compute in
        return given;
    }

    /** The dimensions of a reduction call, whichever form its schema has; empty for all. */
    private static Optional<long[]> dims(Args<TensorType> args) {
        if (!args.schema().has("dim")) {
            return Optional.empty();
        }
        return switch (args.get("dim")) {
            case Arg.Int<TensorType>(long d) -> Optional.of(new long[] {d});
            case Arg.Ints<TensorType> i -> args.optionalIntegers("dim");
            default -> Optional.empty();
        };
    }

    private static List<TensorType> vectorNorm(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        Accept.FLOATING.check(self.dtype(), "the input");
        DType dtype = args.dtype("dtype").orElse(self.dtype());
        Accept.FLOATING.check(dtype, "dtype");
        require(
                DType.promote(dtype, self.dtype()) == dtype,
                "dtype " + dtype + " is narrower than the input's " + self.dtype());
        boolean[] reduced = reducedDims(self.sizes(), dims(args));
        double ord = args.number("ord").toDouble();
        if (ord < 0 || Double.isInfinite(ord)) {
            requireElements(self.sizes(), reduced);
        }
        return one(dtype, reduce(self.sizes(), reduced, args.bool("keepdim")));
    }

    private static TypeRule scan() {
        return args -> {
            TensorType self = args.tensor("self");
            Sizes sizes = self.sizes();
            sizes.wrap(args.integer("dim"));
            return one(args.dtype("dtype").orElse(accumulated().apply(self.dtype())), sizes);
        };
    }
}
