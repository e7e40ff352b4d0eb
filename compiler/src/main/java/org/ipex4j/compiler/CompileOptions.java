package org.ipex4j.compiler;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.MathMode;

/**
 * What a caller may choose.
 *
 * @param mode how hard to look for the best layouts
 * @param floatMode what arithmetic may be reordered
 * @param inputLayouts plain layouts of the graph's inputs, row-major where empty
 * @param outputLayouts plain layouts of the graph's outputs, row-major where empty
 * @param foldBatchNorm fold BatchNorm in inference into the convolution or linear before it
 * @param skipPasses names of optional passes left out, for finding faults
 * @param fp32Math what library calls on FP32 may compute with inside
 * @param outputsInto outputs that replace an input: written into its memory instead of fresh one
 */
public record CompileOptions(
        Mode mode,
        FloatMode floatMode,
        Optional<List<Layout>> inputLayouts,
        Optional<List<Layout>> outputLayouts,
        boolean foldBatchNorm,
        Set<String> skipPasses,
        MathMode fp32Math,
        List<Write> outputsInto) {

    public static final CompileOptions DEFAULT =
            new CompileOptions(
                    Mode.DEFAULT,
                    FloatMode.FAST_REDUCTIONS,
                    Optional.empty(),
                    Optional.empty(),
                    true,
                    Set.of(),
                    MathMode.STRICT,
                    List.of());

    public CompileOptions {
        skipPasses = Set.copyOf(skipPasses);
        outputsInto = List.copyOf(outputsInto);
    }

    /**
     * Graph output {@code output} becomes the new value of graph input {@code input}, of the same
     * type. Whatever else the graph computes or returns sees the input's old value.
     */
    public record Write(int output, int input) {}

    public CompileOptions withMode(Mode other) {
        return new CompileOptions(
                other,
                floatMode,
                inputLayouts,
                outputLayouts,
                foldBatchNorm,
                skipPasses,
                fp32Math,
                outputsInto);
    }

    public CompileOptions withFloatMode(FloatMode other) {
        return new CompileOptions(
                mode,
                other,
                inputLayouts,
                outputLayouts,
                foldBatchNorm,
                skipPasses,
                fp32Math,
                outputsInto);
    }

    /** With plain layouts of the inputs, one for each. */
    public CompileOptions withInputLayouts(List<Layout> layouts) {
        return new CompileOptions(
                mode,
                floatMode,
                Optional.of(List.copyOf(layouts)),
                outputLayouts,
                foldBatchNorm,
                skipPasses,
                fp32Math,
                outputsInto);
    }

    /** With plain layouts of the outputs, one for each; those of written inputs do not matter. */
    public CompileOptions withOutputLayouts(List<Layout> layouts) {
        return new CompileOptions(
                mode,
                floatMode,
                inputLayouts,
                Optional.of(List.copyOf(layouts)),
                foldBatchNorm,
                skipPasses,
                fp32Math,
                outputsInto);
    }

    public CompileOptions withSkipPasses(Set<String> names) {
        return new CompileOptions(
                mode,
                floatMode,
                inputLayouts,
                outputLayouts,
                foldBatchNorm,
                names,
                fp32Math,
                outputsInto);
    }

    public CompileOptions withOutputsInto(List<Write> writes) {
        return new CompileOptions(
                mode,
                floatMode,
                inputLayouts,
                outputLayouts,
                foldBatchNorm,
                skipPasses,
                fp32Math,
                writes);
    }

    public CompileOptions withFp32Math(MathMode other) {
        return new CompileOptions(
                mode,
                floatMode,
                inputLayouts,
                outputLayouts,
                foldBatchNorm,
                skipPasses,
                other,
                outputsInto);
    }

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
