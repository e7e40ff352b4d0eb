package org.ipex4j.engine.ndarray;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Philox;
import org.ipex4j.runtime.Tensor;

/**
 * The engine's random numbers: {@link Philox}, a function of seed and position, so that threads do
 * not matter. Each draw of an array takes the next stretch of positions. They are computed on the
 * host, large arrays by several threads.
 */
public final class RandomSource {
    private static final long CHUNK = 1 << 14;

    /**
     * Draws of one element are this often repeated at most; the odds of needing more are below
     * 1e-80.
     */
    private static final int ATTEMPTS = 64;

    private static volatile long key = System.nanoTime() * 0x9E3779B97F4A7C15L;
    private static final AtomicLong NEXT = new AtomicLong();

    private RandomSource() {}

    /** Starts over with this seed. */
    public static synchronized void seed(long value) {
        key = value;
        NEXT.set(0);
    }

    /** Where the numbers stand: those that follow depend on it alone. */
    public record State(long seed, long position) {}

    /** Where the numbers stand now. */
    public static synchronized State state() {
        return new State(key, NEXT.get());
    }

    /** Goes on where {@link #state} was taken. */
    public static synchronized void restore(State state) {
        key = state.seed();
        NEXT.set(state.position());
    }

    /** What to draw. Elements are drawn in pairs, each pair from the block of its own position. */
    sealed interface Distribution {
        /** The numbers of elements 2 * pair and 2 * pair + 1. */
        void draw(Philox random, long position, int precision, double[] two);
    }

    /**
     * Numbers in [low, high), as kernels compute them: scaled and moved by one multiply-add in
     * float32 (float64 for doubles), then rounded to the array's type. As in ATen, rounding may
     * give {@code high}, in BF16 at about every 256th number.
     *
     * @param low as the array's type holds it
     * @param range from {@code low} to {@code high}, as the type holds it
     */
    record Uniform(double low, double range) implements Distribution {
        /** Numbers of this type: bounds and range are rounded to it, as in ATen. */
        static Uniform of(DType type, double low, double high) {
            DType held = type.isFloating() ? type : DType.FLOAT64;
            double from = held.round(low);
            return new Uniform(from, held.round(held.round(high) - from));
        }

        @Override
        public void draw(Philox random, long position, int precision, double[] two) {
            random.at(position, 0);
            for (int half = 0; half < 2; half++) {
                double unit = random.uniform(half, precision);
                two[half] =
                        precision > Philox.significand(DType.FLOAT32)
                                ? Math.fma(unit, range, low)
                                : Math.fma((float) unit, (float) range, (float) low);
            }
        }
    }

    /** Integers in [low, high). */
    record Integers(long low, long high) implements Distribution {
        @Override
        public void draw(Philox random, long position, int precision, double[] two) {
            throw new UnsupportedOperationException("integers are drawn as longs");
        }

        long at(Philox random, int half) {
            return low + Math.unsignedMultiplyHigh(random.bits(half), high - low);
        }
    }

    /**
     * A normal distribution by Box and Muller's transform, cut at {@code limit} standard
     * deviations.
     */
    record Normal(double mean, double deviation, double limit) implements Distribution {
        @Override
        public void draw(Philox random, long position, int precision, double[] two) {
            int found = 0;
            for (int attempt = 0; attempt < ATTEMPTS && found < 2; attempt++) {
                random.at(position, attempt);
                double radius = Math.sqrt(-2 * Math.log(1 - random.uniform(0, 53)));
                double angle = 2 * Math.PI * random.uniform(1, 53);
                double a = radius * Math.cos(angle);
                double b = radius * Math.sin(angle);
                if (Math.abs(a) <= limit) {
                    two[found++] = mean + deviation * a;
                }
                if (found < 2 && Math.abs(b) <= limit) {
                    two[found++] = mean + deviation * b;
                }
            }
        }
    }

    /** Takes the next positions and returns the first. */
    private static long take(long blocks) {
        return NEXT.getAndAdd(blocks);
    }

    /**
     * Seed and first position of a run of a graph that draws, as its argument {@code random_state}:
     * what the graph draws is what as many draws one by one would have given.
     *
     * @param blocks positions that the graph takes
     */
    public static synchronized long[] nextState(long blocks) {
        return new long[] {key, take(blocks)};
    }

    /** Fills a dense tensor. */
    static void fill(Tensor t, Distribution distribution) {
        long n = t.numel();
        long pairs = (n + 1) / 2;
        long base = take(pairs);
        long seed = key;
        MemorySegment memory = t.segment();
        LongStream chunks = LongStream.range(0, (pairs + CHUNK - 1) / CHUNK);
        (pairs > CHUNK ? chunks.parallel() : chunks)
                .forEach(
                        c -> {
                            Philox random = new Philox(seed);
                            double[] two = new double[2];
                            for (long pair = c * CHUNK;
                                    pair < Math.min(pairs, (c + 1) * CHUNK);
                                    pair++) {
                                if (distribution instanceof Integers integers) {
                                    random.at(base + pair, 0);
                                    for (int half = 0; half < 2 && 2 * pair + half < n; half++) {
                                        putLong(
                                                memory,
                                                t.dtype(),
                                                2 * pair + half,
                                                integers.at(random, half));
                                    }
                                    continue;
                                }
                                distribution.draw(
                                        random, base + pair, Philox.significand(t.dtype()), two);
                                for (int half = 0; half < 2 && 2 * pair + half < n; half++) {
                                    HostCopy.put(memory, t.dtype(), 2 * pair + half, two[half]);
                                }
                            }
                        });
    }

    private static void putLong(MemorySegment memory, DType type, long i, long value) {
        if (type == DType.INT64) {
            memory.set(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, 8 * i, value);
        } else {
            HostCopy.put(memory, type, i, value);
        }
    }

    /** A random order of 0 … n - 1 (Fisher and Yates' shuffle). */
    static long[] permutation(int n) {
        long[] order = LongStream.range(0, n).toArray();
        RandomStream random = stream(n);
        for (int i = n - 1; i > 0; i--) {
            int j = (int) random.below(i + 1L);
            long t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        return order;
    }

    /** Numbers drawn one after another, from positions of their own. */
    static RandomStream stream(long atLeast) {
        return new RandomStream(new Philox(key), take(Math.max(1, atLeast)));
    }

    /** A sequence of numbers: one position, any number of blocks. */
    static final class RandomStream {
        private final Philox random;
        private final long position;
        private long next = 1L << 32;

        private RandomStream(Philox random, long position) {
            this.random = random;
            this.position = position;
        }

        /** A uniform number in [0, 1). */
        double uniform() {
            random.at(position, next++);
            return random.uniform(0, 53);
        }

        /** An integer in [0, bound). */
        long below(long bound) {
            random.at(position, next++);
            return Math.unsignedMultiplyHigh(random.bits(0), bound);
        }

        /** A standard normal number. */
        double normal() {
            random.at(position, next++);
            return Math.sqrt(-2 * Math.log(1 - random.uniform(0, 53)))
                    * Math.cos(2 * Math.PI * random.uniform(1, 53));
        }
    }
}
