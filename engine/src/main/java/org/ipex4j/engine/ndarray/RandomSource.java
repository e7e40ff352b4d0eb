package org.ipex4j.engine.ndarray;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The engine's random numbers: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2,
 * 3", SC 2011), a function of seed and position, so that numbers depend on nothing else. Each draw of an
 * array takes the next stretch of positions.
 */
public final class RandomSource {
    private static volatile long seed = System.nanoTime() ^ 0x9E3779B97F4A7C15L;
    private static final AtomicLong NEXT = new AtomicLong();

    private RandomSource() {}

    /** Starts over with this seed. */
    public static synchronized void seed(long value) {
        seed = value;
        NEXT.set(0);
    }
}
