package org.ipex4j.runtime.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/**
 * Native memory in use by this process, for tests of leaks. Other things move it too: kept code and
 * working memory when something runs for the first time, the engine's warm-up, and the garbage
 * collector, which frees what earlier tests dropped. So a test either repeats what must leave
 * nothing behind ({@link #assertSteady}) or begins when all is quiet ({@link #settled}).
 */
public final class LiveBytes {
    private static final int ROUNDS = 12;

    /** What may leave nothing behind. */
    @FunctionalInterface
    public interface Round {
        /** Runs it once. */
        void run() throws Exception;
    }

    private LiveBytes() {}

    /** Bytes of the shared pool in use. */
    public static long now() {
        return Pool.shared().statistics().liveBytes();
    }

    /** Bytes in use once what nobody holds any more has been collected. */
    public static long settled() {
        long bytes = now();
        for (int unchanged = 0; unchanged < 3; ) {
            System.gc();
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while memory settled", e);
            }
            long next = now();
            unchanged = next == bytes ? unchanged + 1 : 0;
            bytes = next;
        }
        return bytes;
    }

    /**
     * Repeats a round until two in a row have left the bytes in use as they were; what leaks a
     * little each time never does.
     */
    public static void assertSteady(Round round) {
        List<Long> seen = new ArrayList<>(List.of(now()));
        int steady = 0;
        for (int i = 0; i < ROUNDS && steady < 2; i++) {
            try {
                round.run();
            } catch (Exception e) {
                throw new AssertionError("round " + i + " failed", e);
            }
            long bytes = now();
            steady = bytes == seen.getLast() ? steady + 1 : 0;
            seen.add(bytes);
        }
        assertThat(steady)
                .as("rounds that left the bytes in use as they were: %s", seen)
                .isEqualTo(2);
    }
}
