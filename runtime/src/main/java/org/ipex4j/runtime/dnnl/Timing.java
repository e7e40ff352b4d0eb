package org.ipex4j.runtime.dnnl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.plan.BufferType;

/**
 * Times primitives as they run inside a network: every operand but the source comes from another place
 * of a pool larger than the last-level cache at each execution (weights are read once per forward pass,
 * so they are cold in a network whose weights exceed the cache), while the source alternates between few
 * places, as the previous step has just written it.
 */
final class Timing implements AutoCloseable {
    private static final int ALIGN = 4096;
    private static final int SOURCES = 2;

    private final Arena arena = Arena.ofShared();
    private final DnnlStream stream = new DnnlStream();
    private final MemorySegment pool;
    private long next;

    /** A pool of random numbers; {@code bytes} should exceed the last-level cache twice. */
    Timing(long bytes) {
        pool = arena.allocate(bytes, ALIGN);
        SplittableRandom random = new SplittableRandom(1);
        for (long i = 0; i + 4 <= bytes; i += 4) {
            // As a float between 0.5 and 1 with random sign; as integers or halves any finite value.
            int bits = 0x3f000000 | random.nextInt() & 0x807fffff;
            pool.set(ValueLayout.JAVA_INT, i, bits);
        }
    }

    /** The pool a call needs: twice the last-level cache, or four times its operands. */
    static long poolBytes(List<BufferType> operands, long cacheBytes) {
        long sum = 0;
        for (BufferType t : operands) {
            sum += roundUp(t.byteSize());
        }
        return roundUp(Math.max(2 * cacheBytes, 4 * sum));
    }

    private static long roundUp(long bytes) {
        return (bytes + 2 * ALIGN - 1) / ALIGN * ALIGN;
    }

    /**
     * Median seconds of one execution on the calling thread: at least {@code minRuns} and then as many as
     * fit into {@code budgetSeconds}.
     */
    double seconds(DnnlPrimitive primitive, int minRuns, double budgetSeconds) {
        List<BufferType> types = PrimitiveDesc.operands(primitive.call());
        boolean integral = types.stream().anyMatch(t -> t.dtype() == DType.INT64 || t.dtype() == DType.INT32);
        if (integral) {
            throw new IllegalArgumentException("no random data for the integer operands of " + primitive.call());
        }
        double[] times = new double[1000];
        int n = 0;
        try (Arena block = Arena.ofConfined();
                PrimitiveArgs args = new PrimitiveArgs(primitive, block)) {
            args.setScratchpad(block.allocate(Math.max(64, primitive.scratchpadBytes()), ALIGN).address());
            long[] sources = new long[SOURCES];
            for (int i = 0; i < SOURCES; i++) {
                sources[i] = take(types.getFirst().byteSize());
            }
            long deadline = 0;
            int warm = 2;
            for (int i = -warm; i < times.length; i++) {
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
        }
        Arrays.sort(times, 0, n);
        return times[n / 2];
    }

    private long take(long bytes) {
        if (next + bytes > pool.byteSize()) {
            next = 0;
        }
        long at = next;
        next = at + roundUp(bytes);
        return pool.address() + at;
    }

    @Override
    public void close() {
        stream.close();
        arena.close();
    }
}
