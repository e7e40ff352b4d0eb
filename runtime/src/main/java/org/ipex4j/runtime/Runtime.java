package org.ipex4j.runtime;

import org.ipex4j.ir.plan.Target;
import org.ipex4j.runtime.cache.DiskCache;
import org.ipex4j.runtime.dnnl.DnnlOracle;
import org.ipex4j.runtime.dnnl.LaneMeasurer;
import org.ipex4j.runtime.jit.HostProcessor;
import org.ipex4j.runtime.jit.Jit;
import org.ipex4j.runtime.lane.Lanes;
import org.ipex4j.runtime.memory.Pool;
import org.ipex4j.runtime.natives.CacheDirectory;
import org.ipex4j.runtime.natives.NativeLibraries;

/**
 * The process's one set of native facilities. Settings are read once, from system properties:
 * {@code ai.djl.ipex.num_threads} (default: physical cores), {@code ai.djl.ipex.num_lanes} (default
 * 1; the threads are shared out among the lanes), {@code ai.djl.ipex.disk_cache} (bytes kept on
 * disk, default 1g), {@code ai.djl.ipex.disk_cache_dir} (where; default below {@link
 * CacheDirectory}).
 */
public final class Runtime {
    /**
     * What starting gave: a runtime, or the reason why there is none, which later callers are told
     * too.
     */
    private record Start(Runtime runtime, Throwable failure) {
        static final Start RESULT = start();

        private static Start start() {
            try {
                return new Start(new Runtime(), null);
            } catch (RuntimeException | Error e) {
                return new Start(null, e);
            }
        }
    }

    private final DiskCache diskCache;
    private final Target target;
    private final Lanes lanes;
    private final Jit jit;
    private final DnnlOracle oracle;

    private Runtime() {
        NativeLibraries.requirePresent();
        HostProcessor processor = HostProcessor.current();
        int threads = positive("ai.djl.ipex.num_threads", processor.usableCores());
        int laneCount = positive("ai.djl.ipex.num_lanes", 1);
        int threadsPerLane = Math.max(1, threads / laneCount);
        diskCache =
                new DiskCache(
                        cacheDirectory(),
                        org.ipex4j.runtime.memory.Bytes.parse(
                                "ai.djl.ipex.disk_cache",
                                System.getProperty("ai.djl.ipex.disk_cache", "1g")));
        target = processor.target(threadsPerLane, diskCache);
        jit = new Jit(target, diskCache);
        lanes = new Lanes(laneCount, threadsPerLane);
        oracle = new DnnlOracle(threadsPerLane, new LaneMeasurer(target, lanes, diskCache));
    }

    /**
     * The runtime, started on first use.
     *
     * @throws IllegalStateException each time, if it could not start: the message says why
     */
    public static Runtime instance() {
        Start start = Start.RESULT;
        if (start.failure() != null) {
            throw new IllegalStateException(
                    "the IPEX runtime cannot start: " + start.failure().getMessage(),
                    start.failure());
        }
        return start.runtime();
    }

    private static java.nio.file.Path cacheDirectory() {
        String dir = System.getProperty("ai.djl.ipex.disk_cache_dir");
        return dir == null || dir.isBlank()
                ? CacheDirectory.get().resolve("cache")
                : java.nio.file.Path.of(dir);
    }

    private static int positive(String property, int otherwise) {
        String text = System.getProperty(property);
        if (text == null || text.isBlank()) {
            return otherwise;
        }
        try {
            int value = Integer.parseInt(text.strip());
            if (value > 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    property + ": expected a positive number, got '" + text + "'", e);
        }
        throw new IllegalArgumentException(
                property + ": expected a positive number, got '" + text + "'");
    }

    /** The processor that code is compiled for. */
    public Target target() {
        return target;
    }

    /**
     * All that decides what the oracle answers and what code suits this process, as text for cache
     * keys.
     */
    public String circumstances() {
        return target.cpu()
                + " "
                + target.features()
                + " "
                + target.vectorBytes()
                + " "
                + new java.util.TreeSet<>(target.capabilities()) // sets have no order of their own
                + " threads "
                + target.threads()
                + " caches "
                + target.l1Bytes()
                + " "
                + target.l2Bytes()
                + " "
                + target.l3Bytes()
                + "\noneDNN "
                + NativeLibraries.dnnlVersion()
                + " "
                + DnnlOracle.isa();
    }

    /** Threads of one parallel region, the team of one lane. */
    public int threads() {
        return lanes.threadsPerLane();
    }

    /** Where heavy work runs. */
    public Lanes lanes() {
        return lanes;
    }

    /** The memory of all tensors. */
    public Pool pool() {
        return Pool.shared();
    }

    public Jit jit() {
        return jit;
    }

    /** What oneDNN would choose, for the compiler. */
    public DnnlOracle oracle() {
        return oracle;
    }

    /** What later processes find again. */
    public DiskCache diskCache() {
        return diskCache;
    }
}
