package org.ipex4j.runtime.memory;

/** A piece of native memory handed out by a {@link Pool}. */
final class Block {
    final long address;
    final long capacity;

    /** Whether the memory is its own mapping rather than from the C heap. */
    final boolean mapped;

    /** Age in the cache, for returning the oldest first; guarded by the pool. */
    long cachedAt;

    /** Guarded by the pool; a block given back twice would be handed to two owners. */
    boolean live;

    Block(long address, long capacity, boolean mapped) {
        this.address = address;
        this.capacity = capacity;
        this.mapped = mapped;
    }
}
