package org.ipex4j.engine;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
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
import org.ipex4j.engine.ndarray.DataTypes;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.ndarray.MasterWeight;
import org.ipex4j.engine.prepare.CastParameters;
import org.ipex4j.engine.prepare.Checks;
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

    private Ipex() {}

    /** {@link #optimize(Block, OptimizeOptions)} for FP32 inference. */
    public static Block optimize(Block block) {
        return optimize(block, OptimizeOptions.inference());
    }

    /**
     * Prepares a block for inference on the CPU. With {@code dtype} BF16 (or FP16) its
     * convolutions, transposed convolutions, linear layers, embeddings and LSTMs compute in that
     * type: their parameters are cast, once, and convolutions and linear layers cast what they are
     * given, so the forward takes FP32 inputs as before. Their results are of that type, and so is
     * what follows until something promotes it: an output may be BF16. {@code Autocast} around the
     * forward adds its own casts. Norms and all other parameters stay FP32.
     *
     * <p>The given block and its parameters stay as they are: the result shares them and sees later
     * changes of them. With {@code inplace} the given block is the result and its own parameters
     * are cast (the FP32 numbers are gone; saving writes FP32 numbers as they are rounded).
     *
     * @param options of inference
     * @return a block to run or to {@link #compile}; with {@code inplace} the given one; with
     *     {@code graphMode} compiled already
     * @throws IllegalArgumentException
     *     <ul>
     *       <li>{@code "Ipex.optimize: options of training need an optimizer: give the trainer, not
     *           the block"}
     *       <li>{@code "Ipex.optimize: dtype int8: expected float32 or bfloat16, or float16 for
     *           inference"}
     *       <li>{@code "Ipex.optimize: parameters are on different devices: '01Linear_weight' on
     *           cpu(), '02Linear_weight' on gpu(0)"}
     *       <li>{@code "Ipex.optimize: parameter '01Linear_weight' is no array of the engine IPEX
     *           but …"}
     *       <li>{@code "Ipex.optimize: inplace: the block's parameters are not initialized"}, where
     *           they are to be cast
     *     </ul>
     *
     * @throws IllegalStateException {@code "Ipex.optimize: bfloat16 needs a processor with AVX-512
     *     BF16, this one (znver2) has none: numbers would be converted to float32 and back around
     *     each computation, slower than float32 itself. Use float32, or allowSlow(true)"}; FP16
     *     needs AVX512-FP16
     */
    public static Block optimize(Block block, OptimizeOptions options) {
        Objects.requireNonNull(block, "block");
        check(block, options, false);
        Block inner = block instanceof OptimizedBlock o ? o.unwrap() : block;
        Block result;
        if (options.inplace()) {
            castInPlace(inner, options);
            IN_PLACE.put(inner, options);
            result = block instanceof OptimizedBlock ? new OptimizedBlock(inner, options) : block;
        } else {
            result = new OptimizedBlock(inner, options);
        }
        if (options.graphMode()) {
            return compile(result);
        }
        if (options.weightsPrepack()) {
            options.sampleInput().ifPresent(sample -> runOnce(result, sample));
        }
        return result;
    }

    private static void check(Block block, OptimizeOptions options, boolean optimizer) {
        Checks.check(block, options, optimizer, Runtime.instance().target());
    }

    private static void castInPlace(Block block, OptimizeOptions options) {
        if (options.dtype() == DataType.FLOAT32) {
            return;
        }
        if (!block.isInitialized()) {
            throw new IllegalArgumentException(
                    "Ipex.optimize: inplace: the block's parameters are not initialized");
        }
        for (Parameter p : CastParameters.of(block, options.purpose())) {
            IpexNDArray array = (IpexNDArray) p.getArray();
            array.raise();
            if (array.getDataType() == DataType.FLOAT32) {
                array.lower(DataTypes.toIr(options.dtype()), MasterWeight.Form.ROUNDED);
            }
        }
    }

    /** Packs weights for inputs like these. */
    private static void runOnce(Block block, NDList sample) {
        try (IpexNDManager scope = IpexNDManager.system().newSubManager()) {
            block.forward(new ParameterStore(scope, false), views(sample, scope), false);
        }
    }

    /** Arrays of our own of the same numbers, so that the caller's stay as they are. */
    private static NDList views(NDList inputs, IpexNDManager scope) {
        NDList own = new NDList(inputs.size());
        inputs.forEach(
                a -> {
                    var view = a.duplicate();
                    view.attach(scope);
                    view.setName(a.getName());
                    own.add(view);
                });
        return own;
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
            case CompiledBlock c -> compiled(c.unwrap(), options, c.optimize());
            case OptimizedBlock o -> compiled(o.casts() ? o : o.unwrap(), options, o.options());
            default ->
                    compiled(
                            block,
                            options,
                            IN_PLACE.getOrDefault(block, OptimizeOptions.inference()));
        };
    }

    private static Block compiled(Block block, CompileOptions options, OptimizeOptions optimize) {
        CompiledBlock made = new CompiledBlock(block, options, optimize);
        optimize.sampleInput().ifPresent(sample -> runOnce(made, sample));
        return made;
    }

    /** {@link #optimize(Trainer, OptimizeOptions)} with the defaults of training. */
    public static void optimize(Trainer trainer) {
        optimize(trainer, OptimizeOptions.training());
    }

    /**
     * Prepares a trainer's model and optimizer for the CPU. The update of all parameters is one
     * fused run (unless {@code fuseUpdateStep} is off). With {@code dtype} BF16 the weights of
     * convolutions and linear layers become BF16 for forward and backward, while the optimizer goes
     * on with their FP32 numbers, which are kept as upper and lower halves (or, without {@code
     * splitMasterWeightForBf16}, as a copy): the updates are those of FP32 training with BF16
     * gradients. Convolutions and linear layers cast what they are given; {@code Autocast} around
     * forward and loss adds its own casts. Norms stay FP32. Checkpoints and {@code Model.save}
     * write the FP32 numbers, and what is loaded is split again.
     *
     * <p>The trainer's model is prepared itself, whatever {@code inplace} says: DJL binds trainer
     * and model; it stays so when the trainer is closed. A model that is not initialized yet is
     * prepared when it is. Doing this again with other options first undoes what was done. The
     * options hold for a later {@link #compile(Trainer)}.
     *
     * @param options of training
     * @throws IllegalArgumentException as {@link #optimize(Block, OptimizeOptions)}, and
     *     <ul>
     *       <li>{@code "Ipex.optimize: options of inference take no optimizer: give the block, not
     *           the trainer"}
     *       <li>{@code "Ipex.optimize: expected a trainer of the engine IPEX, got one of PyTorch"}
     *     </ul>
     *
     * @throws IllegalStateException as {@link #optimize(Block, OptimizeOptions)}
     */
    public static void optimize(Trainer trainer, OptimizeOptions options) {
        IpexTrainer own = own(trainer, "Ipex.optimize");
        check(own.getModel().getBlock(), options, true);
        own.prepare(options);
        if (options.graphMode()) {
            compile(own);
        }
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
        own.replaceSteps(new CompiledSteps(own, options, own.prepared()));
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
            NDList own = views(inputs, scope);
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
