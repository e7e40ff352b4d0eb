package org.ipex4j.runtime.dnnl;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.ipex4j.ir.plan.LibraryCall;

/**
 * A ready oneDNN primitive. Primitives are reentrant: what one execution needs (memory objects and
 * scratchpad) is the caller's. Counted: made with one reference, freed when the last one is
 * released.
 */
public final class DnnlPrimitive {
    private static final AtomicLong LIVE = new AtomicLong();

    private final LibraryCall call;
    private final int threads;
    private final PrimitiveDesc desc;
    private final long handle;
    private final long scratchpadBytes;
    private final String implementation;
    private final AtomicInteger references = new AtomicInteger(1);

    /** Takes over the descriptor. */
    DnnlPrimitive(LibraryCall call, int threads, PrimitiveDesc desc) {
        this.call = call;
        this.threads = threads;
        this.desc = desc;
        this.scratchpadBytes = desc.scratchpadBytes();
        this.implementation = desc.implementation();
        try {
            this.handle = Dnnl.primitiveCreate(desc.handle());
        } catch (DnnlException e) {
            desc.close();
            throw e.during(call);
        }
        LIVE.incrementAndGet();
    }

    /** Primitives not yet freed in this process, for leak checks. */
    public static long live() {
        return LIVE.get();
    }

    public LibraryCall call() {
        return call;
    }

    /** Threads that every execution must have. */
    public int threads() {
        return threads;
    }

    public String implementation() {
        return implementation;
    }

    /** Working memory of one execution. */
    public long scratchpadBytes() {
        return scratchpadBytes;
    }

    /** Operands, in the order of {@link LibraryCall}. */
    public int operandCount() {
        return desc.args().length;
    }

    /** Takes one more reference; false if the primitive is freed already. */
    boolean retain() {
        while (true) {
            int n = references.get();
            if (n == 0) {
                return false;
            }
            if (references.compareAndSet(n, n + 1)) {
                return true;
            }
        }
    }

    /** Gives one reference back. */
    public void release() {
        int left = references.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("oneDNN primitive released once too often: " + call);
        }
        if (left == 0) {
            Dnnl.primitiveDestroy(handle);
            desc.close();
            LIVE.decrementAndGet();
        }
    }

    PrimitiveDesc desc() {
        return desc;
    }

    long handle() {
        return handle;
    }
}
