package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.POINTWISE;
import static org.ipex4j.ir.op.TypeRules.floatUnary;
import static org.ipex4j.ir.op.TypeRules.one;
import static org.ipex4j.ir.op.TypeRules.predicate;
import static org.ipex4j.ir.op.TypeRules.same;

import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.TypeRules.Accept;

/** Functions of one element. */
final class UnaryOps {
    /** Integers and bool become float32. */
    static final String[] FLOAT_FUNCTIONS = {
        "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal",
                "sin", "cos", "tan",
        "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "erf",
                "erfc", "erfinv",
        "lgamma", "digamma", "sinc", "deg2rad", "rad2deg"
    };

    private UnaryOps() {}

    static void addTo(OpCatalog c) {
        for (String f : FLOAT_FUNCTIONS) {
            c.add("aten::" + f + "(Tensor self) -> Tensor", floatUnary(), POINTWISE);
        }
        c.add(
                "aten::polygamma(int n, Tensor self) -> Tensor",
                args -> {
                    long n = args.integer("n");
                    TypeRules.require(
                            n == 0 || n == 1,
                            "n is "
                                    + n
                                    + ", expected 0 (the digamma function) or 1 (its derivative)");
                    return floatUnary().infer(args);
                },
                POINTWISE);
        c.add("aten::logit(Tensor self, float? eps=None) -> Tensor", floatUnary(), POINTWISE);
        for (String f : new String[] {"abs", "neg", "floor", "ceil", "round", "trunc"}) {
            c.add("aten::" + f + "(Tensor self) -> Tensor", same(Accept.NOT_BOOL), POINTWISE);
        }
        c.add(
                "aten::round.decimals(Tensor self, *, int decimals) -> Tensor",
                same(Accept.FLOATING),
                POINTWISE);
        c.add("aten::frac(Tensor self) -> Tensor", same(Accept.FLOATING), POINTWISE);
        c.add("aten::sign(Tensor self) -> Tensor", same(Accept.ANY), POINTWISE);
        c.add("aten::sgn(Tensor self) -> Tensor", same(Accept.ANY), POINTWISE);
        c.add(
                "aten::square(Tensor self) -> Tensor",
                args -> {
                    TensorType t = args.tensor("self");
                    // pow with an int64 exponent, so bool becomes int64.
                    return one(t.dtype() == DType.BOOL ? DType.INT64 : t.dtype(), t.sizes());
                },
                POINTWISE);
        for (String f : new String[] {"isnan", "isinf", "isfinite", "signbit"}) {
            c.add("aten::" + f + "(Tensor self) -> Tensor", predicate(), POINTWISE);
        }
        c.add(
                "aten::nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor",
                same(Accept.ANY),
                POINTWISE);
    }
}
