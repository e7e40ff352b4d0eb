package org.ipex4j.ir.op;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.TensorType;

/**
 * The common dtype of several operands, as {@code torch.result_type}: tensors with dimensions
 * decide first, then 0-dim tensors, then numbers; a lower class counts only where its category is
 * higher.
 */
public final class TypePromotion {
    private DType withDims;
    private DType zeroDim;
    private DType number;

    private TypePromotion() {}

    public static TypePromotion start() {
        return new TypePromotion();
    }

    /** Adds a tensor operand. */
    public TypePromotion add(TensorType t) {
        if (t.rank() > 0) {
            withDims = merge(withDims, t.dtype());
        } else {
            zeroDim = merge(zeroDim, t.dtype());
        }
        return this;
    }

    /** Adds a number; reals count as float32, the default dtype. */
    public TypePromotion add(Scalar s) {
        number = merge(number, s.dtype().isFloating() ? DType.FLOAT32 : s.dtype());
        return this;
    }

    /** The dtype all operands are converted to. */
    public DType result() {
        DType out = combine(withDims, combine(zeroDim, number));
        if (out == null) {
            throw new IllegalStateException("no operand to promote");
        }
        return out;
    }

    /** {@code torch.result_type} of tensors. */
    public static DType of(List<TensorType> tensors) {
        TypePromotion p = start();
        tensors.forEach(p::add);
        return p.result();
    }

    public static DType of(TensorType a, TensorType b) {
        return start().add(a).add(b).result();
    }

    public static DType of(TensorType a, Scalar b) {
        return start().add(a).add(b).result();
    }

    /** The dtype of functions that compute in floating point: integers and bool become float32. */
    public static DType toFloating(DType t) {
        return t.isFloating() ? t : DType.FLOAT32;
    }

    private static DType merge(DType a, DType b) {
        return a == null ? b : b == null ? a : DType.promote(a, b);
    }

    private static DType combine(DType higher, DType lower) {
        if (higher != null && higher.isFloating()) {
            return higher;
        }
        if (higher == DType.BOOL || (lower != null && lower.isFloating())) {
            return merge(higher, lower);
        }
        return higher != null ? higher : lower;
    }
}
