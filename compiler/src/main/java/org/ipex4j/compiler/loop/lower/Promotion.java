package org.ipex4j.compiler.loop.lower;

import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;

/** The common type of a call's operands, as {@code torch.result_type} defines it. */
final class Promotion {
    private Promotion() {}

    /** The type that the named arguments (tensors or numbers) are converted to. */
    static DType common(Node n, String... names) {
        DType dims = null;
        DType zero = null;
        DType wrapped = null;
        for (String name : names) {
            switch (n.args().get(name)) {
                case Arg.Tensor<Value>(Value v) -> {
                    DType t = v.type().dtype();
                    if (v.type().rank() > 0) {
                        dims = dims == null ? t : DType.promote(dims, t);
                    } else {
                        zero = zero == null ? t : DType.promote(zero, t);
                    }
                }
                case Arg.Number<Value>(Scalar s) -> {
                    DType t = s.dtype() == DType.FLOAT64 ? DType.FLOAT32 : s.dtype();
                    wrapped = wrapped == null ? t : DType.promote(wrapped, t);
                }
                default -> {}
            }
        }
        return combine(dims, combine(zero, wrapped));
    }

    /** {@code lower} counts only if its category is higher. */
    private static DType combine(DType higher, DType lower) {
        if (higher == null || lower == null) {
            return higher == null ? lower : higher;
        }
        return lower.category().compareTo(higher.category()) > 0
                ? DType.promote(higher, lower)
                : higher;
    }
}
