package org.ipex4j.engine;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a caller may choose for {@link Ipex#compile(ai.djl.nn.Block, CompileOptions)}. Immutable;
 * each method returns a changed copy:
 *
 * <pre>{@code
 * Ipex.compile(block, CompileOptions.defaults().mode("max-autotune").fullGraph(true));
 * }</pre>
 *
 * @param backend name of a {@link Backend}: {@code ipex}, {@code eager} or one registered by the
 *     user
 * @param mode how hard to look for the best layouts and algorithms
 * @param fullGraph a graph break is an error instead of a second graph
 * @param dynamic how new input sizes are counted, see {@link #dynamic(boolean)}; empty for the
 *     default
 * @param recompileLimit recompilations of one block after which it runs eagerly
 * @param cacheSize graphs kept per compiled block; the one used longest ago makes room
 * @param strictFloats arithmetic exactly as written: no contraction, reductions in a fixed order,
 *     NaN kept everywhere; see {@link #strictFloats(boolean)}
 * @param skipPasses names of optional passes left out, for finding faults
 */
public record CompileOptions(
        String backend,
        Mode mode,
        boolean fullGraph,
        Optional<Boolean> dynamic,
        int recompileLimit,
        int cacheSize,
        boolean strictFloats,
        Set<String> skipPasses) {

    /** How layouts and algorithms are chosen. */
    public enum Mode {
        /** By what oneDNN prefers and a cost model. */
        DEFAULT("default"),
        /** By measuring each convolution and matrix product; the choice is remembered on disk. */
        MAX_AUTOTUNE("max-autotune");

        private final String text;

        Mode(String text) {
            this.text = text;
        }

        /** The name as {@code torch.compile} spells it. */
        public String text() {
            return text;
        }

        /** The mode of that name. */
        public static Mode parse(String text) {
            for (Mode m : values()) {
                if (m.text.equals(text)) {
                    return m;
                }
            }
            throw new IllegalArgumentException(
                    "unknown mode '" + text + "': expected 'default' or 'max-autotune'");
        }
    }

    private static final CompileOptions DEFAULTS =
            new CompileOptions(
                    "ipex", Mode.DEFAULT, false, Optional.empty(), 8, 64, false, Set.of());

    public CompileOptions {
        Objects.requireNonNull(backend, "backend");
        Objects.requireNonNull(mode, "mode");
        skipPasses = Set.copyOf(skipPasses);
        if (recompileLimit < 0) {
            throw new IllegalArgumentException(
                    "recompileLimit: expected at least 0, got " + recompileLimit);
        }
        if (cacheSize < 1) {
            throw new IllegalArgumentException("cacheSize: expected at least 1, got " + cacheSize);
        }
    }

    /** Backend {@code ipex}, mode {@code default}, graph breaks allowed. */
    public static CompileOptions defaults() {
        return DEFAULTS;
    }

    public CompileOptions backend(String name) {
        return new CompileOptions(
                name,
                mode,
                fullGraph,
                dynamic,
                recompileLimit,
                cacheSize,
                strictFloats,
                skipPasses);
    }

    public CompileOptions mode(Mode newMode) {
        return new CompileOptions(
                backend,
                newMode,
                fullGraph,
                dynamic,
                recompileLimit,
                cacheSize,
                strictFloats,
                skipPasses);
    }

    /** {@code default} or {@code max-autotune}. */
    public CompileOptions mode(String name) {
        return mode(Mode.parse(name));
    }

    public CompileOptions fullGraph(boolean on) {
        return new CompileOptions(
                backend, mode, on, dynamic, recompileLimit, cacheSize, strictFloats, skipPasses);
    }

    /**
     * How inputs of new sizes are counted. A graph holds concrete sizes but kernels do not depend
     * on them, so that another batch size costs little. By default such graphs count against {@code
     * cacheSize} alone, with a warning when it is exhausted; with {@code true} without a warning;
     * with {@code false} each counts as a recompilation.
     */
    public CompileOptions dynamic(boolean on) {
        return new CompileOptions(
                backend,
                mode,
                fullGraph,
                Optional.of(on),
                recompileLimit,
                cacheSize,
                strictFloats,
                skipPasses);
    }

    public CompileOptions recompileLimit(int limit) {
        return new CompileOptions(
                backend, mode, fullGraph, dynamic, limit, cacheSize, strictFloats, skipPasses);
    }

    public CompileOptions cacheSize(int graphs) {
        return new CompileOptions(
                backend,
                mode,
                fullGraph,
                dynamic,
                recompileLimit,
                graphs,
                strictFloats,
                skipPasses);
    }

    /**
     * Arithmetic exactly as written. Without it, oneDNN gives a number where PyTorch gives NaN in
     * max pooling and in relu, clamp and hardsigmoid done together with the convolution or matrix
     * product before them, as the limitations in {@code docs/ops.md} say. With it, those are
     * generated kernels of their own that keep NaN, and slower; reductions run in a fixed order.
     */
    public CompileOptions strictFloats(boolean on) {
        return new CompileOptions(
                backend, mode, fullGraph, dynamic, recompileLimit, cacheSize, on, skipPasses);
    }

    public CompileOptions skipPasses(Set<String> passes) {
        return new CompileOptions(
                backend, mode, fullGraph, dynamic, recompileLimit, cacheSize, strictFloats, passes);
    }
}
