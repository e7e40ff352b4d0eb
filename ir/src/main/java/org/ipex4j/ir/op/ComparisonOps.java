package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.COMMUTATIVE;
import static org.ipex4j.ir.op.Trait.COMPOSITE;
import static org.ipex4j.ir.op.Trait.POINTWISE;
import static org.ipex4j.ir.op.TypeRules.predicate;
import static org.ipex4j.ir.op.TypeRules.promoting;
import static org.ipex4j.ir.op.TypeRules.require;

import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.TypeRules.Accept;

/** Comparisons, and logic on truth values and on bits. */
final class ComparisonOps {
    private ComparisonOps() {}

    static void addTo(OpCatalog c) {
        for (String op : new String[] {"eq", "ne"}) {
            c.add(
                    "aten::" + op + ".Tensor(Tensor self, Tensor other) -> Tensor",
                    predicate(),
                    POINTWISE,
                    COMMUTATIVE);
            c.add(
                    "aten::" + op + ".Scalar(Tensor self, Scalar other) -> Tensor",
                    predicate(),
                    POINTWISE);
        }
        for (String op : new String[] {"lt", "le", "gt", "ge"}) {
            c.add(
                    "aten::" + op + ".Tensor(Tensor self, Tensor other) -> Tensor",
                    predicate(),
                    POINTWISE);
            c.add(
                    "aten::" + op + ".Scalar(Tensor self, Scalar other) -> Tensor",
                    predicate(),
                    POINTWISE);
        }
        c.add(
                "aten::isclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> Tensor",
                args -> {
                    TensorType a = args.tensor("self");
                    TensorType b = args.tensor("other");
                    require(a.dtype() == b.dtype(), "dtypes differ: " + a + " and " + b);
                    require(
                            args.real("rtol") >= 0 && args.real("atol") >= 0,
                            "rtol and atol must not be negative, are "
                                    + args.real("rtol")
                                    + " and "
                                    + args.real("atol"));
                    return predicate().infer(args);
                },
                POINTWISE,
                COMPOSITE);
        for (String op : new String[] {"logical_and", "logical_or", "logical_xor"}) {
            c.add(
                    "aten::" + op + "(Tensor self, Tensor other) -> Tensor",
                    predicate(),
                    POINTWISE,
                    COMMUTATIVE);
        }
        c.add("aten::logical_not(Tensor self) -> Tensor", predicate(), POINTWISE);
        for (String op : new String[] {"bitwise_and", "bitwise_or", "bitwise_xor"}) {
            c.add(
                    "aten::" + op + ".Tensor(Tensor self, Tensor other) -> Tensor",
                    promoting(Accept.BITS),
                    POINTWISE,
                    COMMUTATIVE);
            c.add(
                    "aten::" + op + ".Scalar(Tensor self, Scalar other) -> Tensor",
                    promoting(Accept.BITS, "other"),
                    POINTWISE);
        }
        c.add("aten::bitwise_not(Tensor self) -> Tensor", TypeRules.same(Accept.BITS), POINTWISE);
        for (String op : new String[] {"bitwise_left_shift", "bitwise_right_shift"}) {
            c.add(
                    "aten::" + op + ".Tensor(Tensor self, Tensor other) -> Tensor",
                    promoting(Accept.INTEGRAL),
                    POINTWISE);
            c.add(
                    "aten::" + op + ".Tensor_Scalar(Tensor self, Scalar other) -> Tensor",
                    promoting(Accept.INTEGRAL, "other"),
                    POINTWISE);
        }
    }
}
