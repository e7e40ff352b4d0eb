package org.ipex4j.engine;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How {@link Ipex#optimize(ai.djl.nn.Block, OptimizeOptions)} prepares a model, with the names and
 * defaults of IPEX's {@code optimize}. A level sets every knob; a knob set by itself overrides its
 * level. Immutable; each method returns a changed copy.
 *
 * @param purpose inference, or training with an optimizer
 * @param level which knobs are on by default
 * @param dtype element type to compute in: FP32, BF16, or FP16 for inference
 * @param inplace the given block itself is the result, and its parameters are cast; otherwise it
 *     stays as it was
 * @param allowSlow compute in {@code dtype} even if the processor has no instructions for it
 * @param sampleInput see {@link #sampleInput(NDList)}
 * @param knobs those set by themselves
 */
public record OptimizeOptions(
        Purpose purpose,
        Level level,
        DataType dtype,
        boolean inplace,
        boolean allowSlow,
        Optional<NDList> sampleInput,
        Map<Knob, Boolean> knobs) {

    /** What the model is for. */
    public enum Purpose {
        INFERENCE,
        TRAINING
    }

    /** A default for all knobs. */
    public enum Level {
        /** All off. */
        O0,
        /** Those on that are on by default. */
        O1
    }

    /** What can be turned on and off; see the methods of the same names. */
    public enum Knob {
        CONV_BN_FOLDING(true),
        LINEAR_BN_FOLDING(true),
        WEIGHTS_PREPACK(true),
        REPLACE_DROPOUT_WITH_IDENTITY(true),
        OPTIMIZE_LSTM(true),
        SPLIT_MASTER_WEIGHT_FOR_BF16(true),
        FUSE_UPDATE_STEP(true),
        AUTO_KERNEL_SELECTION(false),
        CONCAT_LINEAR(false),
        GRAPH_MODE(false);

        private final boolean onAtO1;

        Knob(boolean onAtO1) {
            this.onAtO1 = onAtO1;
        }
    }

    public OptimizeOptions {
        Objects.requireNonNull(purpose, "purpose");
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(dtype, "dtype");
        knobs = Map.copyOf(knobs);
    }

    private static OptimizeOptions of(Purpose purpose) {
        return new OptimizeOptions(
                purpose, Level.O1, DataType.FLOAT32, false, false, Optional.empty(), Map.of());
    }

    /** FP32 inference at level O1. */
    public static OptimizeOptions inference() {
        return of(Purpose.INFERENCE);
    }

    /** FP32 training at level O1: the update of all parameters is one fused run. */
    public static OptimizeOptions training() {
        return of(Purpose.TRAINING);
    }

    public OptimizeOptions level(Level newLevel) {
        return new OptimizeOptions(
                purpose, newLevel, dtype, inplace, allowSlow, sampleInput, knobs);
    }

    /**
     * The level of this name.
     *
     * @throws IllegalArgumentException {@code "OptimizeOptions: unknown level 'O2', expected O0 or
     *     O1"}
     */
    public OptimizeOptions level(String name) {
        for (Level l : Level.values()) {
            if (l.name().equals(name)) {
                return level(l);
            }
        }
        throw new IllegalArgumentException(
                "OptimizeOptions: unknown level '" + name + "', expected O0 or O1");
    }

    /**
     * The type that convolutions, linear layers and, in inference, transposed convolutions,
     * embeddings and LSTMs compute in. {@link Ipex#optimize} checks it.
     */
    public OptimizeOptions dtype(DataType type) {
        return new OptimizeOptions(purpose, level, type, inplace, allowSlow, sampleInput, knobs);
    }

    public OptimizeOptions inplace(boolean on) {
        return new OptimizeOptions(purpose, level, dtype, on, allowSlow, sampleInput, knobs);
    }

    /** Asks for {@code dtype} even where it is slower than FP32. */
    public OptimizeOptions allowSlow(boolean on) {
        return new OptimizeOptions(purpose, level, dtype, inplace, on, sampleInput, knobs);
    }

    /**
     * Inputs of the forward like those to come. The layout that weights are packed in depends on
     * them: with a sample, weights are packed for its sizes at once, by {@code optimize} or, for a
     * block that is compiled, by {@code Ipex.compile}; without one, for the first input that comes.
     * The arrays are read while {@code optimize} or {@code compile} run and must be open. In
     * training weights are packed at each step, and a sample changes nothing.
     */
    public OptimizeOptions sampleInput(NDList inputs) {
        return new OptimizeOptions(
                purpose, level, dtype, inplace, allowSlow, Optional.of(inputs), knobs);
    }

    private OptimizeOptions with(Knob knob, boolean on) {
        Map<Knob, Boolean> changed = new EnumMap<>(Knob.class);
        changed.putAll(knobs);
        changed.put(knob, on);
        return new OptimizeOptions(purpose, level, dtype, inplace, allowSlow, sampleInput, changed);
    }

    private boolean has(Knob knob) {
        return knobs.getOrDefault(knob, level == Level.O1 && knob.onAtO1);
    }

    /** Turns {@link #convBnFolding()} on or off. */
    public OptimizeOptions convBnFolding(boolean on) {
        return with(Knob.CONV_BN_FOLDING, on);
    }

    /** Turns {@link #linearBnFolding()} on or off. */
    public OptimizeOptions linearBnFolding(boolean on) {
        return with(Knob.LINEAR_BN_FOLDING, on);
    }

    /** Turns {@link #weightsPrepack()} on or off. */
    public OptimizeOptions weightsPrepack(boolean on) {
        return with(Knob.WEIGHTS_PREPACK, on);
    }

    /** Turns {@link #replaceDropoutWithIdentity()} on or off. */
    public OptimizeOptions replaceDropoutWithIdentity(boolean on) {
        return with(Knob.REPLACE_DROPOUT_WITH_IDENTITY, on);
    }

    /** Turns {@link #optimizeLstm()} on or off. */
    public OptimizeOptions optimizeLstm(boolean on) {
        return with(Knob.OPTIMIZE_LSTM, on);
    }

    /** Turns {@link #splitMasterWeightForBf16()} on or off. */
    public OptimizeOptions splitMasterWeightForBf16(boolean on) {
        return with(Knob.SPLIT_MASTER_WEIGHT_FOR_BF16, on);
    }

    /** Turns {@link #fuseUpdateStep()} on or off. */
    public OptimizeOptions fuseUpdateStep(boolean on) {
        return with(Knob.FUSE_UPDATE_STEP, on);
    }

    /** Turns {@link #autoKernelSelection()} on or off. */
    public OptimizeOptions autoKernelSelection(boolean on) {
        return with(Knob.AUTO_KERNEL_SELECTION, on);
    }

    /** Turns {@link #concatLinear()} on or off. */
    public OptimizeOptions concatLinear(boolean on) {
        return with(Knob.CONCAT_LINEAR, on);
    }

    /** Turns {@link #graphMode()} on or off. */
    public OptimizeOptions graphMode(boolean on) {
        return with(Knob.GRAPH_MODE, on);
    }

    /**
     * BatchNorm after a convolution goes into the convolution's weights, in inference. Done when
     * the block is compiled: op by op there is no graph to fold in.
     */
    public boolean convBnFolding() {
        return has(Knob.CONV_BN_FOLDING);
    }

    /** BatchNorm after a linear layer goes into the layer's weights, as {@link #convBnFolding}. */
    public boolean linearBnFolding() {
        return has(Knob.LINEAR_BN_FOLDING);
    }

    /**
     * Weights in oneDNN's own layouts: an optimized block that runs op by op keeps a packed copy of
     * each weight, made once; without, weights are reordered at each call and no copy is kept. A
     * compiled block packs its weights once, whatever this says, as {@code torch.compile} does with
     * the {@code ipex} backend; so, as in IPEX, it is turned off for a model that will be compiled.
     */
    public boolean weightsPrepack() {
        return has(Knob.WEIGHTS_PREPACK);
    }

    /**
     * Dropout in inference is the identity. DJL's Dropout is that already when {@code training} is
     * false, so this changes nothing; it is here so that IPEX's choices carry over.
     */
    public boolean replaceDropoutWithIdentity() {
        return has(Knob.REPLACE_DROPOUT_WITH_IDENTITY);
    }

    /**
     * LSTM by oneDNN's kernel for it. The engine has none: an LSTM is unrolled, its products are
     * oneDNN's and its gates generated kernels, whatever this says. {@code optimize} warns if this
     * was turned on by itself and the model has an LSTM.
     */
    public boolean optimizeLstm() {
        return has(Knob.OPTIMIZE_LSTM);
    }

    /**
     * BF16 training keeps of each cast parameter the upper and the lower 16 bits (4 bytes), instead
     * of an FP32 copy beside the BF16 numbers (6 bytes). The updates are the same.
     */
    public boolean splitMasterWeightForBf16() {
        return has(Knob.SPLIT_MASTER_WEIGHT_FOR_BF16);
    }

    /** The update of a parameter is one kernel, of all parameters one run; else it is op by op. */
    public boolean fuseUpdateStep() {
        return has(Knob.FUSE_UPDATE_STEP);
    }

    /**
     * Layouts and implementations by measurement instead of by estimate, as the mode {@code
     * max-autotune} of {@code Ipex.compile} does. Done when the block is compiled.
     */
    public boolean autoKernelSelection() {
        return has(Knob.AUTO_KERNEL_SELECTION);
    }

    /**
     * Linear layers of the same input become one, whose result is cut up again, in inference. Done
     * when the block is compiled.
     */
    public boolean concatLinear() {
        return has(Knob.CONCAT_LINEAR);
    }

    /** {@code optimize} compiles as well, as {@code Ipex.compile} with its defaults would. */
    public boolean graphMode() {
        return has(Knob.GRAPH_MODE);
    }
}
