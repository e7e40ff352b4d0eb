package org.ipex4j.runtime.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import org.ipex4j.runtime.log.Logs;

/**
 * Native memory shared by the tensors that are views of it: counted references, freed with the
 * last. A cleaner frees what was dropped without being released; {@code IPEX_LOGS=memory} then logs
 * where it was allocated.
 */
public final class Storage {
    private static final Cleaner CLEANER =
            Cleaner.create(Thread.ofPlatform().name("ipex-storage-cleaner").daemon().factory());
    private static final VarHandle REFERENCES;
    private static final VarHandle VERSION;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            REFERENCES = lookup.findVarHandle(Storage.class, "references", int.class);
            VERSION = lookup.findVarHandle(Storage.class, "version", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long address;
    private final long byteSize;
    private final boolean readOnly;

    /** The memory's owner when it is not the pool; also keeps it reachable. */
    private final MemorySegment foreign;

    private final Cleaner.Cleanable cleanable;
    private final Owned owned;

    private volatile int references = 1;
    private volatile int version;

    /** What the cleaner holds; must not refer to the storage. */
    private static final class Owned implements Runnable {
        private final Pool pool;
        private final Block block;
        private final Throwable site;
        private volatile boolean released;

        Owned(Pool pool, Block block, Throwable site) {
            this.pool = pool;
            this.block = block;
            this.site = site;
        }

        @Override
        public void run() {
            if (!released && Logs.MEMORY.enabled()) {
                Logs.MEMORY.log(
                        Bytes.text(block.capacity)
                                + " of native memory were dropped without close; allocated at",
                        site);
            }
            pool.free(block);
        }
    }

    private Storage(Pool pool, Block block, long byteSize) {
        this.address = block.address;
        this.byteSize = byteSize;
        this.readOnly = false;
        this.foreign = null;
        this.owned =
                new Owned(
                        pool,
                        block,
                        Logs.MEMORY.enabled()
                                ? new Throwable("allocation of " + Bytes.text(byteSize))
                                : null);
        this.cleanable = CLEANER.register(this, owned);
    }

    private Storage(MemorySegment foreign) {
        this.address = foreign.address();
        this.byteSize = foreign.byteSize();
        this.readOnly = foreign.isReadOnly();
        this.foreign = foreign;
        this.owned = null;
        this.cleanable = null;
    }

    /** Memory from a pool, with one reference; not zeroed. */
    public static Storage allocate(Pool pool, long bytes) {
        return new Storage(pool, pool.allocate(bytes), bytes);
    }

    /** Memory from the process's pool, with one reference; not zeroed. */
    public static Storage allocate(long bytes) {
        return allocate(Pool.shared(), bytes);
    }

    /**
     * Somebody else's native memory, such as a mapped file; it is kept reachable, and never freed
     * here.
     *
     * @throws IllegalArgumentException for a segment on the Java heap
     */
    public static Storage wrap(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(
                    "a storage needs native memory, got a segment of the Java heap");
        }
        if (!segment.isAccessibleBy(Thread.ofVirtual().unstarted(() -> {}))) {
            throw new IllegalArgumentException(
                    "a storage needs memory that every thread may use: allocate it from a shared, automatic or global arena");
        }
        return new Storage(segment);
    }

    /** The first byte's address. */
    public long address() {
        if (references <= 0) {
            throw new IllegalStateException("native memory used after it was released");
        }
        if (foreign != null && !foreign.scope().isAlive()) {
            throw new IllegalStateException("the arena of this tensor's memory was closed");
        }
        return address;
    }

    public long byteSize() {
        return byteSize;
    }

    /** Whether writing would fault, as in a file mapped for reading. */
    public boolean isReadOnly() {
        return readOnly;
    }

    /**
     * Says that a range will not be read for some time. Physical memory behind a file mapped for
     * reading is let go; what is read later comes from the file again. Other memory stays as it is.
     */
    public void unload(long offset, long bytes) {
        if (readOnly && foreign != null && foreign.isMapped() && foreign.scope().isAlive()) {
            foreign.asSlice(offset, bytes).unload();
        }
    }

    /** Adds a reference. */
    public Storage retain() {
        while (true) {
            int n = references;
            if (n <= 0) {
                throw new IllegalStateException("native memory used after it was released");
            }
            if (REFERENCES.compareAndSet(this, n, n + 1)) {
                return this;
            }
        }
    }

    /** Gives up a reference; the last one frees the memory. */
    public void release() {
        int before = (int) REFERENCES.getAndAdd(this, -1);
        if (before <= 0) {
            REFERENCES.getAndAdd(this, 1);
            throw new IllegalStateException("native memory released twice");
        }
        if (before == 1 && cleanable != null) {
            owned.released = true;
            cleanable.clean();
        }
    }

    /** Whether there is more than one reference. */
    public boolean isShared() {
        return references > 1;
    }

    /** Whether the last reference is gone. */
    public boolean isFreed() {
        return references <= 0;
    }

    /** Number of in-place changes so far. */
    public int version() {
        return version;
    }

    /** Says that the contents were changed in place. */
    public void bumpVersion() {
        VERSION.getAndAdd(this, 1);
    }
}
