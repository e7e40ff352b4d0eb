package org.ipex4j.compiler.layout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.compiler.CompileOptions.Mode;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.ir.plan.LibraryOracle.Choice;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.ir.plan.Target;

/**
 * Seconds of library calls by layout: measured, or estimated from the implementation the library
 * names.
 */
final class LibraryCosts {
    /**
     * Bytes per second of layout changes and pools, as measured in cache on the reference machine.
     */
    private static final double REORDER_BANDWIDTH = 30e9;

    /** Fixed cost of one more step. */
    private static final double STEP = 2e-6;

    /**
     * FLOPs per second per thread and lane that direct convolutions reach; bf16 has twice the lanes
     * of f32.
     */
    private static final double FLOPS_PER_LANE = 6.5e9;

    private final LibraryOracle oracle;
    private final Mode mode;
    private final Target target;
    private final Map<LibraryCall, Optional<Choice>> choices = new HashMap<>();
    private final Map<LibraryCall, Double> measured = new HashMap<>();

    LibraryCosts(LibraryOracle oracle, Mode mode, Target target) {
        this.oracle = oracle;
        this.mode = mode;
        this.target = target;
    }

    Optional<Choice> choose(LibraryCall call) {
        // A call that computes nothing is never made; the library need not know it.
        boolean empty = call.output().sizes().numel() == 0;
        return choices.computeIfAbsent(call, empty ? LibraryOracle.PLAIN::choose : oracle::choose);
    }

    /** Has the library look into calls that will be asked for. */
    void prepare(List<LibraryCall> calls) {
        oracle.prepare(calls.stream().filter(c -> c.output().sizes().numel() > 0).toList());
    }

    /**
     * The activation that a call has beside its first operand: its result, or, where the weights'
     * gradient is computed, the gradient of the convolution's output.
     */
    static BufferType second(LibraryCall call) {
        return call instanceof LibraryCall.ConvolutionBackwardWeights w
                ? w.outputGradient()
                : call.output();
    }

    /**
     * The call with its activations in given formats, weights as the library likes.
     *
     * @param output layout of {@link #second}, and of binary operands that have the result's sizes
     */
    static LibraryCall with(LibraryCall call, Layout source, Layout output) {
        if (call instanceof LibraryCall.ConvolutionBackwardWeights w) {
            return w.with(
                    List.of(w.source().withLayout(source), w.outputGradient().withLayout(output)),
                    w.output().withLayout(Layout.ANY),
                    List.of());
        }
        if (call instanceof LibraryCall.PoolingBackward p) {
            return p.with(
                    p.inputs().stream().map(t -> t.withLayout(source)).toList(),
                    p.output().withLayout(output),
                    List.of());
        }
        List<BufferType> inputs = new ArrayList<>(call.inputs());
        inputs.set(0, inputs.get(0).withLayout(source));
        List<PostOp> post = new ArrayList<>();
        for (PostOp p : call.postOps()) {
            post.add(
                    p instanceof PostOp.Binary b
                            ? new PostOp.Binary(
                                    b.algorithm(), binary(b.operand(), call.output(), output))
                            : p);
        }
        return call.with(inputs, call.output().withLayout(output), post);
    }

    private static BufferType binary(BufferType operand, BufferType result, Layout output) {
        return operand.sizes().equals(result.sizes())
                ? operand.withLayout(output)
                : operand.withLayout(Layout.contiguous(operand.sizes()));
    }

    /**
     * Seconds of a call whose weights alone are undecided; infinite if the library cannot do it.
     */
    double seconds(LibraryCall call) {
        Optional<Choice> choice = choose(call);
        if (choice.isEmpty()) {
            return Double.POSITIVE_INFINITY;
        }
        if (mode == Mode.MAX_AUTOTUNE) {
            double time = measured.computeIfAbsent(choice.get().call(), oracle::measure);
            if (!Double.isNaN(time)) {
                return time;
            }
        }
        return estimate(choice.get());
    }

    /**
     * Seconds that a call takes at least, told without asking the library: what {@link #seconds}
     * says of it once it is asked is not less, unless it measures.
     */
    double atLeast(LibraryCall call) {
        return isKnown(call) ? seconds(call) : estimate(call, bestSlowdown(call));
    }

    /** Whether the library has been asked about a call. */
    boolean isKnown(LibraryCall call) {
        return choices.containsKey(call);
    }

    /** Whether calls are measured rather than estimated. */
    boolean measures() {
        return mode == Mode.MAX_AUTOTUNE;
    }

    /** A copy of that many bytes to another layout. */
    double reorderSeconds(BufferType type) {
        return STEP + 2.0 * type.byteSize() / REORDER_BANDWIDTH;
    }

    private double estimate(Choice choice) {
        return estimate(choice.call(), slowdown(choice));
    }

    private double estimate(LibraryCall call, double slowdown) {
        double bytes = call.output().type().byteSize();
        for (BufferType in : call.inputs()) {
            bytes += in.type().byteSize();
        }
        double moved = bytes / REORDER_BANDWIDTH;
        int element = call.inputs().getFirst().dtype().byteSize();
        double peak = FLOPS_PER_LANE * target.threads() * target.lanes(element);
        return STEP + Math.max(moved, flops(call) / peak) * slowdown;
    }

    static double flops(LibraryCall call) {
        return switch (call) {
            case LibraryCall.Convolution c ->
                    2.0 * c.output().sizes().numel() * taps(c.weights(), c.groups());
            case LibraryCall.ConvolutionBackwardData c ->
                    2.0 * c.outputGradient().sizes().numel() * taps(c.weights(), c.groups());
            case LibraryCall.ConvolutionBackwardWeights c ->
                    2.0 * c.outputGradient().sizes().numel() * taps(c.output(), c.groups());
            case LibraryCall.Deconvolution c ->
                    2.0
                            * c.source().sizes().numel()
                            * taps(c.weights(), c.groups())
                            * c.output().sizes().get(1)
                            / Math.max(1, c.source().sizes().get(1));
            case LibraryCall.MatMul m ->
                    2.0 * m.output().sizes().numel() * m.source().sizes().get(-1);
            case LibraryCall.Pooling p -> windows(p.output(), p.kernel());
            case LibraryCall.PoolingBackward p -> windows(p.outputGradient(), p.kernel());
            case LibraryCall.Reorder r -> 0;
        };
    }

    /** Elements of all windows. */
    private static double windows(BufferType each, List<Long> kernel) {
        return each.sizes().numel() * (double) kernel.stream().reduce(1L, (a, b) -> a * b);
    }

    /** Multiplications per output element. */
    private static double taps(BufferType weights, int groups) {
        long outputs = weights.sizes().get(0) * (groups > 1 ? weights.sizes().get(1) : 1);
        return weights.sizes().numel() / (double) Math.max(1, outputs);
    }

    /**
     * How far an implementation stays behind the best one. Direct convolutions on blocked channels
     * are the best on the whole; on small images those on channels-last gain by treating the image
     * as one matrix.
     */
    private double slowdown(Choice choice) {
        String name = choice.implementation();
        if (name.startsWith("ref") || name.startsWith("simple")) {
            return 60;
        }
        if (name.startsWith("gemm")) {
            return 2.5;
        }
        if (name.startsWith("jit_uni_ncsp")) {
            // Plain layouts: it reorders source and result around the implementation that it wraps,
            // at each call.
            return 2;
        }
        if (choice.call() instanceof LibraryCall.Convolution c && name.startsWith("brg")) {
            return channelsLastSlowdown(c);
        }
        if (choice.call() instanceof LibraryCall.ConvolutionBackwardWeights w
                && w.source().dtype() == DType.BFLOAT16
                && w.outputGradient().layout().isPlain()) {
            return 1.15; // pairs of channels must be brought together
        }
        return 1;
    }

    private static double channelsLastSlowdown(LibraryCall.Convolution c) {
        long pixels = c.output().sizes().numel() / Math.max(1, c.output().sizes().get(1));
        long image = pixels / Math.max(1, c.output().sizes().get(0));
        boolean window = c.weights().sizes().get(-1) > 1;
        boolean f32 = c.source().dtype() == DType.FLOAT32;
        if (!window || pixels > 200 && f32) {
            return 1.05;
        }
        // At 7x7 pixels the weights count: 0.82 for one image, about even for 2, 0.95 for 4; in
        // bf16,
        // of half the bytes, 0.9 for one image.
        if (!f32) {
            // Few channels leave most of a vector empty: 1.0 for one image of 224x224, 1.5 for 16.
            return c.source().sizes().get(1) < 16 ? 1.3 : pixels <= 64 ? 0.9 : 1.02;
        }
        return pixels <= 64 ? 0.82 : image <= 64 ? 0.97 : 1;
    }

    /** Of whatever implementation the library may name. */
    private static double bestSlowdown(LibraryCall call) {
        return call instanceof LibraryCall.Convolution c ? Math.min(1, channelsLastSlowdown(c)) : 1;
    }
}
