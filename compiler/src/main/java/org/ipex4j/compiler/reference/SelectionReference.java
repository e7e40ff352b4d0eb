package org.ipex4j.compiler.reference;

import static org.ipex4j.compiler.reference.Pointwise.at;
import static org.ipex4j.compiler.reference.Pointwise.operand;

import java.util.List;
import org.ipex4j.compiler.reference.Pointwise.Int2;
import org.ipex4j.compiler.reference.Pointwise.Real2;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Limits, choice by a condition, and conversion between dtypes. */
final class SelectionReference {
    private SelectionReference() {}

    static void addTo(ReferenceTable t) {
        for (String form : new String[] {"", ".Tensor"}) {
            t.add("aten.clamp" + form, SelectionReference::clamp);
            t.add(
                    "aten.clamp_min" + form,
                    (args, types) ->
                            List.of(limit(args, types.getFirst(), "min", start(args, types))));
            t.add(
                    "aten.clamp_max" + form,
                    (args, types) ->
                            List.of(limit(args, types.getFirst(), "max", start(args, types))));
        }
        for (String form : new String[] {".self", ".ScalarSelf", ".ScalarOther", ".Scalar"}) {
            t.add(
                    "aten.where" + form,
                    (args, types) -> choose(args, types.getFirst(), "condition", "self", "other"));
        }
        for (String form : new String[] {".Scalar", ".Tensor"}) {
            t.add(
                    "aten.masked_fill" + form,
                    (args, types) -> choose(args, types.getFirst(), "mask", "value", "self"));
        }
        t.add(
                "aten._to_copy",
                (args, types) -> List.of(args.tensor("self").to(types.getFirst().dtype())));
    }

    private static RefTensor start(Args<RefTensor> args, List<TensorType> types) {
        return at(args.tensor("self"), types.getFirst().dtype(), types.getFirst().sizes());
    }

    /**
     * The lower limit first, so that the upper one wins where they cross. NaN in either operand
     * stays.
     */
    private static List<RefTensor> clamp(Args<RefTensor> args, List<TensorType> types) {
        RefTensor x = start(args, types);
        for (String bound : new String[] {"min", "max"}) {
            if (!args.isNone(bound)) {
                x = limit(args, types.getFirst(), bound, x);
            }
        }
        return List.of(x);
    }

    private static RefTensor limit(Args<RefTensor> args, TensorType t, String bound, RefTensor x) {
        Real2 reals = bound.equals("min") ? Math::max : Math::min;
        Int2 ints = bound.equals("min") ? Math::max : Math::min;
        return Pointwise.combine(t, x, operand(args, bound).to(t.dtype()), reals, ints);
    }

    private static List<RefTensor> choose(
            Args<RefTensor> args, TensorType t, String condition, String yes, String no) {
        RefTensor c = at(args.tensor(condition), DType.BOOL, t.sizes());
        RefTensor a = at(operand(args, yes), t.dtype(), t.sizes());
        RefTensor b = at(operand(args, no), t.dtype(), t.sizes());
        return List.of(
                t.dtype().isFloating()
                        ? RefTensor.build(t, i -> c.truth(i) ? a.real(i) : b.real(i))
                        : RefTensor.buildInts(t, i -> c.truth(i) ? a.integer(i) : b.integer(i)));
    }
}
