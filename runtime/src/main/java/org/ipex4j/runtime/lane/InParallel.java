package org.ipex4j.runtime.lane;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Independent pieces of preparatory work on the caller and threads made for the occasion. */
public final class InParallel {
    /** Fewer pieces, of a few hundred microseconds each, are not worth a thread. */
    private static final int WORTHWHILE = 8;

    private static final int MOST_THREADS = 8;

    private InParallel() {}

    /**
     * Does the work on every item, on up to {@code threads} threads. The first failure ends it, and
     * is thrown once all threads have stopped.
     */
    public static <T> void each(List<T> items, int threads, Consumer<T> work) {
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Runnable loop =
                () -> {
                    try {
                        for (int i = next.getAndIncrement();
                                i < items.size() && failure.get() == null;
                                i = next.getAndIncrement()) {
                            work.accept(items.get(i));
                        }
                    } catch (RuntimeException | Error e) {
                        failure.compareAndSet(null, e);
                    }
                };
        int helpers = items.size() < WORTHWHILE ? 0 : Math.min(threads, MOST_THREADS) - 1;
        List<Thread> started = new ArrayList<>();
        for (int i = 0; i < helpers; i++) {
            started.add(Thread.ofPlatform().daemon().name("ipex-prepare-" + i).start(loop));
        }
        loop.run();
        join(started);
        switch (failure.get()) {
            case null -> {}
            case Error e -> throw e;
            case RuntimeException e -> throw e;
            case Throwable t -> throw new IllegalStateException(t);
        }
    }

    private static void join(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread t : threads) {
            while (true) {
                try {
                    t.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
