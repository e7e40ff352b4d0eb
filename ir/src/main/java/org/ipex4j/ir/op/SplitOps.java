package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.POINTWISE;
import static org.ipex4j.ir.op.TypeRules.one;
import static org.ipex4j.ir.op.TypeRules.require;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;

/**
 * FP32 numbers as two halves of their bits, as split master weights keep them: the upper 16 are a
 * BF16 number (the FP32 one, truncated), the lower 16 are the rest. Both are INT16 here, so that no
 * conversion touches them: every FP32 number, NaN and denormals included, comes back as it was.
 */
final class SplitOps {
    private SplitOps() {}

    static void addTo(OpCatalog c) {
        c.add(
                "ipex::join_bfloat16(Tensor top, Tensor trail) -> Tensor",
                args -> {
                    TensorType top = args.tensor("top");
                    TensorType trail = args.tensor("trail");
                    require(
                            top.dtype() == DType.INT16 && top.equals(trail),
                            "top and trail should be the bits of two halves, i16 of the same sizes, are "
                                    + top
                                    + " and "
                                    + trail);
                    return one(DType.FLOAT32, top.sizes());
                },
                POINTWISE);
        c.add("ipex::bfloat16_top(Tensor self) -> Tensor", SplitOps::half, POINTWISE);
        c.add("ipex::bfloat16_trail(Tensor self) -> Tensor", SplitOps::half, POINTWISE);
    }

    private static List<TensorType> half(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        require(self.dtype() == DType.FLOAT32, "expected f32, got " + self);
        return one(DType.INT16, self.sizes());
    }
}
