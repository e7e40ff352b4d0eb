package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.COMMUTATIVE;
import static org.ipex4j.ir.op.Trait.COMPOSITE;
import static org.ipex4j.ir.op.Trait.POINTWISE;
import static org.ipex4j.ir.op.TypeRules.broadcast;
import static org.ipex4j.ir.op.TypeRules.checkFactor;
import static org.ipex4j.ir.op.TypeRules.one;
import static org.ipex4j.ir.op.TypeRules.promoted;
import static org.ipex4j.ir.op.TypeRules.promoting;
import static org.ipex4j.ir.op.TypeRules.promotingToFloat;
import static org.ipex4j.ir.op.TypeRules.require;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.TypeRules.Accept;

/** Arithmetic on two or three operands. */
final class BinaryOps {
    private BinaryOps() {}

    static void addTo(OpCatalog c) {
        c.add(
                "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
                scaled(Accept.ANY),
                POINTWISE,
                COMMUTATIVE);
        c.add(
                "aten::add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
                scaled(Accept.ANY),
                POINTWISE);
        c.add(
                "aten::sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
                subtraction(),
                POINTWISE);
        c.add(
                "aten::sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
                subtraction(),
                POINTWISE);
        c.add(
                "aten::rsub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
                subtraction(),
                POINTWISE);
        c.add(
                "aten::rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
                subtraction(),
                POINTWISE);
        c.add(
                "aten::mul.Tensor(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.ANY),
                POINTWISE,
                COMMUTATIVE);
        c.add(
                "aten::mul.Scalar(Tensor self, Scalar other) -> Tensor",
                promoting(Accept.ANY, "other"),
                POINTWISE);
        c.add(
                "aten::div.Tensor(Tensor self, Tensor other) -> Tensor",
                promotingToFloat(),
                POINTWISE);
        c.add(
                "aten::div.Scalar(Tensor self, Scalar other) -> Tensor",
                promotingToFloat("other"),
                POINTWISE);
        c.add(
                "aten::div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor",
                divisionByMode(),
                POINTWISE);
        c.add(
                "aten::div.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor",
                divisionByMode(),
                POINTWISE);
        c.add(
                "aten::floor_divide(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.NOT_BOOL),
                POINTWISE,
                COMPOSITE);
        c.add(
                "aten::floor_divide.Scalar(Tensor self, Scalar other) -> Tensor",
                promoting(Accept.NOT_BOOL, "other"),
                POINTWISE,
                COMPOSITE);
        c.add(
                "aten::remainder.Tensor(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.NOT_BOOL),
                POINTWISE);
        c.add(
                "aten::remainder.Scalar(Tensor self, Scalar other) -> Tensor",
                promoting(Accept.NOT_BOOL, "other"),
                POINTWISE);
        c.add(
                "aten::remainder.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
                promoting(Accept.NOT_BOOL, "self"),
                POINTWISE);
        c.add(
                "aten::fmod.Tensor(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.NOT_BOOL),
                POINTWISE);
        c.add(
                "aten::fmod.Scalar(Tensor self, Scalar other) -> Tensor",
                promoting(Accept.NOT_BOOL, "other"),
                POINTWISE);
        c.add(
                "aten::pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor",
                promoting(Accept.NOT_BOOL),
                POINTWISE);
        c.add(
                "aten::pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor",
                powScalarExponent(),
                POINTWISE);
        c.add(
                "aten::pow.Scalar(Scalar self, Tensor exponent) -> Tensor",
                promoting(Accept.NOT_BOOL, "self"),
                POINTWISE);
        c.add(
                "aten::maximum(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.ANY),
                POINTWISE,
                COMMUTATIVE);
        c.add(
                "aten::minimum(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.ANY),
                POINTWISE,
                COMMUTATIVE);
        c.add(
                "aten::fmax(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.ANY),
                POINTWISE,
                COMMUTATIVE);
        c.add(
                "aten::fmin(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.ANY),
                POINTWISE,
                COMMUTATIVE);
        c.add("aten::atan2(Tensor self, Tensor other) -> Tensor", promotingToFloat(), POINTWISE);
        c.add(
                "aten::hypot(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.FLOATING),
                POINTWISE,
                COMMUTATIVE);
        c.add(
                "aten::logaddexp(Tensor self, Tensor other) -> Tensor",
                promoting(Accept.FLOATING),
                POINTWISE,
                COMMUTATIVE);
        c.add(
                "aten::copysign.Tensor(Tensor self, Tensor other) -> Tensor",
                promotingToFloat(),
                POINTWISE);
        c.add(
                "aten::xlogy.Tensor(Tensor self, Tensor other) -> Tensor",
                promotingToFloat(),
                POINTWISE);
        c.add(
                "aten::xlogy.Scalar_Self(Scalar self, Tensor other) -> Tensor",
                promotingToFloat("self"),
                POINTWISE);
        c.add(
                "aten::xlogy.Scalar_Other(Tensor self, Scalar other) -> Tensor",
                promotingToFloat("other"),
                POINTWISE);
        c.add(
                "aten::lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor",
                lerp(),
                POINTWISE);
        c.add(
                "aten::lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor",
                lerp(),
                POINTWISE);
        c.add(
                "aten::addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
                BinaryOps::addcmul,
                POINTWISE);
        c.add(
                "aten::addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
                BinaryOps::addcdiv,
                POINTWISE);
    }

    private static TypeRule scaled(Accept accept) {
        return args -> {
            DType t = accept.check(promoted(args, numberOther(args)), "the promoted dtype");
            checkFactor(args.number("alpha"), "alpha", t);
            return one(t, broadcast(args.allTensors()));
        };
    }

    private static TypeRule subtraction() {
        TypeRule scaled = scaled(Accept.NOT_BOOL);
        return args -> {
            boolean bool =
                    args.allTensors().stream().anyMatch(t -> t.dtype() == DType.BOOL)
                            || (args.get("other") instanceof Arg.Number<TensorType>(Scalar.Bool b));
            require(
                    !bool,
                    "subtraction with a bool operand is not defined; use logical_xor or bitwise_xor");
            return scaled.infer(args);
        };
    }

    private static String[] numberOther(Args<TensorType> args) {
        return args.get("other") instanceof Arg.Number<TensorType>
                ? new String[] {"other"}
                : new String[0];
    }

    private static TypeRule divisionByMode() {
        return args -> {
            String[] numbers = numberOther(args);
            if (args.isNone("rounding_mode")) {
                return promotingToFloat(numbers).infer(args);
            }
            String mode = args.text("rounding_mode");
            require(
                    mode.equals("floor") || mode.equals("trunc"),
                    "rounding_mode is '" + mode + "', expected None, 'floor' or 'trunc'");
            return promoting(Accept.NOT_BOOL, numbers).infer(args);
        };
    }

    private static TypeRule powScalarExponent() {
        // A bool tensor to a bool power is accepted: it is answered without arithmetic.
        return args -> {
            DType t = promoted(args, "exponent");
            require(
                    !t.isIntegral() || args.number("exponent").toDouble() >= 0,
                    "integers to negative integer powers are not allowed");
            return one(t, args.tensor("self").sizes());
        };
    }

    private static List<TensorType> lerp(Args<TensorType> args) {
        List<TensorType> all = args.allTensors();
        DType t = Accept.FLOATING.check(all.getFirst().dtype(), "self");
        for (TensorType o : all) {
            require(o.dtype() == t, "dtypes differ: " + all);
        }
        return one(t, broadcast(all));
    }

    private static TypeRule lerp() {
        return BinaryOps::lerp;
    }

    private static List<TensorType> addcmul(Args<TensorType> args) {
        DType t = Accept.NOT_BOOL.check(promoted(args), "the promoted dtype");
        checkFactor(args.number("value"), "value", t);
        return one(t, broadcast(args.allTensors()));
    }

    private static List<TensorType> addcdiv(Args<TensorType> args) {
        DType a = args.tensor("tensor1").dtype();
        DType b = args.tensor("tensor2").dtype();
        require(
                a.isFloating() || b.isFloating(),
                "division of integer tensors ("
                        + a
                        + " by "
                        + b
                        + ") is not defined; convert one to a floating dtype");
        return addcmul(args);
    }
}
