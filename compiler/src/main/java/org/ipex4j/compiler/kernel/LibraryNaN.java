package org.ipex4j.compiler.kernel;

import java.util.Optional;
import org.ipex4j.ir.op.Op;

/**
 * Where oneDNN gives a number for NaN and PyTorch gives NaN: its vector code takes minima and
 * maxima with instructions that pass NaN by, and starts maxima with the lowest finite number.
 * Graphs compiled with {@code FloatMode.STRICT} do these in generated kernels, which keep NaN.
 */
public final class LibraryNaN {
    private LibraryNaN() {}

    /** The limitation of an op under {@code FAST_REDUCTIONS}; empty for all others. */
    public static Optional<String> limitation(Op op) {
        return switch (op.name()) {
            case "aten.max_pool1d",
                    "aten.max_pool2d",
                    "aten.max_pool3d",
                    "aten.max_pool2d_with_indices",
                    "aten.max_pool3d_with_indices",
                    "aten.adaptive_max_pool1d",
                    "aten.adaptive_max_pool2d",
                    "aten.adaptive_max_pool3d" ->
                    Optional.of(
                            "f32 and bf16 values, indices read by the derivative at most: NaN is passed by, nothing but -inf gives the lowest finite number, unless strict");
            case "ipex.max_pool_training" ->
                    Optional.of(
                            "NaN is passed by, nothing but -inf gives the lowest finite number");
            case "aten.relu",
                    "aten.relu6",
                    "aten.hardtanh",
                    "aten.clamp",
                    "aten.clamp_min",
                    "aten.clamp_max",
                    "aten.minimum",
                    "aten.maximum",
                    "aten.hardsigmoid" ->
                    Optional.of("as a post-op: a bound for NaN, unless strict");
            default -> Optional.empty();
        };
    }

    /** True for element-wise post-ops that give a number for NaN. */
    static boolean isDropped(Epilogue.Step.Eltwise e) {
        return switch (e.algorithm()) {
            case "relu" -> e.alpha() == 0;
            case "clip_v2", "hardsigmoid" -> true;
            default -> false;
        };
    }
}
