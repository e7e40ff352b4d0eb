package org.ipex4j.engine;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import org.ipex4j.engine.capture.CompiledBlock;
import org.ipex4j.engine.capture.CompiledBlocks;
import org.ipex4j.engine.capture.CompiledSteps;
import org.ipex4j.engine.capture.OptimizedBlock;
import org.ipex4j.engine.dispatch.Fp32Math;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.plan.MathMode;
import org.ipex4j.runtime.Runtime;

/**
 * Prepares and compiles models for the processor they run on.
 *
 * <pre>{@code
 * Block optimized = Ipex.optimize(model, OptimizeOptions.inference());
 * Block compiled = Ipex.compile(optimized);
 * NDList logits = compiled.forward(store, new NDList(image), false);
 * }</pre>
 */
public final class Ipex {
    /** Options of blocks that were optimized in place. */
    private static final Map<Block, OptimizeOptions> IN_PLACE =
            Collections.synchronizedMap(new WeakHashMap<>());

    /** Options of trainers. */
    private static final Map<IpexTrainer, OptimizeOptions> TRAINERS =
            Collections.synchronizedMap(new WeakHashMap<>());

    private Ipex() {}

    /** {@link #optimize(Block, OptimizeOptions)} for FP32 inference. */
    public static Block optimize(Block block) {
        return optimize(block, OptimizeOptions.inference());
    }

    /**
     * Prepares a block for the CPU.
     *
     * @return a block that shares the given one's parameters, or with {@code inplace} the given one
     * @throws UnsupportedOperationException if the options ask for BF16, which comes in a later
     *     version
     */
    public static Block optimize(Block block, OptimizeOptions options) {
        Objects.requireNonNull(block, "block");
        requireFloat32(options);
        Block inner = block instanceof OptimizedBlock o ? o.unwrap() : block;
        if (options.inplace()) {
            IN_PLACE.put(inner, options);
            return block instanceof OptimizedBlock ? new OptimizedBlock(inner, options) : block;
        }
        return new OptimizedBlock(inner, options);
    }

    private static void requireFloat32(OptimizeOptions options) {
        if (options.dtype() != DataType.FLOAT32) {
            throw new UnsupportedOperationException(
                    "Ipex.optimize: dtype "
                            + options.dtype()
                            + " comes in a later version: expected "
                            + DataType.FLOAT32);
        }
    }

    /** Optimizes a model's block, which the result replaces in the model. */
    public static Model optimize(Model model, OptimizeOptions options) {
        model.setBlock(optimize(model.getBlock(), options));
        return model;
    }

    /** {@link #compile(Block, CompileOptions)} with backend {@code ipex}. */
    public static Block compile(Block block) {
        return compile(block, CompileOptions.defaults());
    }

    /**
     * A block that computes what the given one does, by captured and compiled graphs. The given
     * block stays as it is and shares its parameters. Nothing is captured before the first forward.
     */
    public static Block compile(Block block, CompileOptions options) {
        Objects.requireNonNull(block, "block");
        return switch (block) {
            case CompiledBlock c -> compile(c.unwrap(), options);
            case OptimizedBlock o -> new CompiledBlock(o.unwrap(), options, o.options());
            default ->
                    new CompiledBlock(
                            block,
                            options,
                            IN_PLACE.getOrDefault(block, OptimizeOptions.inference()));
        };
    }

    /** {@link #optimize(Trainer, OptimizeOptions)} with the defaults of training. */
    public static void optimize(Trainer trainer) {
        optimize(trainer, OptimizeOptions.training());
    }

    /**
     * Prepares a trainer's model and optimizer for the CPU. In FP32 the engine's trainer updates
     * all parameters by one fused run already; the options are kept for {@link #compile(Trainer)}.
     *
     * @throws IllegalArgumentException if the trainer is not one of the engine IPEX
     * @throws UnsupportedOperationException if the options ask for BF16, which comes in a later
     *     version
     */
    public static void optimize(Trainer trainer, OptimizeOptions options) {
        IpexTrainer own = own(trainer, "Ipex.optimize");
        requireFloat32(options);
        TRAINERS.put(own, options);
    }

    private static IpexTrainer own(Trainer trainer, String method) {
        Objects.requireNonNull(trainer, "trainer");
        if (trainer instanceof IpexTrainer t) {
            return t;
        }
        throw new IllegalArgumentException(
                method
                        + ": expected a trainer of the engine IPEX, got one of "
                        + trainer.getManager().getEngine().getEngineName());
    }

    /** {@link #compile(Trainer, CompileOptions)} with backend {@code ipex}. */
    public static void compile(Trainer trainer) {
        compile(trainer, CompileOptions.defaults());
    }

    /**
     * Compiles a trainer's steps: the model's forward and the loss are captured as one graph,
     * differentiated, fused and planned together. DJL's training loops stay as they are. Where the
     * loss cannot be captured with the model, the model alone is compiled, and a warning says so.
     * Nothing is captured before the first batch.
     *
     * @throws IllegalArgumentException if the trainer is not one of the engine IPEX, or the backend
     *     does not train
     */
    public static void compile(Trainer trainer, CompileOptions options) {
        IpexTrainer own = own(trainer, "Ipex.compile");
        if (!options.backend().equals("ipex")) {
            throw new IllegalArgumentException(
                    "Ipex.compile: only the backend 'ipex' compiles training, got '"
                            + options.backend()
                            + "'");
        }
        own.replaceSteps(
                new CompiledSteps(
                        own, options, TRAINERS.getOrDefault(own, OptimizeOptions.training())));
    }

    /** {@link #compile(Model, CompileOptions)} with backend {@code ipex}. */
    public static Model compile(Model model) {
        return compile(model, CompileOptions.defaults());
    }

    /**
     * Compiles a model's block, which the result replaces in the model: predictors made from now on
     * use it.
     */
    public static Model compile(Model model, CompileOptions options) {
        model.setBlock(compile(model.getBlock(), options));
        return model;
    }

    /**
     * Captures and compiles a block's forward for these inputs and tells what became of it. Runs
     * the forward; the block and its cached graphs stay as they are.
     *
     * @param block compiled, optimized or neither
     */
    public static Explanation explain(Block block, NDList inputs) {
        CompiledBlock given = block instanceof CompiledBlock c ? c : (CompiledBlock) compile(block);
        try (CompiledBlock fresh = given.anew();
                IpexNDManager scope = IpexNDManager.system().newSubManager()) {
            NDList own = new NDList(inputs.size());
            inputs.forEach(
                    a -> {
                        var view = a.duplicate();
                        view.attach(scope);
                        view.setName(a.getName());
                        own.add(view);
                    });
            ParameterStore store = new ParameterStore(scope, false);
            // After graph breaks the pieces are compiled when they are met again.
            fresh.forward(store, own, false, null);
            fresh.forward(store, own, false, null);
            CompiledBlock.Snapshot s = fresh.snapshot().orElseThrow();
            double[] seconds = fresh.secondsSpent();
            return new Explanation(
                    s.graphs(),
                    s.breaks(),
                    s.guards(),
                    s.reports(),
                    given.misses(),
                    seconds[0],
                    seconds[1]);
        }
    }

    /**
     * Lets convolutions and matrix products of FP32 arrays, and their derivatives, multiply in BF16
     * inside; sums stay FP32. Off at first. With AMX oneDNN rounds the operands; with AVX-512 BF16
     * alone the compiler does, and results may be rounded as well; other processors compute in FP32
     * as before, and so do blocks compiled with {@code strictFloats}. The mode holds for the whole
     * process, eager and compiled, from the next call on; compiled blocks compile once more when
     * they are called in another mode.
     *
     * @param dtype BFLOAT16, or FLOAT32 for FP32 arithmetic
     * @throws IllegalArgumentException for another type
     */
    public static void fp32MathMode(DataType dtype) {
        Fp32Math.setMode(
                switch (dtype) {
                    case BFLOAT16 -> MathMode.BFLOAT16;
                    case FLOAT32 -> MathMode.STRICT;
                    default ->
                            throw new IllegalArgumentException(
                                    "Ipex.fp32MathMode: BFLOAT16 or FLOAT32 expected, got "
                                            + dtype);
                });
    }

    /**
     * True if this machine can run the engine: native libraries for the platform are on the class
     * path and load. {@link #version()} says why if not.
     */
    public static boolean isAvailable() {
        return unavailable() == null;
    }

    /**
     * Version of the engine and facts of the processor, in one line; or why the engine cannot run
     * here.
     */
    public static String version() {
        String version = "ipex4j " + IpexEngine.instance().getVersion();
        String reason = unavailable();
        if (reason != null) {
            return version + ", not available: " + reason;
        }
        Runtime runtime = Runtime.instance();
        return version
                + ", Java "
                + java.lang.Runtime.version().feature()
                + ", processor "
                + runtime.target().cpu()
                + ", vectors of "
                + 8 * runtime.target().vectorBytes()
                + " bits, "
                + runtime.threads()
                + " threads";
    }

    /** Why the runtime does not start, or null. */
    private static String unavailable() {
        try {
            Runtime.instance();
            return null;
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    /**
     * Drops all that was captured and compiled, packed weights included; blocks compile again when
     * used.
     */
    public static void reset() {
        CompiledBlocks.resetAll();
    }
}
