package org.ipex4j.runtime.dnnl;

import org.ipex4j.runtime.natives.OpenMp;

/**
 * The OpenMP thread count of the calling thread, which decides what oneDNN plans for and runs on.
 */
public final class OmpThreads {
    private OmpThreads() {}

    /** Puts the former count back. */
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Parallel regions opened by this thread have {@code threads} threads until the scope closes.
     */
    public static Scope set(int threads) {
        int before = OpenMp.threads();
        if (before == threads) {
            return () -> {};
        }
        OpenMp.setThreads(threads);
        return () -> OpenMp.setThreads(before);
    }
}
