package org.ipex4j.compiler;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.ir.plan.Layout;

/**
 * What a caller may choose.
 *
 * @param mode how hard to look for the best layouts
 * @param floatMode what arithmetic may be reordered
 * @param inputLayouts plain layouts of the graph's inputs, row-major where empty
 * @param outputLayouts plain layouts of the graph's outputs, row-major where empty
 * @param foldBatchNorm fold BatchNorm in inference into the convolution or linear before it
 * @param skipPasses names of optional passes left out, for finding faults
 */
public record CompileOptions(
        Mode mode,
        FloatMode floatMode,
        Optional<List<Layout>> inputLayouts,
        Optional<List<Layout>> outputLayouts,
        boolean foldBatchNorm,
        Set<String> skipPasses) {

    public static final CompileOptions DEFAULT =
            new CompileOptions(
                    Mode.DEFAULT,
                    FloatMode.FAST_REDUCTIONS,
                    Optional.empty(),
                    Optional.empty(),
                    true,
                    Set.of());

    /** How layouts and algorithms are chosen. */
    public enum Mode {
        /** By what the library prefers and a cost model. */
        DEFAULT,
        /** By measuring each convolution and matrix product; the choice is remembered on disk. */
        MAX_AUTOTUNE
    }

    /**
     * What arithmetic may be reordered. Generated kernels keep NaN and infinity in every mode; the
     * library's calls do where {@link org.ipex4j.compiler.kernel.LibraryNaN} does not say
     * otherwise.
     */
    public enum FloatMode {
        /**
         * As written; reductions run in a fixed order, and what the library would do without regard
         * to NaN is done by generated kernels.
         */
        STRICT,
        /** Multiply-add contraction, and reductions in several partial sums. */
        FAST_REDUCTIONS
    }
}
