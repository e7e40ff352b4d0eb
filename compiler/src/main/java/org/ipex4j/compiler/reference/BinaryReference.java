package org.ipex4j.compiler.reference;

import static org.ipex4j.compiler.reference.Pointwise.at;
import static org.ipex4j.compiler.reference.Pointwise.binary;
import static org.ipex4j.compiler.reference.Pointwise.operand;

import java.util.List;
import org.ipex4j.compiler.reference.Pointwise.Int2;
import org.ipex4j.compiler.reference.Pointwise.Real2;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;

/** Arithmetic, comparison and logic on two or three operands. */
final class BinaryReference {
    private BinaryReference() {}

    static void addTo(ReferenceTable t) {
        arithmetic(t);
        comparison(t);
        ternary(t);
    }

    private static void tensorAndScalar(ReferenceTable t, String op, Real2 reals, Int2 ints) {
        t.add(op + ".Tensor", binary("self", "other", reals, ints));
        t.add(op + ".Scalar", binary("self", "other", reals, ints));
    }

    private static void arithmetic(ReferenceTable t) {
        for (String form : new String[] {".Tensor", ".Scalar"}) {
            t.add("aten.add" + form, scaled("self", "other", 1));
            t.add("aten.sub" + form, scaled("self", "other", -1));
            t.add("aten.rsub" + form, scaled("other", "self", -1));
        }
        tensorAndScalar(t, "aten.mul", (a, b) -> a * b, (a, b) -> a * b);
        tensorAndScalar(t, "aten.div", (a, b) -> a / b, null);
        t.add("aten.div.Tensor_mode", BinaryReference::divideByMode);
        t.add("aten.div.Scalar_mode", BinaryReference::divideByMode);
        t.add(
                "aten.floor_divide",
                binary("self", "other", BinaryReference::floorDivide, Math::floorDiv));
        t.add(
                "aten.floor_divide.Scalar",
                binary("self", "other", BinaryReference::floorDivide, Math::floorDiv));
        tensorAndScalar(t, "aten.remainder", BinaryReference::remainder, Math::floorMod);
        t.add(
                "aten.remainder.Scalar_Tensor",
                binary("self", "other", BinaryReference::remainder, Math::floorMod));
        tensorAndScalar(t, "aten.fmod", (a, b) -> a % b, (a, b) -> a % b);
        t.add(
                "aten.pow.Tensor_Tensor",
                binary("self", "exponent", BinaryReference::power, BinaryReference::power));
        t.add(
                "aten.pow.Scalar",
                binary("self", "exponent", BinaryReference::power, BinaryReference::power));
        // Of a number as exponent ATen makes a root, which differs from C's pow at minus infinity.
        t.add(
                "aten.pow.Tensor_Scalar",
                binary(
                        "self",
                        "exponent",
                        (a, b) ->
                                b == 0.5
                                        ? Math.sqrt(a)
                                        : b == -0.5 ? 1 / Math.sqrt(a) : power(a, b),
                        BinaryReference::power));
        t.add("aten.maximum", binary("self", "other", Math::max, Math::max));
        t.add("aten.minimum", binary("self", "other", Math::min, Math::min));
        t.add(
                "aten.fmax",
                binary(
                        "self",
                        "other",
                        (a, b) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b),
                        Math::max));
        t.add(
                "aten.fmin",
                binary(
                        "self",
                        "other",
                        (a, b) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b),
                        Math::min));
        t.add("aten.atan2", binary("self", "other", Math::atan2, null));
        t.add("aten.hypot", binary("self", "other", Math::hypot, null));
        t.add("aten.logaddexp", binary("self", "other", BinaryReference::logAddExp, null));
        t.add("aten.copysign.Tensor", binary("self", "other", Math::copySign, null));
        for (String form : new String[] {".Tensor", ".Scalar_Self", ".Scalar_Other"}) {
            t.add("aten.xlogy" + form, binary("self", "other", BinaryReference::xlogy, null));
        }
    }

    private static void comparison(ReferenceTable t) {
        predicate(t, "aten.eq", (a, b) -> a == b, (a, b) -> a == b);
        predicate(t, "aten.ne", (a, b) -> a != b, (a, b) -> a != b);
        predicate(t, "aten.lt", (a, b) -> a < b, (a, b) -> a < b);
        predicate(t, "aten.le", (a, b) -> a <= b, (a, b) -> a <= b);
        predicate(t, "aten.gt", (a, b) -> a > b, (a, b) -> a > b);
        predicate(t, "aten.ge", (a, b) -> a >= b, (a, b) -> a >= b);
        t.add("aten.isclose", BinaryReference::isClose);
        logical(t, "aten.logical_and", (a, b) -> a && b);
        logical(t, "aten.logical_or", (a, b) -> a || b);
        logical(t, "aten.logical_xor", (a, b) -> a ^ b);
        bits(t, "aten.bitwise_and", (a, b) -> a & b, ".Tensor", ".Scalar");
        bits(t, "aten.bitwise_or", (a, b) -> a | b, ".Tensor", ".Scalar");
        bits(t, "aten.bitwise_xor", (a, b) -> a ^ b, ".Tensor", ".Scalar");
        for (String form : new String[] {".Tensor", ".Tensor_Scalar"}) {
            t.add(
                    "aten.bitwise_left_shift" + form,
                    (args, types) -> shift(args, types.getFirst(), true));
            t.add(
                    "aten.bitwise_right_shift" + form,
                    (args, types) -> shift(args, types.getFirst(), false));
        }
    }

    private interface RealTest {
        boolean test(double a, double b);
    }

    private interface IntTest {
        boolean test(long a, long b);
    }

    private interface TruthTest {
        boolean test(boolean a, boolean b);
    }

    private static void predicate(ReferenceTable t, String op, RealTest reals, IntTest ints) {
        tensorAndScalar(
                t, op, (a, b) -> reals.test(a, b) ? 1 : 0, (a, b) -> ints.test(a, b) ? 1 : 0);
    }

    private static void logical(ReferenceTable t, String op, TruthTest test) {
        t.add(
                op,
                (args, types) -> {
                    TensorType type = types.getFirst();
                    // Each operand becomes a truth value by itself, in its own dtype.
                    RefTensor a = at(args.tensor("self"), DType.BOOL, type.sizes());
                    RefTensor b = at(args.tensor("other"), DType.BOOL, type.sizes());
                    return List.of(
                            RefTensor.buildInts(
                                    type, i -> test.test(a.truth(i), b.truth(i)) ? 1 : 0));
                });
    }

    private static void bits(ReferenceTable t, String op, Int2 f, String... forms) {
        for (String form : forms) {
            t.add(op + form, binary("self", "other", null, f));
        }
    }

    private static void ternary(ReferenceTable t) {
        for (String form : new String[] {".Scalar", ".Tensor"}) {
            t.add(
                    "aten.lerp" + form,
                    (args, types) -> {
                        TensorType type = types.getFirst();
                        DType d = type.dtype();
                        RefTensor a = at(args.tensor("self"), d, type.sizes());
                        RefTensor b = at(args.tensor("end"), d, type.sizes());
                        RefTensor w =
                                at(
                                        operand(args, "weight"),
                                        d == DType.FLOAT64 ? d : DType.FLOAT32,
                                        type.sizes());
                        return List.of(
                                RefTensor.build(type, i -> lerp(a.real(i), b.real(i), w.real(i))));
                    });
        }
        t.add("aten.addcmul", (args, types) -> addc(args, types.getFirst(), (x, y) -> x * y));
        t.add("aten.addcdiv", (args, types) -> addc(args, types.getFirst(), (x, y) -> x / y));
    }

    /** {@code a + sign * alpha * b}. */
    private static Reference scaled(String a, String b, int sign) {
        return (args, types) -> {
            TensorType t = types.getFirst();
            RefTensor x = operand(args, a).to(t.dtype());
            RefTensor y = operand(args, b).to(t.dtype());
            double alpha = sign * Pointwise.number(args, "alpha", t.dtype());
            long whole = sign * args.number("alpha").toLong();
            return List.of(
                    Pointwise.combine(t, x, y, (p, q) -> p + alpha * q, (p, q) -> p + whole * q));
        };
    }

    private static List<RefTensor> divideByMode(Args<RefTensor> args, List<TensorType> types) {
        Reference f;
        if (args.isNone("rounding_mode")) {
            f = binary("self", "other", (a, b) -> a / b, null);
        } else if (args.text("rounding_mode").equals("floor")) {
            f = binary("self", "other", BinaryReference::floorDivide, Math::floorDiv);
        } else if (args.get("other") instanceof Arg.Number<RefTensor>
                && types.getFirst().dtype().isFloating()) {
            // Alone among the modes, this one does not round the number to 16 bits.
            TensorType t = types.getFirst();
            return List.of(
                    Pointwise.combine(
                            t,
                            args.tensor("self").to(t.dtype()),
                            RefTensor.of(Scalar.of(Pointwise.number(args, "other", t.dtype()))),
                            (a, b) -> trunc(a / b),
                            null));
        } else {
            f = binary("self", "other", (a, b) -> trunc(a / b), (a, b) -> a / b);
        }
        return f.evaluate(args, types);
    }

    static double trunc(double v) {
        return v < 0 ? Math.ceil(v) : Math.floor(v);
    }

    /** The quotient rounded down, computed from the exact remainder as in Python and ATen. */
    static double floorDivide(double a, double b) {
        if (b == 0) {
            return a / b;
        }
        double rest = a % b;
        double quotient = (a - rest) / b;
        if (rest != 0 && (b < 0) != (rest < 0)) {
            quotient -= 1;
        }
        if (quotient == 0) {
            return Math.copySign(0.0, a / b);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    /** The remainder with the divisor's sign. */
    static double remainder(double a, double b) {
        double rest = a % b;
        return rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest;
    }

    /** {@link Math#pow}, but 1 to any power and -1 to an infinite power are 1, as in C. */
    static double power(double a, double b) {
        if (a == 1 || (a == -1 && Double.isInfinite(b))) {
            return 1;
        }
        return Math.pow(a, b);
    }

    /** Powers of integers wrap; negative exponents leave 0 but for bases 1 and -1. */
    static long power(long base, long exponent) {
        if (exponent < 0) {
            return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
        }
        long out = 1;
        long factor = base;
        for (long e = exponent; e > 0; e >>= 1) {
            if ((e & 1) == 1) {
                out *= factor;
            }
            factor *= factor;
        }
        return out;
    }

    static double logAddExp(double a, double b) {
        if (Double.isInfinite(a) && a == b) {
            return a;
        }
        return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
    }

    static double xlogy(double a, double b) {
        return Double.isNaN(b) ? b : a == 0 ? 0 : a * Math.log(b);
    }

    private static List<RefTensor> isClose(Args<RefTensor> args, List<TensorType> types) {
        double rtol = args.real("rtol");
        double atol = args.real("atol");
        boolean nan = args.bool("equal_nan");
        RefTensor a = args.tensor("self");
        RefTensor b = args.tensor("other");
        Real2 close =
                (x, y) -> {
                    boolean near =
                            x == y
                                    || (nan && Double.isNaN(x) && Double.isNaN(y))
                                    || (Double.isFinite(x)
                                            && Double.isFinite(y)
                                            && Math.abs(x - y) <= atol + rtol * Math.abs(y));
                    return near ? 1 : 0;
                };
        return List.of(
                Pointwise.combine(
                        types.getFirst(), a, b, close, (x, y) -> (long) close.apply(x, y)));
    }

    /**
     * Shifts as ATen defines them: a negative or too large shift gives 0, or the sign when shifting
     * right.
     */
    private static List<RefTensor> shift(Args<RefTensor> args, TensorType t, boolean left) {
        int width = 8 * t.dtype().byteSize();
        // One bit of a signed type is its sign.
        int most = t.dtype() == DType.UINT8 || left ? width : width - 1;
        return binary(
                        "self",
                        "other",
                        null,
                        (a, b) -> {
                            boolean outside = b < 0 || b >= most;
                            if (left) {
                                return outside ? 0 : a << b;
                            }
                            return outside
                                    ? (a < 0 ? -1 : t.dtype() == DType.UINT8 ? 0 : a >> most)
                                    : a >> b;
                        })
                .evaluate(args, List.of(t));
    }

    /** By the nearer end, so that weights 0 and 1 are exact. */
    static double lerp(double a, double b, double w) {
        return Math.abs(w) < 0.5 ? a + w * (b - a) : b - (b - a) * (1 - w);
    }

    private static List<RefTensor> addc(Args<RefTensor> args, TensorType t, Real2 f) {
        Sizes s = t.sizes();
        RefTensor a = at(args.tensor("self"), t.dtype(), s);
        RefTensor x = at(args.tensor("tensor1"), t.dtype(), s);
        RefTensor y = at(args.tensor("tensor2"), t.dtype(), s);
        if (!t.dtype().isFloating()) {
            long value = args.number("value").toLong();
            return List.of(
                    RefTensor.buildInts(
                            t, i -> a.integer(i) + value * x.integer(i) * y.integer(i)));
        }
        double value = Pointwise.number(args, "value", t.dtype());
        return List.of(RefTensor.build(t, i -> a.real(i) + value * f.apply(x.real(i), y.real(i))));
    }
}
