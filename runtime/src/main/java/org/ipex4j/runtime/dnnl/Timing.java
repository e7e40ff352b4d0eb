package org.ipex4j.runtime.dnnl;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.runtime.memory.Storage;
import org.ipex4j.runtime.natives.Native;

/**
 * Times primitives as they run inside a network: every operand but the source comes from another
 * place of a pool larger than the last-level cache at each execution (weights are read once per
 * forward pass, so they are cold in a network whose weights exceed the cache), while the source
 * alternates between two places, as the previous step has just written it.
 */
final class Timing implements AutoCloseable {
    private static final int ALIGN = 4096;
    private static final int SOURCES = 2;
    private static final int WARM_RUNS = 2;
    private static final int MOST_RUNS = 1000;
    private static final long PATTERN = 1 << 20;

    private final Storage pool;
    private final DnnlStream stream = new DnnlStream();
    private long next;

    /** A pool of random numbers; see {@link #poolBytes}. */
    Timing(long bytes) {
        pool = Storage.allocate(Math.max(bytes, PATTERN));
        MemorySegment memory = Native.memory(pool.address(), pool.byteSize());
        SplittableRandom random = new SplittableRandom(1);
        for (long i = 0; i < PATTERN; i += 4) {
            // Between 0.5 and 1 as a float, with random sign; finite as two halves, small as an
            // integer.
            memory.set(ValueLayout.JAVA_INT, i, 0x3f000000 | random.nextInt() & 0x807fffff);
        }
        for (long at = PATTERN; at < pool.byteSize(); at += PATTERN) {
            MemorySegment.copy(memory, 0, memory, at, Math.min(PATTERN, pool.byteSize() - at));
        }
    }

    /**
     * The pool that some operands need: twice the last-level cache, or four times what they take
     * together.
     */
    static long poolBytes(List<BufferType> operands, long cacheBytes) {
        long sum = 0;
        for (BufferType t : operands) {
            sum += spaced(t.byteSize());
        }
        return Math.max(2 * cacheBytes, 4 * sum);
    }

    private static long spaced(long bytes) {
        return (bytes + 2 * ALIGN - 1) / ALIGN * ALIGN;
    }

    /**
     * Median seconds of one execution on the calling thread: at least {@code minRuns}, then as many
     * as fit into {@code budgetSeconds}.
     */
    double seconds(DnnlPrimitive primitive, int minRuns, double budgetSeconds) {
        List<BufferType> types = PrimitiveDesc.operands(primitive.call());
        double[] times = new double[MOST_RUNS];
        int n = 0;
        Storage scratchpad = Storage.allocate(primitive.scratchpadBytes());
        try (PrimitiveArgs args = new PrimitiveArgs(primitive)) {
            args.setScratchpad(scratchpad.address());
            long[] sources = new long[SOURCES];
            for (int i = 0; i < SOURCES; i++) {
                sources[i] = take(types.getFirst().byteSize());
            }
            long deadline = 0;
            for (int i = -WARM_RUNS; i < times.length; i++) {
                args.set(0, sources[Math.floorMod(i, SOURCES)]);
                for (int k = 1; k < types.size(); k++) {
                    args.set(k, take(types.get(k).byteSize()));
                }
                long start = System.nanoTime();
                args.execute(stream);
                long end = System.nanoTime();
                if (i == -1) {
                    deadline = end + (long) (budgetSeconds * 1e9);
                }
                if (i >= 0) {
                    times[n++] = (end - start) * 1e-9;
                    if (n >= minRuns && end > deadline) {
                        break;
                    }
                }
            }
        } finally {
            scratchpad.release();
        }
        Arrays.sort(times, 0, n);
        return times[n / 2];
    }

    private long take(long bytes) {
        if (next + bytes > pool.byteSize()) {
            next = 0;
        }
        long at = next;
        next = at + spaced(bytes);
        return pool.address() + at;
    }

    @Override
    public void close() {
        stream.close();
        pool.release();
    }
}
