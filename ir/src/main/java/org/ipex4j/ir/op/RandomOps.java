package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.COMPOSITE;
import static org.ipex4j.ir.op.Trait.RANDOM;
import static org.ipex4j.ir.op.TypeRules.one;
import static org.ipex4j.ir.op.TypeRules.require;
import static org.ipex4j.ir.op.TypeRules.sizes;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.TypeRules.Accept;

/**
 * Ops that draw random numbers, and the one op of our own that they become in graphs: {@code
 * ipex.philox_uniform}, a pure function of a state (int64 [2]: seed and first position of {@link
 * org.ipex4j.ir.Philox}) and an offset in positions. Elements 2 k and 2 k + 1 are the two halves of
 * the block at the k-th position after the offset.
 */
final class RandomOps {
    private static final String OPTIONS =
            ", Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor";

    private RandomOps() {}

    static void addTo(OpCatalog c) {
        c.add(
                "aten::native_dropout(Tensor input, float p, bool? train) -> (Tensor, Tensor)",
                args -> {
                    TensorType t = args.tensor("input");
                    checkProbability(args.real("p"));
                    Accept.FLOATING.check(t.dtype(), "the input");
                    return List.of(t, new TensorType(DType.BOOL, t.sizes()));
                },
                RANDOM);
        c.add(
                "aten::dropout(Tensor input, float p, bool train) -> Tensor",
                args -> {
                    TensorType t = args.tensor("input");
                    checkProbability(args.real("p"));
                    require(
                            !args.bool("train") || t.dtype().isFloating(),
                            "the input is " + t + ", expected a floating dtype");
                    return List.of(t);
                },
                RANDOM,
                COMPOSITE);
        c.add(
                "aten::bernoulli(Tensor self, *, Generator? generator=None) -> Tensor",
                TypeRules.same(Accept.FLOATING),
                RANDOM);
        c.add(
                "aten::bernoulli.p(Tensor self, float p, *, Generator? generator=None) -> Tensor",
                args -> {
                    checkProbability(args.real("p"));
                    return List.of(args.tensor("self"));
                },
                RANDOM);
        TypeRule bySize =
                args ->
                        one(
                                Accept.FLOATING.check(
                                        args.dtype("dtype").orElse(DType.FLOAT32), "dtype"),
                                sizes(args.integers("size"), "size"));
        c.add("aten::rand(SymInt[] size, *, ScalarType? dtype=None" + OPTIONS, bySize, RANDOM);
        c.add("aten::randn(SymInt[] size, *, ScalarType? dtype=None" + OPTIONS, bySize, RANDOM);
        c.add(
                "aten::uniform(Tensor self, float from=0, float to=1, *, Generator? generator=None) -> Tensor",
                args -> {
                    double from = args.real("from");
                    double to = args.real("to");
                    require(from <= to, "from " + from + " is above to " + to);
                    return TypeRules.same(Accept.FLOATING).infer(args);
                },
                RANDOM);
        c.add(
                "aten::normal_functional(Tensor self, float mean=0, float std=1, *, Generator? generator=None) -> Tensor",
                args -> {
                    require(
                            args.real("std") >= 0,
                            "std must not be negative, is " + args.real("std"));
                    return TypeRules.same(Accept.FLOATING).infer(args);
                },
                RANDOM);
        c.add(
                "ipex::philox_uniform(Tensor state, SymInt offset, SymInt[] size, *, ScalarType? dtype=None) -> Tensor",
                RandomOps::philox,
                (args, results) -> 60.0 * results.getFirst().numel());
        c.add(
                "aten::randint(SymInt high, SymInt[] size, *, ScalarType? dtype=long" + OPTIONS,
                args -> randint(args, 0),
                RANDOM);
        c.add(
                "aten::randint.low(SymInt low, SymInt high, SymInt[] size, *, ScalarType? dtype=long"
                        + OPTIONS,
                args -> randint(args, args.integer("low")),
                RANDOM);
        c.add(
                "aten::randperm(SymInt n, *, ScalarType? dtype=long" + OPTIONS,
                args -> {
                    require(
                            args.integer("n") >= 0,
                            "n must not be negative, is " + args.integer("n"));
                    return one(
                            args.dtype("dtype").orElse(DType.INT64), Sizes.of(args.integer("n")));
                },
                RANDOM);
    }

    private static List<TensorType> philox(Args<TensorType> args) {
        TensorType state = args.tensor("state");
        require(
                state.equals(TensorType.of(DType.INT64, 2)),
                "state should be "
                        + TensorType.of(DType.INT64, 2)
                        + ", seed and position, is "
                        + state);
        require(
                args.integer("offset") >= 0,
                "offset must not be negative, is " + args.integer("offset"));
        return one(
                Accept.FLOATING.check(args.dtype("dtype").orElse(DType.FLOAT32), "dtype"),
                sizes(args.integers("size"), "size"));
    }

    private static void checkProbability(double p) {
        require(p >= 0 && p <= 1, "the probability should be between 0 and 1, is " + p);
    }

    private static List<TensorType> randint(Args<TensorType> args, long low) {
        long high = args.integer("high");
        require(low < high, "low " + low + " should be below high " + high);
        return one(args.dtype("dtype").orElse(DType.INT64), sizes(args.integers("size"), "size"));
    }
}
