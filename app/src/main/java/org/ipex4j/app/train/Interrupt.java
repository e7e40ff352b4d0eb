package org.ipex4j.app.train;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C, and other signals that end the process: the run is asked to stop after its step, and the
 * process ends when it has saved, with the status that the signal gives (130 for Ctrl-C). Outside
 * its scope a signal ends the process at once.
 */
final class Interrupt implements AutoCloseable {
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "ipex-train-stop");
    private volatile boolean requested;

    Interrupt() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stop() {
        requested = true;
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean requested() {
        return requested;
    }

    /** Tells that all is saved. */
    @Override
    public void close() {
        done.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The process has begun to end in this moment; the hook finds all done.
                requested = true;
            }
        }
    }
}
