package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.POINTWISE;
import static org.ipex4j.ir.op.TypeRules.broadcast;
import static org.ipex4j.ir.op.TypeRules.one;
import static org.ipex4j.ir.op.TypeRules.promoting;
import static org.ipex4j.ir.op.TypeRules.require;

import java.util.List;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.TypeRules.Accept;

/** Limits, choice by a condition, and conversion between dtypes. */
final class SelectionOps {
    private SelectionOps() {}

    static void addTo(OpCatalog c) {
        c.add(
                "aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
                limited(promoting(Accept.NOT_BOOL, "min", "max")),
                POINTWISE);
        c.add(
                "aten::clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor",
                limited(promoting(Accept.NOT_BOOL)),
                POINTWISE);
        c.add(
                "aten::clamp_min(Tensor self, Scalar min) -> Tensor",
                promoting(Accept.NOT_BOOL, "min"),
                POINTWISE);
        c.add(
                "aten::clamp_min.Tensor(Tensor self, Tensor min) -> Tensor",
                promoting(Accept.ANY),
                POINTWISE);
        c.add(
                "aten::clamp_max(Tensor self, Scalar max) -> Tensor",
                promoting(Accept.NOT_BOOL, "max"),
                POINTWISE);
        c.add(
                "aten::clamp_max.Tensor(Tensor self, Tensor max) -> Tensor",
                promoting(Accept.ANY),
                POINTWISE);
        c.add(
                "aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor",
                SelectionOps::where,
                POINTWISE);
        c.add(
                "aten::where.ScalarSelf(Tensor condition, Scalar self, Tensor other) -> Tensor",
                SelectionOps::where,
                POINTWISE);
        c.add(
                "aten::where.ScalarOther(Tensor condition, Tensor self, Scalar other) -> Tensor",
                SelectionOps::where,
                POINTWISE);
        c.add(
                "aten::where.Scalar(Tensor condition, Scalar self, Scalar other) -> Tensor",
                SelectionOps::where,
                POINTWISE);
        c.add(
                "aten::masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor",
                SelectionOps::maskedFill,
                POINTWISE);
        c.add(
                "aten::masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor",
                args -> {
                    TensorType v = args.tensor("value");
                    require(v.rank() == 0, "value should have no dimension, is " + v.sizes());
                    return maskedFill(args);
                },
                POINTWISE);
        c.add(
                "aten::_to_copy(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None,"
                        + " bool? pin_memory=None, bool non_blocking=False, MemoryFormat? memory_format=None) -> Tensor",
                args -> {
                    TensorType t = args.tensor("self");
                    return one(args.dtype("dtype").orElse(t.dtype()), t.sizes());
                },
                POINTWISE);
    }

    private static TypeRule limited(TypeRule rule) {
        return args -> {
            require(
                    !args.isNone("min") || !args.isNone("max"),
                    "at least one of min and max must be given");
            return rule.infer(args);
        };
    }

    private static List<TensorType> where(Args<TensorType> args) {
        Accept.BOOL.check(args.tensor("condition").dtype(), "condition");
        TypePromotion p = TypePromotion.start();
        for (String name : new String[] {"self", "other"}) {
            args.optionalTensor(name).ifPresent(p::add);
            args.optionalNumber(name).ifPresent(p::add);
        }
        return one(p.result(), broadcast(args.allTensors()));
    }

    private static List<TensorType> maskedFill(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        TensorType mask = args.tensor("mask");
        Accept.BOOL.check(mask.dtype(), "mask");
        return one(self.dtype(), broadcast(List.of(self, mask)));
    }
}
