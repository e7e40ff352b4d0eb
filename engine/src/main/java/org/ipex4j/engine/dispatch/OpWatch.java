package org.ipex4j.engine.dispatch;

import java.util.List;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/**
 * Tells a listener of every op that runs by itself on this thread, until it is closed. For
 * diagnosis: to find the op that made a NaN, for instance. Ops inside compiled graphs and of
 * backward are not seen.
 */
public final class OpWatch implements AutoCloseable {
    private static final ThreadLocal<OpWatch> ACTIVE = new ThreadLocal<>();

    /** What is told. */
    @FunctionalInterface
    public interface Listener {
        /**
         * An op has run. Ops that the listener runs are not told of.
         *
         * @param results which it must not close, or what was written into
         */
        void ran(Op op, Args<IpexNDArray> args, List<IpexNDArray> results);
    }

    private final Listener listener;
    private boolean telling;

    private OpWatch(Listener listener) {
        this.listener = listener;
    }

    /**
     * Begins to watch.
     *
     * @throws IllegalStateException if this thread is watched already
     */
    public static OpWatch open(Listener listener) {
        if (ACTIVE.get() != null) {
            throw new IllegalStateException("ops of this thread are watched already");
        }
        OpWatch watch = new OpWatch(listener);
        ACTIVE.set(watch);
        return watch;
    }

    static void ran(Op op, Args<IpexNDArray> args, IpexNDArray... results) {
        OpWatch watch = ACTIVE.get();
        if (watch == null || watch.telling) {
            return;
        }
        watch.telling = true;
        try {
            watch.listener.ran(op, args, List.of(results));
        } finally {
            watch.telling = false;
        }
    }

    @Override
    public void close() {
        ACTIVE.remove();
    }
}
