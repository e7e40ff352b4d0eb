package org.ipex4j.engine.dispatch;

import org.ipex4j.ir.DType;

/**
 * A stretch of one thread's work during which operands are cast. Scopes nest; the innermost counts.
 */
public final class AutocastScope implements AutoCloseable {
    private static final ThreadLocal<AutocastScope> INNERMOST = new ThreadLocal<>();

    private final Thread owner = Thread.currentThread();
    private final AutocastScope outer;
    private final DType dtype;
    private final CastCache cache;
    private boolean closed;

    private AutocastScope(AutocastScope outer, DType dtype) {
        this.outer = outer;
        this.dtype = dtype;
        this.cache = outer == null ? new CastCache() : outer.cache;
    }

    /**
     * Begins a scope of this thread.
     *
     * @param dtype BFLOAT16 or FLOAT16; null for one in which nothing is cast
     */
    public static AutocastScope open(DType dtype) {
        AutocastScope scope = new AutocastScope(INNERMOST.get(), dtype);
        INNERMOST.set(scope);
        return scope;
    }

    /** The scope in which this thread's operands are cast; null if they are not. */
    static AutocastScope casting() {
        AutocastScope scope = INNERMOST.get();
        return scope == null || scope.dtype == null ? null : scope;
    }

    /** The type to which this thread's operands are cast; null if they are not. */
    public static DType active() {
        AutocastScope scope = INNERMOST.get();
        return scope == null ? null : scope.dtype;
    }

    DType dtype() {
        return dtype;
    }

    /** Casts of parameters, kept until the outermost scope ends. */
    CastCache cache() {
        return cache;
    }

    /**
     * Ends the scope; a second call does nothing.
     *
     * @throws IllegalStateException in another thread than the one that opened it, and while a
     *     scope inside of it is open
     */
    @Override
    public void close() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException(
                    "Autocast.close: the scope belongs to thread '"
                            + owner.getName()
                            + "', which opened it, and is closed in thread '"
                            + Thread.currentThread().getName()
                            + "'");
        }
        if (closed) {
            return;
        }
        if (INNERMOST.get() != this) {
            throw new IllegalStateException(
                    "Autocast.close: a scope that was opened inside of this one is still open: close the"
                            + " inner one first");
        }
        closed = true;
        if (outer == null) {
            INNERMOST.remove();
            cache.close();
        } else {
            INNERMOST.set(outer);
        }
    }
}
