package org.ipex4j.runtime.dnnl;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.Target;
import org.ipex4j.runtime.cache.DiskCache;
import org.ipex4j.runtime.lane.Lanes;
import org.ipex4j.runtime.natives.NativeLibraries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures calls on a lane and remembers the answers, in the process and on disk under a readable
 * key of call, oneDNN version, processor and threads.
 */
public final class LaneMeasurer implements Measurer {
    private static final Logger LOG = LoggerFactory.getLogger(LaneMeasurer.class);
    private static final String KIND = "tuning";
    private static final int MIN_RUNS = 5;
    private static final double BUDGET_SECONDS = 0.03;

    private final Target target;
    private final Lanes lanes;
    private final DiskCache disk;
    private final Map<LibraryCall, Double> known = new ConcurrentHashMap<>();

    public LaneMeasurer(Target target, Lanes lanes, DiskCache disk) {
        this.target = target;
        this.lanes = lanes;
        this.disk = disk;
    }

    @Override
    public double seconds(LibraryCall call) {
        Double seconds = known.get(call);
        if (seconds == null) {
            String key = key(call);
            seconds =
                    read(key)
                            .orElseGet(
                                    () -> {
                                        double measured = measure(call, BUDGET_SECONDS);
                                        disk.put(
                                                KIND,
                                                key,
                                                Double.toString(measured)
                                                        .getBytes(StandardCharsets.US_ASCII));
                                        LOG.debug("{} us for {}", Math.round(measured * 1e6), call);
                                        return measured;
                                    });
            known.put(call, seconds);
        }
        return seconds;
    }

    private String key(LibraryCall call) {
        return "seconds of "
                + call
                + "\noneDNN "
                + NativeLibraries.dnnlVersion()
                + " "
                + Dnnl.isa()
                + "\n"
                + target.cpu()
                + " L2 "
                + target.l2Bytes()
                + " L3 "
                + target.l3Bytes()
                + "\nthreads "
                + lanes.threadsPerLane();
    }

    private Optional<Double> read(String key) {
        return disk.get(KIND, key)
                .flatMap(
                        bytes -> {
                            String text = new String(bytes, StandardCharsets.US_ASCII);
                            try {
                                return Optional.of(Double.parseDouble(text));
                            } catch (NumberFormatException e) {
                                LOG.warn(
                                        "measuring again: the remembered time '{}' is not a number, for {}",
                                        text,
                                        key);
                                return Optional.empty();
                            }
                        });
    }

    /** Measures anew. */
    double measure(LibraryCall call, double budgetSeconds) {
        return lanes.call(
                () -> {
                    DnnlPrimitive primitive = Primitives.shared().get(call, lanes.threadsPerLane());
                    try (Timing timing =
                            new Timing(
                                    Timing.poolBytes(
                                            PrimitiveDesc.operands(call), target.l3Bytes()))) {
                        return timing.seconds(primitive, MIN_RUNS, budgetSeconds);
                    } finally {
                        primitive.release();
                    }
                });
    }
}
