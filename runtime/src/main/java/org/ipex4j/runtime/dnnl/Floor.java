package org.ipex4j.runtime.dnnl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * over layouts of source and destination, without post-ops, times how often it occurs. Nothing else
 * of a model is counted, so a compiled model cannot be much faster than its floor.
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
     * Measures convolutions and matrix products; calls of other kinds are left out. Layouts and
     * post-ops of the calls do not matter, their sizes do.
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
                    if (call instanceof LibraryCall.Convolution
                            || call instanceof LibraryCall.MatMul) {
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
        BufferType source = call.inputs().getFirst();
        BufferType weights = call.inputs().get(1);
        for (Layout s : layouts(source.sizes())) {
            for (Layout d : layouts(call.output().sizes())) {
                // A plain image may become blocked in the first convolution; otherwise kinds stay
                // the same.
                boolean same =
                        s.innerBlocks().length == d.innerBlocks().length
                                && s.blockOf(1) == d.blockOf(1);
                if (!same && !s.isContiguous(source.sizes())) {
                    continue;
                }
                List<BufferType> inputs = new ArrayList<>(call.inputs());
                inputs.set(0, source.withLayout(s));
                inputs.set(1, weights.withLayout(Layout.ANY));
                Optional<LibraryOracle.Choice> c =
                        oracle.choose(call.with(inputs, call.output().withLayout(d), List.of()));
                c.ifPresent(out::add);
            }
        }
        return out;
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
