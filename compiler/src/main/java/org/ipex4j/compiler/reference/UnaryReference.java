package org.ipex4j.compiler.reference;

import static org.ipex4j.compiler.reference.Pointwise.unary;

import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Functions of one element. */
final class UnaryReference {
    private UnaryReference() {}

    static void addTo(ReferenceTable t) {
        t.add("aten.exp", unary(Math::exp));
        t.add("aten.exp2", unary(x -> Math.pow(2, x)));
        t.add("aten.expm1", unary(Math::expm1));
        t.add("aten.log", unary(Math::log));
        t.add("aten.log2", unary(x -> log2(x)));
        t.add("aten.log10", unary(Math::log10));
        t.add("aten.log1p", unary(Math::log1p));
        t.add("aten.sqrt", unary(Math::sqrt));
        t.add("aten.rsqrt", unary(x -> 1 / Math.sqrt(x)));
        t.add("aten.reciprocal", unary(x -> 1 / x));
        t.add("aten.sin", unary(Math::sin));
        t.add("aten.cos", unary(Math::cos));
        t.add("aten.tan", unary(Math::tan));
        t.add("aten.asin", unary(Math::asin));
        t.add("aten.acos", unary(Math::acos));
        t.add("aten.atan", unary(Math::atan));
        t.add("aten.sinh", unary(Math::sinh));
        t.add("aten.cosh", unary(Math::cosh));
        t.add("aten.tanh", unary(Math::tanh));
        t.add("aten.asinh", unary(SpecialFunctions::asinh));
        t.add("aten.acosh", unary(SpecialFunctions::acosh));
        t.add("aten.atanh", unary(SpecialFunctions::atanh));
        t.add("aten.sigmoid", unary(UnaryReference::sigmoid));
        t.add("aten.erf", unary(SpecialFunctions::erf));
        t.add("aten.erfc", unary(SpecialFunctions::erfc));
        t.add("aten.erfinv", unary(SpecialFunctions::erfinv));
        t.add("aten.lgamma", unary(SpecialFunctions::lgamma));
        t.add("aten.digamma", unary(SpecialFunctions::digamma));
        t.add(
                "aten.polygamma",
                (args, types) ->
                        unary(
                                        args.integer("n") == 0
                                                ? SpecialFunctions::digamma
                                                : SpecialFunctions::trigamma)
                                .evaluate(args, types));
        t.add("aten.sinc", unary(SpecialFunctions::sinc));
        t.add("aten.deg2rad", unary(x -> x * (Math.PI / 180)));
        t.add("aten.rad2deg", unary(x -> x * (180 / Math.PI)));
        t.add("aten.logit", UnaryReference::logit);
        kept(t, "aten.abs", Math::abs, Math::abs);
        kept(t, "aten.neg", x -> -x, x -> -x);
        kept(t, "aten.floor", Math::floor, x -> x);
        kept(t, "aten.ceil", Math::ceil, x -> x);
        kept(t, "aten.round", Math::rint, x -> x);
        kept(t, "aten.trunc", BinaryReference::trunc, x -> x);
        kept(t, "aten.frac", x -> x - BinaryReference.trunc(x), null);
        kept(t, "aten.sign", UnaryReference::sign, Long::signum);
        kept(t, "aten.sgn", UnaryReference::sign, Long::signum);
        kept(t, "aten.square", x -> x * x, x -> x * x);
        t.add("aten.round.decimals", UnaryReference::roundDecimals);
        test(t, "aten.isnan", Double::isNaN);
        test(t, "aten.isinf", Double::isInfinite);
        test(t, "aten.isfinite", Double::isFinite);
        test(t, "aten.signbit", x -> x < 0 || (x == 0 && 1 / x < 0));
        test(t, "aten.logical_not", x -> x == 0);
        t.add(
                "aten.bitwise_not",
                (args, types) -> {
                    RefTensor x = args.tensor("self");
                    boolean bool = x.dtype() == DType.BOOL;
                    return List.of(
                            RefTensor.buildInts(
                                    types.getFirst(),
                                    i -> bool ? 1 - x.integer(i) : ~x.integer(i)));
                });
        t.add("aten.nan_to_num", UnaryReference::nanToNum);
    }

    /** A function that keeps integers as they are typed. */
    private static void kept(
            ReferenceTable t, String op, DoubleUnaryOperator reals, LongUnaryOperator ints) {
        t.add(
                op,
                (args, types) -> {
                    TensorType type = types.getFirst();
                    RefTensor x = args.tensor("self");
                    return List.of(
                            x.dtype().isFloating()
                                    ? RefTensor.build(type, i -> reals.applyAsDouble(x.real(i)))
                                    : RefTensor.buildInts(
                                            type, i -> ints.applyAsLong(x.integer(i))));
                });
    }

    private static void test(ReferenceTable t, String op, DoublePredicate p) {
        t.add(
                op,
                (args, types) -> {
                    RefTensor x = args.tensor("self");
                    return List.of(
                            RefTensor.buildInts(types.getFirst(), i -> p.test(x.real(i)) ? 1 : 0));
                });
    }

    private static double log2(double x) {
        // Exact for powers of two, which a quotient of logarithms is not.
        int e = Math.getExponent(x);
        return x > 0 && Double.isFinite(x) && x == Math.scalb(1.0, e)
                ? e
                : Math.log(x) / Math.log(2);
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** 0 for NaN, as in ATen. */
    private static double sign(double x) {
        return x > 0 ? 1 : x < 0 ? -1 : 0;
    }

    private static List<RefTensor> logit(Args<RefTensor> args, List<TensorType> types) {
        TensorType t = types.getFirst();
        RefTensor x = args.tensor("self").to(t.dtype());
        double eps = args.optionalReal("eps").orElse(-1.0);
        double low = t.dtype() == DType.FLOAT64 ? eps : (float) eps;
        double high = t.dtype() == DType.FLOAT64 ? 1 - eps : (float) (1 - eps);
        return List.of(
                RefTensor.build(
                        t,
                        i -> {
                            double p = x.real(i);
                            double z = eps < 0 ? p : p < low ? low : p > high ? high : p;
                            return z == 1 ? Double.POSITIVE_INFINITY : Math.log(z / (1 - z));
                        }));
    }

    /**
     * Scales, rounds half to even and scales back, each in the dtype: what the scaling rounds off
     * is lost.
     */
    private static List<RefTensor> roundDecimals(Args<RefTensor> args, List<TensorType> types) {
        TensorType t = types.getFirst();
        RefTensor x = args.tensor("self");
        long decimals = args.integer("decimals");
        double ten = t.dtype().round(Math.pow(10, Math.abs(decimals)));
        return List.of(
                RefTensor.build(
                        t,
                        i -> {
                            double v = x.real(i);
                            if (decimals == 0) {
                                return Math.rint(v);
                            }
                            double scaled = t.dtype().round(decimals > 0 ? v * ten : v / ten);
                            double rounded = Math.rint(scaled);
                            return decimals > 0 ? rounded / ten : rounded * ten;
                        }));
    }

    private static List<RefTensor> nanToNum(Args<RefTensor> args, List<TensorType> types) {
        TensorType t = types.getFirst();
        RefTensor x = args.tensor("self");
        if (!t.dtype().isFloating()) {
            return List.of(x);
        }
        double most = greatest(t.dtype());
        double nan = args.optionalReal("nan").orElse(0.0);
        double up = args.optionalReal("posinf").orElse(most);
        double down = args.optionalReal("neginf").orElse(-most);
        return List.of(
                RefTensor.build(
                        t,
                        i -> {
                            double v = x.real(i);
                            return Double.isNaN(v)
                                    ? nan
                                    : Double.isInfinite(v) ? (v > 0 ? up : down) : v;
                        }));
    }

    /** The greatest finite value of a floating dtype. */
    static double greatest(DType t) {
        return switch (t) {
            case FLOAT16 -> 65504;
            case BFLOAT16 -> Float.intBitsToFloat(0x7F7F0000);
            case FLOAT32 -> Float.MAX_VALUE;
            case FLOAT64 -> Double.MAX_VALUE;
            default -> throw new IllegalArgumentException("not a floating dtype: " + t);
        };
    }
}
