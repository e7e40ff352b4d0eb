package org.ipex4j.engine;

import ai.djl.ndarray.types.DataType;
import java.util.Objects;
import java.util.Optional;

/**
 * How {@link Ipex#optimize(ai.djl.nn.Block, OptimizeOptions)} prepares a model, with the names and
 * defaults of IPEX's {@code optimize}. A level sets every knob; a knob set by itself overrides its
 * level. Immutable; each method returns a changed copy.
 *
 * @param level which knobs are on by default
 * @param dtype element type to compute in
 * @param inplace the given block itself is the result; otherwise it stays as it was
 * @param convBnFoldingKnob see {@link #convBnFolding()}
 * @param linearBnFoldingKnob see {@link #linearBnFolding()}
 * @param weightsPrepackKnob see {@link #weightsPrepack()}
 * @param replaceDropoutKnob see {@link #replaceDropout()}
 */
public record OptimizeOptions(
        Level level,
        DataType dtype,
        boolean inplace,
        Optional<Boolean> convBnFoldingKnob,
        Optional<Boolean> linearBnFoldingKnob,
        Optional<Boolean> weightsPrepackKnob,
        Optional<Boolean> replaceDropoutKnob) {

    /** A default for all knobs. */
    public enum Level {
        /** All off. */
        O0,
        /** All on. */
        O1
    }

    public OptimizeOptions {
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(dtype, "dtype");
    }

    /** FP32 inference at level O1. */
    public static OptimizeOptions inference() {
        return new OptimizeOptions(
                Level.O1,
                DataType.FLOAT32,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** FP32 training at level O1: the update of all parameters is one fused run. */
    public static OptimizeOptions training() {
        return inference();
    }

    public OptimizeOptions level(Level newLevel) {
        return new OptimizeOptions(
                newLevel,
                dtype,
                inplace,
                convBnFoldingKnob,
                linearBnFoldingKnob,
                weightsPrepackKnob,
                replaceDropoutKnob);
    }

    public OptimizeOptions dtype(DataType type) {
        return new OptimizeOptions(
                level,
                type,
                inplace,
                convBnFoldingKnob,
                linearBnFoldingKnob,
                weightsPrepackKnob,
                replaceDropoutKnob);
    }

    public OptimizeOptions inplace(boolean on) {
        return new OptimizeOptions(
                level,
                dtype,
                on,
                convBnFoldingKnob,
                linearBnFoldingKnob,
                weightsPrepackKnob,
                replaceDropoutKnob);
    }

    /** Turns {@link #convBnFolding()} on or off. */
    public OptimizeOptions convBnFolding(boolean on) {
        return new OptimizeOptions(
                level,
                dtype,
                inplace,
                Optional.of(on),
                linearBnFoldingKnob,
                weightsPrepackKnob,
                replaceDropoutKnob);
    }

    /** Turns {@link #linearBnFolding()} on or off. */
    public OptimizeOptions linearBnFolding(boolean on) {
        return new OptimizeOptions(
                level,
                dtype,
                inplace,
                convBnFoldingKnob,
                Optional.of(on),
                weightsPrepackKnob,
                replaceDropoutKnob);
    }

    /** Turns {@link #weightsPrepack()} on or off. */
    public OptimizeOptions weightsPrepack(boolean on) {
        return new OptimizeOptions(
                level,
                dtype,
                inplace,
                convBnFoldingKnob,
                linearBnFoldingKnob,
                Optional.of(on),
                replaceDropoutKnob);
    }

    /** Turns {@link #replaceDropout()} on or off. */
    public OptimizeOptions replaceDropout(boolean on) {
        return new OptimizeOptions(
                level,
                dtype,
                inplace,
                convBnFoldingKnob,
                linearBnFoldingKnob,
                weightsPrepackKnob,
                Optional.of(on));
    }

    /** BatchNorm after a convolution goes into the convolution's weights. */
    public boolean convBnFolding() {
        return convBnFoldingKnob.orElse(level == Level.O1);
    }

    /** BatchNorm after a linear layer goes into the layer's weights. */
    public boolean linearBnFolding() {
        return linearBnFoldingKnob.orElse(level == Level.O1);
    }

    /**
     * Weights in oneDNN's own layouts. A compiled block packs its weights once, whatever this says,
     * as {@code torch.compile} does with the {@code ipex} backend; an optimized block that is not
     * compiled runs op by op on the weights as they are. So this changes nothing yet; as in IPEX it
     * is turned off for a model that will be compiled.
     */
    public boolean weightsPrepack() {
        return weightsPrepackKnob.orElse(level == Level.O1);
    }

    /**
     * Dropout in inference is the identity. DJL's Dropout is that already when {@code training} is
     * false, so this changes nothing; it is here so that IPEX's choices carry over.
     */
    public boolean replaceDropout() {
        return replaceDropoutKnob.orElse(level == Level.O1);
    }
}
