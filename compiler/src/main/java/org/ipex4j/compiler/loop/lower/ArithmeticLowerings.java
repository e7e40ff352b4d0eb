package org.ipex4j.compiler.loop.lower;

import java.util.List;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;

/** Arithmetic, comparison, logic, rounding and casts. */
final class ArithmeticLowerings {
    @FunctionalInterface
    interface Unary {
        Expr apply(Exprs e, Expr x);
    }

    @FunctionalInterface
    interface Binary {
        Expr apply(Exprs e, Expr a, Expr b);
    }

    private ArithmeticLowerings() {}

    static void addAll(LoweringTable t) {
        addUnary(t);
        addBinary(t);
        addComparisons(t);
        addTernary(t);
        addCasts(t);
    }

    private static void addUnary(LoweringTable t) {
        unary(t, "aten.neg", (e, x) -> e.unary(ExprOp.NEG, x));
        unary(t, "aten.abs", ArithmeticLowerings::abs);
        unary(t, "aten.square", (e, x) -> times(e, x, x));
        unary(t, "aten.positive", (e, x) -> x);
        unary(t, "aten.sign", ArithmeticLowerings::sign);
        unary(t, "aten.sgn", ArithmeticLowerings::sign);
        unary(t, "aten.reciprocal", (e, x) -> e.div(e.literal(x.type(), 1.0), x));
        unary(t, "aten.rsqrt", (e, x) -> e.div(e.literal(x.type(), 1.0), e.unary(ExprOp.SQRT, x)));
        unary(t, "aten.frac", (e, x) -> e.sub(x, e.unary(ExprOp.TRUNC, x)));
        unary(t, "aten.rad2deg", (e, x) -> e.with(ExprOp.MUL, x, 180 / Math.PI));
        unary(t, "aten.deg2rad", (e, x) -> e.with(ExprOp.MUL, x, Math.PI / 180));
        unary(t, "aten.bitwise_not", (e, x) -> e.unary(ExprOp.NOT, x));
        for (ExprOp op :
                new ExprOp[] {
                    ExprOp.SQRT, ExprOp.EXP, ExprOp.EXP2, ExprOp.EXPM1, ExprOp.LOG, ExprOp.LOG2,
                            ExprOp.LOG10, ExprOp.LOG1P,
                    ExprOp.SIN, ExprOp.COS, ExprOp.TAN, ExprOp.ASIN, ExprOp.ACOS, ExprOp.ATAN,
                            ExprOp.SINH, ExprOp.COSH,
                    ExprOp.TANH, ExprOp.ASINH, ExprOp.ACOSH, ExprOp.ATANH, ExprOp.ERF, ExprOp.ERFC,
                            ExprOp.LGAMMA
                }) {
            unary(
                    t,
                    "aten." + op.name().toLowerCase(java.util.Locale.ROOT),
                    (e, x) -> e.unary(op, x));
        }
        unary(t, "aten.sigmoid", (e, x) -> e.unary(ExprOp.SIGMOID, x));
        unary(
                t,
                "aten.sinc",
                (e, x) -> {
                    Expr p = e.with(ExprOp.MUL, x, Math.PI);
                    return e.select(
                            e.with(ExprOp.EQ, x, 0),
                            e.literal(x.type(), 1.0),
                            e.div(e.unary(ExprOp.SIN, p), p));
                });
        t.put(
                "aten.logit",
                (b, n, r, at) -> {
                    Exprs e = b.exprs();
                    Expr x = b.argument(n, "self", at, resultType(n));
                    if (!n.args().isNone("eps")) {
                        Expr low = b.argument(n, "eps", at, resultType(n));
                        x = e.min(e.max(x, low), e.sub(e.literal(x.type(), 1.0), low));
                    }
                    return e.unary(ExprOp.LOG, e.div(x, e.sub(e.literal(x.type(), 1.0), x)));
                });
        t.put(
                "aten.round.decimals",
                (b, n, r, at) -> {
                    Exprs e = b.exprs();
                    Expr x = b.argument(n, "self", at, resultType(n));
                    long decimals = n.args().integer("decimals");
                    Expr ten = e.scalar(x.type(), Math.pow(10, Math.abs(decimals)));
                    return !x.type().isFloating() || decimals == 0
                            ? (x.type().isFloating() ? e.unary(ExprOp.ROUND, x) : x)
                            : decimals > 0
                                    ? e.div(e.unary(ExprOp.ROUND, e.mul(x, ten)), ten)
                                    : e.mul(e.unary(ExprOp.ROUND, e.div(x, ten)), ten);
                });
        rounding(t, "aten.floor", ExprOp.FLOOR);
        rounding(t, "aten.ceil", ExprOp.CEIL);
        rounding(t, "aten.trunc", ExprOp.TRUNC);
        rounding(t, "aten.round", ExprOp.ROUND);
        predicate(t, "aten.logical_not", (e, x) -> e.unary(ExprOp.NOT, e.cast(x, DType.BOOL)));
        predicate(
                t,
                "aten.isnan",
                (e, x) -> x.type().isFloating() ? e.unary(ExprOp.IS_NAN, x) : e.bool(false));
        predicate(
                t,
                "aten.isinf",
                (e, x) ->
                        x.type().isFloating()
                                ? e.with(
                                        ExprOp.EQ, e.unary(ExprOp.ABS, x), Double.POSITIVE_INFINITY)
                                : e.bool(false));
        predicate(
                t,
                "aten.isfinite",
                (e, x) ->
                        x.type().isFloating()
                                ? e.with(
                                        ExprOp.LT, e.unary(ExprOp.ABS, x), Double.POSITIVE_INFINITY)
                                : e.bool(true));
        predicate(
                t,
                "aten.isposinf",
                (e, x) ->
                        x.type().isFloating()
                                ? e.with(ExprOp.EQ, x, Double.POSITIVE_INFINITY)
                                : e.bool(false));
        predicate(t, "aten.signbit", (e, x) -> signBit(e, x));
    }

    private static void addBinary(LoweringTable t) {
        for (String overload : new String[] {".Tensor", ".Scalar"}) {
            t.put(
                    "aten.add" + overload,
                    (b, n, r, at) -> scaled(b, n, at, ArithmeticLowerings::plus));
            t.put("aten.sub" + overload, (b, n, r, at) -> scaled(b, n, at, Exprs::sub));
            t.put(
                    "aten.rsub" + overload,
                    (b, n, r, at) -> {
                        DType type = resultType(n);
                        Exprs e = b.exprs();
                        Expr self = alpha(b, n, b.argument(n, "self", at, type));
                        return e.sub(b.argument(n, "other", at, type), self);
                    });
            binary(t, "aten.mul" + overload, ArithmeticLowerings::times);
            binary(t, "aten.div" + overload, Exprs::div);
            binary(t, "aten.true_divide" + overload, Exprs::div);
            t.put(
                    "aten.div" + overload + "_mode",
                    (b, n, r, at) -> {
                        DType type = resultType(n);
                        Expr x = b.argument(n, "self", at, type);
                        Expr y = b.argument(n, "other", at, type);
                        return n.args().isNone("rounding_mode")
                                ? b.exprs().div(x, y)
                                : n.args().text("rounding_mode").equals("floor")
                                        ? floorDiv(b.exprs(), x, y)
                                        : truncDiv(b.exprs(), x, y);
                    });
            binary(t, "aten.remainder" + overload, ArithmeticLowerings::remainder);
            binary(t, "aten.fmod" + overload, (e, x, y) -> e.binary(ExprOp.REM, x, y));
            for (String op : new String[] {"and", "or", "xor"}) {
                ExprOp bit = ExprOp.valueOf(op.toUpperCase(java.util.Locale.ROOT));
                binary(t, "aten.bitwise_" + op + overload, (e, x, y) -> e.binary(bit, x, y));
                binary(t, "aten.__" + op + "__" + overload, (e, x, y) -> e.binary(bit, x, y));
            }
        }
        binary(t, "aten.floor_divide", ArithmeticLowerings::floorDiv);
        binary(t, "aten.floor_divide.Scalar", ArithmeticLowerings::floorDiv);
        binary(t, "aten.maximum", ArithmeticLowerings::max);
        binary(t, "aten.minimum", ArithmeticLowerings::min);
        binary(t, "aten.max.other", ArithmeticLowerings::max);
        binary(t, "aten.min.other", ArithmeticLowerings::min);
        binary(t, "aten.fmax", (e, a, b) -> notNan(e, a, b, max(e, a, b)));
        binary(t, "aten.fmin", (e, a, b) -> notNan(e, a, b, min(e, a, b)));
        binary(t, "aten.atan2", (e, a, b) -> e.binary(ExprOp.ATAN2, a, b));
        binary(t, "aten.hypot", (e, a, b) -> e.binary(ExprOp.HYPOT, a, b));
        binary(t, "aten.copysign.Tensor", (e, a, b) -> e.binary(ExprOp.COPYSIGN, a, b));
        binary(t, "aten.nextafter", (e, a, b) -> e.binary(ExprOp.NEXTAFTER, a, b));
        t.put(
                "aten.pow.Tensor_Tensor",
                (b, n, r, at) -> pow(b, n, b.argument(n, "self", at, resultType(n)), at));
        t.put(
                "aten.pow.Tensor_Scalar",
                (b, n, r, at) -> pow(b, n, b.argument(n, "self", at, resultType(n)), at));
        t.put(
                "aten.pow.Scalar",
                (b, n, r, at) -> pow(b, n, b.argument(n, "self", at, resultType(n)), at));
        binary(t, "aten.bitwise_left_shift.Tensor", (e, a, b) -> e.binary(ExprOp.SHL, a, b));
        binary(t, "aten.bitwise_left_shift.Tensor_Scalar", (e, a, b) -> e.binary(ExprOp.SHL, a, b));
        binary(t, "aten.bitwise_right_shift.Tensor", (e, a, b) -> e.binary(ExprOp.SHR, a, b));
        binary(
                t,
                "aten.bitwise_right_shift.Tensor_Scalar",
                (e, a, b) -> e.binary(ExprOp.SHR, a, b));
        binary(t, "aten.xlogy.Tensor", ArithmeticLowerings::xlogy);
        for (String overload : new String[] {".Scalar_Other", ".Scalar_Self"}) {
            binary(t, "aten.xlogy" + overload, ArithmeticLowerings::xlogy);
        }
        binary(t, "aten.remainder.Scalar_Tensor", ArithmeticLowerings::remainder);
        binary(
                t,
                "aten.logaddexp",
                (e, a, b) -> {
                    Expr m = e.max(a, b);
                    Expr d = e.unary(ExprOp.NEG, e.unary(ExprOp.ABS, e.sub(a, b)));
                    Expr sum = e.add(m, e.unary(ExprOp.LOG1P, e.unary(ExprOp.EXP, d)));
                    Expr equalInf =
                            e.and(
                                    e.binary(ExprOp.EQ, a, b),
                                    e.with(
                                            ExprOp.EQ,
                                            e.unary(ExprOp.ABS, a),
                                            Double.POSITIVE_INFINITY));
                    return e.select(equalInf, a, sum);
                });
    }

    private static void addComparisons(LoweringTable t) {
        for (ExprOp op :
                new ExprOp[] {ExprOp.EQ, ExprOp.NE, ExprOp.LT, ExprOp.LE, ExprOp.GT, ExprOp.GE}) {
            for (String overload : new String[] {".Tensor", ".Scalar"}) {
                t.put(
                        "aten." + op.name().toLowerCase(java.util.Locale.ROOT) + overload,
                        (b, n, r, at) -> {
                            DType type = Promotion.common(n, "self", "other");
                            return b.exprs()
                                    .binary(
                                            op,
                                            converted(b, n, "self", at, type),
                                            converted(b, n, "other", at, type));
                        });
            }
        }
        for (String op : new String[] {"and", "or", "xor"}) {
            ExprOp bit = ExprOp.valueOf(op.toUpperCase(java.util.Locale.ROOT));
            t.put(
                    "aten.logical_" + op,
                    (b, n, r, at) ->
                            b.exprs()
                                    .binary(
                                            bit,
                                            b.argument(n, "self", at, DType.BOOL),
                                            b.argument(n, "other", at, DType.BOOL)));
        }
    }

    private static void addTernary(LoweringTable t) {
        Lowering where =
                (b, n, r, at) -> {
                    DType type = resultType(n);
                    return b.exprs()
                            .select(
                                    b.argument(n, "condition", at, DType.BOOL),
                                    b.argument(n, "self", at, type),
                                    b.argument(n, "other", at, type));
                };
        for (String overload : new String[] {".self", ".ScalarOther", ".ScalarSelf", ".Scalar"}) {
            t.put("aten.where" + overload, where);
        }
        Lowering maskedFill =
                (b, n, r, at) -> {
                    DType type = resultType(n);
                    return b.exprs()
                            .select(
                                    b.argument(n, "mask", at, DType.BOOL),
                                    b.argument(n, "value", at, type),
                                    b.argument(n, "self", at, type));
                };
        t.put("aten.masked_fill.Scalar", maskedFill);
        t.put("aten.masked_fill.Tensor", maskedFill);
        Lowering clamp =
                (b, n, r, at) -> {
                    DType type = resultType(n);
                    Expr x = b.argument(n, "self", at, type);
                    if (n.args().schema().has("min") && !n.args().isNone("min")) {
                        x = max(b.exprs(), x, b.argument(n, "min", at, type));
                    }
                    if (n.args().schema().has("max") && !n.args().isNone("max")) {
                        x = min(b.exprs(), x, b.argument(n, "max", at, type));
                    }
                    return x;
                };
        for (String op :
                new String[] {
                    "aten.clamp",
                    "aten.clamp.Tensor",
                    "aten.clamp_min",
                    "aten.clamp_min.Tensor",
                    "aten.clamp_max",
                    "aten.clamp_max.Tensor"
                }) {
            t.put(op, clamp);
        }
        t.put(
                "aten.addcmul",
                (b, n, r, at) -> {
                    DType type = resultType(n);
                    Exprs e = b.exprs();
                    Expr product =
                            e.mul(
                                    b.argument(n, "tensor1", at, type),
                                    b.argument(n, "tensor2", at, type));
                    return e.add(b.argument(n, "self", at, type), scale(b, n, "value", product));
                });
        t.put(
                "aten.addcdiv",
                (b, n, r, at) -> {
                    DType type = resultType(n);
                    Exprs e = b.exprs();
                    Expr quotient =
                            e.div(
                                    b.argument(n, "tensor1", at, type),
                                    b.argument(n, "tensor2", at, type));
                    return e.add(b.argument(n, "self", at, type), scale(b, n, "value", quotient));
                });
        Lowering lerp =
                (b, n, r, at) -> {
                    DType type = resultType(n);
                    Exprs e = b.exprs();
                    Expr from = b.argument(n, "self", at, type);
                    Expr to = b.argument(n, "end", at, type);
                    Expr w = b.argument(n, "weight", at, type);
                    Expr d = e.sub(to, from);
                    Expr low = e.add(from, e.mul(w, d));
                    Expr high = e.sub(to, e.mul(d, e.sub(e.literal(w.type(), 1.0), w)));
                    return e.select(e.with(ExprOp.LT, e.unary(ExprOp.ABS, w), 0.5), low, high);
                };
        t.put("aten.lerp.Scalar", lerp);
        t.put("aten.lerp.Tensor", lerp);
        t.put(
                "aten.nan_to_num",
                (b, n, r, at) -> {
                    DType stored = n.result().type().dtype();
                    Exprs e = b.exprs();
                    Expr x = b.argument(n, "self", at, stored);
                    if (!stored.isFloating()) {
                        return x;
                    }
                    double max =
                            switch (stored) {
                                case FLOAT16 -> 65504;
                                case BFLOAT16 -> 0x1.FEp127;
                                case FLOAT32 -> Float.MAX_VALUE;
                                default -> Double.MAX_VALUE;
                            };
                    Expr nan = e.scalar(x.type(), n.args().optionalReal("nan").orElse(0.0));
                    Expr pos = e.scalar(x.type(), n.args().optionalReal("posinf").orElse(max));
                    Expr neg = e.scalar(x.type(), n.args().optionalReal("neginf").orElse(-max));
                    Expr y = e.select(e.with(ExprOp.EQ, x, Double.POSITIVE_INFINITY), pos, x);
                    y = e.select(e.with(ExprOp.EQ, x, Double.NEGATIVE_INFINITY), neg, y);
                    return e.select(e.unary(ExprOp.IS_NAN, x), nan, y);
                });
    }

    private static void addCasts(LoweringTable t) {
        for (String op : new String[] {"aten._to_copy", "aten.to.dtype", "aten.type_as"}) {
            t.put(
                    op,
                    (b, n, r, at) ->
                            b.exprs()
                                    .roundTo(
                                            b.at(n.args().tensor("self"), at),
                                            n.result().type().dtype()));
        }
        for (String op :
                new String[] {
                    "aten.clone", "aten.contiguous", "aten.copy", "aten.lift_fresh_copy"
                }) {
            t.put(
                    op,
                    (b, n, r, at) ->
                            op.equals("aten.copy")
                                    ? b.broadcast(
                                            n.args().tensor("src"),
                                            n.result().type().sizes(),
                                            at,
                                            n.result().type().dtype())
                                    : b.at(n.args().tensor("self"), at));
        }
    }

    /** The type that operands are converted to where it is the result's. */
    static DType resultType(Node n) {
        return n.results().getFirst().type().dtype();
    }

    static void unary(LoweringTable t, String op, Unary f) {
        t.put(op, (b, n, r, at) -> f.apply(b.exprs(), b.argument(n, "self", at, resultType(n))));
    }

    static void binary(LoweringTable t, String op, Binary f) {
        t.put(
                op,
                (b, n, r, at) -> {
                    DType type = resultType(n);
                    return f.apply(
                            b.exprs(),
                            converted(b, n, "self", at, type),
                            converted(b, n, "other", at, type));
                });
    }

    /**
     * An argument in exactly this type: ATen rounds numbers too before comparing and before
     * remainders, while sums, products and quotients take them in f32.
     */
    private static Expr converted(NestBuilder b, Node n, String name, List<Index> at, DType type) {
        Expr x = b.argument(n, name, at, type);
        return n.args().get(name) instanceof Arg.Tensor<Value> ? x : b.exprs().roundTo(x, type);
    }

    /** A unary op on the operand's own type, with a bool result. */
    private static void predicate(LoweringTable t, String op, Unary f) {
        t.put(
                op,
                (b, n, r, at) -> {
                    Value self = n.args().tensor("self");
                    return f.apply(
                            b.exprs(),
                            b.broadcast(self, n.result().type().sizes(), at, self.type().dtype()));
                });
    }

    private static void rounding(LoweringTable t, String op, ExprOp kind) {
        unary(t, op, (e, x) -> x.type().isFloating() ? e.unary(kind, x) : x);
    }

    private static Expr abs(Exprs e, Expr x) {
        return x.type() == DType.BOOL || x.type() == DType.UINT8 ? x : e.unary(ExprOp.ABS, x);
    }

    private static Expr sign(Exprs e, Expr x) {
        if (x.type() == DType.BOOL) {
            return x;
        }
        Expr zero = e.literal(x.type(), 0L);
        Expr positive = e.select(e.binary(ExprOp.GT, x, zero), e.literal(x.type(), 1L), zero);
        // NaN gives 0, as in ATen.
        return e.select(e.binary(ExprOp.LT, x, zero), e.literal(x.type(), -1L), positive);
    }

    private static Expr signBit(Exprs e, Expr x) {
        Expr s = x.type().isFloating() ? e.binary(ExprOp.COPYSIGN, e.literal(x.type(), 1.0), x) : x;
        return x.type() == DType.BOOL ? e.bool(false) : e.with(ExprOp.LT, s, 0);
    }

    private static Expr plus(Exprs e, Expr a, Expr b) {
        return a.type() == DType.BOOL ? e.binary(ExprOp.OR, a, b) : e.add(a, b);
    }

    static Expr times(Exprs e, Expr a, Expr b) {
        return a.type() == DType.BOOL ? e.and(a, b) : e.mul(a, b);
    }

    static Expr max(Exprs e, Expr a, Expr b) {
        return a.type() == DType.BOOL ? e.binary(ExprOp.OR, a, b) : e.max(a, b);
    }

    static Expr min(Exprs e, Expr a, Expr b) {
        return a.type() == DType.BOOL ? e.and(a, b) : e.min(a, b);
    }

    /** {@code both} unless one operand is NaN, then the other. */
    private static Expr notNan(Exprs e, Expr a, Expr b, Expr both) {
        return a.type().isFloating()
                ? e.select(
                        e.unary(ExprOp.IS_NAN, a), b, e.select(e.unary(ExprOp.IS_NAN, b), a, both))
                : both;
    }

    private static Expr scaled(
            NestBuilder b,
            Node n,
            java.util.List<org.ipex4j.compiler.loop.expr.Index> at,
            Binary f) {
        DType type = resultType(n);
        return f.apply(
                b.exprs(),
                b.argument(n, "self", at, type),
                alpha(b, n, b.argument(n, "other", at, type)));
    }

    private static Expr alpha(NestBuilder b, Node n, Expr x) {
        return scale(b, n, "alpha", x);
    }

    /** {@code x} times a number argument, which is left out when it is 1. */
    static Expr scale(NestBuilder b, Node n, String name, Expr x) {
        Scalar s = n.args().number(name);
        return s.toDouble() == 1 ? x : times(b.exprs(), x, b.exprs().scalar(x.type(), s));
    }

    /** Quotient rounded toward negative infinity; floats as {@code c10::div_floor_floating}. */
    private static Expr floorDiv(Exprs e, Expr a, Expr b) {
        Expr zero = e.literal(a.type(), 0L);
        Expr rem = e.binary(ExprOp.REM, a, b);
        if (!a.type().isFloating()) {
            Expr q = e.binary(ExprOp.IDIV, a, b);
            if (a.type() == DType.UINT8) {
                return q;
            }
            Expr differ = e.with(ExprOp.LT, e.binary(ExprOp.XOR, rem, b), 0);
            Expr adjust = e.and(e.binary(ExprOp.NE, rem, zero), differ);
            return e.select(adjust, e.with(ExprOp.SUB, q, 1), q);
        }
        Expr div = e.div(e.sub(a, rem), b);
        Expr signs =
                e.binary(ExprOp.NE, e.binary(ExprOp.LT, b, zero), e.binary(ExprOp.LT, rem, zero));
        Expr adjusted =
                e.select(
                        e.and(e.binary(ExprOp.NE, rem, zero), signs),
                        e.with(ExprOp.SUB, div, 1),
                        div);
        Expr floor = e.unary(ExprOp.FLOOR, adjusted);
        Expr rounded =
                e.select(
                        e.with(ExprOp.GT, e.sub(adjusted, floor), 0.5),
                        e.with(ExprOp.ADD, floor, 1),
                        floor);
        Expr signedZero = e.binary(ExprOp.COPYSIGN, zero, e.div(a, b));
        Expr result = e.select(e.binary(ExprOp.EQ, adjusted, zero), signedZero, rounded);
        return e.select(e.binary(ExprOp.EQ, b, zero), e.div(a, b), result);
    }

    private static Expr truncDiv(Exprs e, Expr a, Expr b) {
        return a.type().isFloating()
                ? e.unary(ExprOp.TRUNC, e.div(a, b))
                : e.binary(ExprOp.IDIV, a, b);
    }

    /** Python's modulus: the sign of the divisor. */
    private static Expr remainder(Exprs e, Expr a, Expr b) {
        Expr zero = e.literal(a.type(), 0L);
        Expr rem = e.binary(ExprOp.REM, a, b);
        if (a.type() == DType.UINT8) {
            return rem;
        }
        Expr differ =
                e.binary(ExprOp.NE, e.binary(ExprOp.LT, b, zero), e.binary(ExprOp.LT, rem, zero));
        return e.select(
                e.and(e.binary(ExprOp.NE, rem, zero), differ), e.binary(ExprOp.ADD, rem, b), rem);
    }

    /** {@code a log b}, 0 where a is 0 unless b is NaN. */
    private static Expr xlogy(Exprs e, Expr a, Expr b) {
        Expr product =
                e.select(
                        e.with(ExprOp.EQ, a, 0),
                        e.literal(a.type(), 0.0),
                        e.mul(a, e.unary(ExprOp.LOG, b)));
        return e.select(e.unary(ExprOp.IS_NAN, b), b, product);
    }

    private static Expr pow(
            NestBuilder b, Node n, Expr x, java.util.List<org.ipex4j.compiler.loop.expr.Index> at) {
        Exprs e = b.exprs();
        if (n.args().get("exponent") instanceof Arg.Number<Value>(Scalar s)) {
            double p = s.toDouble();
            if (p == 2) {
                return e.mul(x, x);
            }
            if (p == 3) {
                return e.mul(e.mul(x, x), x);
            }
            if (p == 1) {
                return x;
            }
            if (p == 0) {
                return e.literal(x.type(), 1L);
            }
            if (x.type().isFloating() && p == 0.5) {
                return e.unary(ExprOp.SQRT, x);
            }
            if (x.type().isFloating() && p == -1) {
                return e.div(e.literal(x.type(), 1.0), x);
            }
            if (x.type().isFloating() && p == -0.5) {
                return e.div(e.literal(x.type(), 1.0), e.unary(ExprOp.SQRT, x));
            }
            if (x.type().isFloating() && p == -2) {
                return e.div(e.literal(x.type(), 1.0), e.mul(x, x));
            }
        }
        return e.binary(ExprOp.POW, x, b.argument(n, "exponent", at, x.type()));
    }
}
