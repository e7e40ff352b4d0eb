package org.ipex4j.runtime.dnnl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.runtime.Runtime;

/**
 * The least time a model's library calls can take on this machine: for each distinct call the best
 * over layouts of source and destination, without post-ops, times how often it occurs. Weights and
 * their gradients take the layout that the library likes. Nothing else of a model is counted, so a
 * compiled model cannot be much faster than its floor.
 */
public final class Floor {
    private static final long COPY_BYTES = 64L << 20;

    private Floor() {}

    /**
     * One distinct call.
     *
     * @param seconds best time of one execution
     * @param best the call with the layouts that reached it
     */
    public record Item(
            LibraryCall call, int count, double seconds, LibraryCall best, String implementation) {}

    /**
     * @param seconds sum over items of count times best
     * @param bytesPerSecond memory bandwidth: bytes read plus bytes written by a copy of 64 MiB
     */
    public record Report(List<Item> items, double seconds, double bytesPerSecond) {}

    /**
     * Measures convolutions, their gradients and matrix products; calls of other kinds are left
     * out. Layouts and post-ops of the calls do not matter, their sizes do.
     *
     * @param calls distinct calls with their counts
     * @param rounds how often every candidate is measured; the least median counts
     * @param secondsPerCandidate time spent on each candidate in each round
     */
    public static Report measure(
            Map<LibraryCall, Integer> calls, int rounds, double secondsPerCandidate) {
        Runtime runtime = Runtime.instance();
        LaneMeasurer measurer =
                new LaneMeasurer(runtime.target(), runtime.lanes(), runtime.diskCache());
        DnnlOracle oracle = new DnnlOracle(runtime.threads(), measurer);
        Map<LibraryCall, Integer> distinct = new LinkedHashMap<>();
        calls.forEach(
                (call, count) -> {
                    boolean counts =
                            switch (call) {
                                case LibraryCall.Convolution _,
                                        LibraryCall.ConvolutionBackwardData _,
                                        LibraryCall.ConvolutionBackwardWeights _,
                                        LibraryCall.MatMul _ ->
                                        true;
                                default -> false;
                            };
                    if (counts) {
                        distinct.merge(bare(call), count, Integer::sum);
                    }
                });
        List<Item> items = new ArrayList<>();
        double sum = 0;
        for (Map.Entry<LibraryCall, Integer> e : distinct.entrySet()) {
            Item best = null;
            for (LibraryOracle.Choice choice : candidates(oracle, e.getKey())) {
                double seconds = Double.POSITIVE_INFINITY;
                for (int r = 0; r < rounds; r++) {
                    seconds =
                            Math.min(seconds, measurer.measure(choice.call(), secondsPerCandidate));
                }
                if (best == null || seconds < best.seconds()) {
                    best =
                            new Item(
                                    e.getKey(),
                                    e.getValue(),
                                    seconds,
                                    choice.call(),
                                    choice.implementation());
                }
            }
            if (best == null) {
                throw new IllegalArgumentException("oneDNN has no implementation of " + e.getKey());
            }
            items.add(best);
            sum += best.seconds() * best.count();
        }
        return new Report(List.copyOf(items), sum, bandwidth(measurer));
    }

    /** The call with every layout open and no post-ops. */
    private static LibraryCall bare(LibraryCall call) {
        List<BufferType> inputs = new ArrayList<>();
        for (int i = 0; i < call.inputs().size(); i++) {
            BufferType t = call.inputs().get(i);
            inputs.add(i < 2 ? t.withLayout(Layout.ANY) : t); // the bias stays
        }
        return call.with(inputs, call.output().withLayout(Layout.ANY), List.of());
    }

    private static Set<LibraryOracle.Choice> candidates(DnnlOracle oracle, LibraryCall call) {
        Set<LibraryOracle.Choice> out = new LinkedHashSet<>();
        oracle.choose(call).ifPresent(out::add);
        Sizes source = call.inputs().getFirst().sizes();
        Sizes destination = other(call).sizes();
        for (Layout s : layouts(source)) {
            for (Layout d : layouts(destination)) {
                // A plain image may become blocked in the first convolution; otherwise kinds stay
                // the same.
                boolean same =
                        s.innerBlocks().length == d.innerBlocks().length
                                && s.blockOf(1) == d.blockOf(1);
                if (same || s.isContiguous(source)) {
                    oracle.choose(with(call, s, d)).ifPresent(out::add);
                }
            }
        }
        return out;
    }

    /** The activation that a call has besides its first input: never weights or their gradient. */
    private static BufferType other(LibraryCall call) {
        return call instanceof LibraryCall.ConvolutionBackwardWeights w
                ? w.outputGradient()
                : call.output();
    }

    /** The call with layouts for its two activations. */
    private static LibraryCall with(LibraryCall call, Layout first, Layout other) {
        List<BufferType> inputs = new ArrayList<>(call.inputs());
        inputs.set(0, inputs.getFirst().withLayout(first));
        if (call instanceof LibraryCall.ConvolutionBackwardWeights) {
            inputs.set(1, inputs.get(1).withLayout(other));
            return call.with(inputs, call.output(), List.of());
        }
        return call.with(inputs, call.output().withLayout(other), List.of());
    }

    private static List<Layout> layouts(Sizes sizes) {
        if (sizes.rank() < 3) {
            return List.of(Layout.contiguous(sizes));
        }
        List<Layout> out =
                new ArrayList<>(List.of(Layout.contiguous(sizes), Layout.channelsLast(sizes)));
        if (sizes.get(1) >= 8) {
            out.add(Layout.blockedChannels(sizes, 16));
            out.add(Layout.blockedChannels(sizes, 8));
        }
        return out;
    }

    private static double bandwidth(LaneMeasurer measurer) {
        Sizes sizes = Sizes.of(COPY_BYTES / Float.BYTES);
        BufferType t = new BufferType(DType.FLOAT32, sizes, Layout.contiguous(sizes));
        return 2.0 * COPY_BYTES / measurer.measure(new LibraryCall.Reorder(t, t), 0.2);
    }
}
