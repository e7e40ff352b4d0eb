package org.ipex4j.runtime.memory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A caching allocator of native memory. Blocks are 64-byte aligned; from 1 MiB on they are mappings
 * of their own, aligned to 2 MiB and advised for large pages. Freed blocks wait in per-size lists
 * for the next request of their size class; what waits is bounded, by {@code
 * ai.djl.ipex.memory_cache} or else by a quarter of what is in use (at least 32 MiB), and the
 * longest unused goes back to the system first.
 *
 * <p>{@code ai.djl.ipex.memory_limit} (bytes, or with suffix k, m, g) bounds what the pool holds;
 * the default is the machine's or container's memory. Thread-safe; memory is not zeroed.
 */
public final class Pool {
    /** Made on first use, so that its settings may be given until then. */
    private static final class Shared {
        static final Pool POOL =
                new Pool(
                        setting("ai.djl.ipex.memory_limit", SystemMemory.totalBytes()),
                        setting("ai.djl.ipex.memory_cache", -1));
    }

    private static final Logger logger = LoggerFactory.getLogger(Pool.class);
    private static final long ALIGNMENT = 64;
    private static final long PAGE = 4096;
    private static final long MIN_CACHE = 32L << 20;

    /**
     * Rounds of garbage collection before a request is refused: dropped arrays may hold what is
     * needed.
     */
    private static final int COLLECTIONS = 3;

    private static final int SMALL_CLASSES = smallClass(SystemMemory.MAPPED_BYTES - 1) + 1;

    private final long limit;
    private final long cacheBound;

    private final Object lock = new Object();
    private final List<ArrayDeque<Block>> small = new ArrayList<>();
    private final TreeMap<Long, ArrayDeque<Block>> large = new TreeMap<>();
    private long liveBytes;
    private long liveBlocks;
    private long cachedBytes;
    private long peakLive;
    private long peakHeld;
    private long allocations;
    private long systemAllocations;
    private long clock;

    /**
     * A pool of its own.
     *
     * @param limit the most bytes it may hold, in use and cached
     * @param cacheBound the most bytes it may cache; negative for the default bound
     */
    public Pool(long limit, long cacheBound) {
        this.limit = limit;
        this.cacheBound = cacheBound;
        for (int i = 0; i < SMALL_CLASSES; i++) {
            small.add(new ArrayDeque<>(2));
        }
    }

    /** The pool of all tensors of this process. */
    public static Pool shared() {
        return Shared.POOL;
    }

    private static long setting(String property, long otherwise) {
        String text = System.getProperty(property);
        return text == null ? otherwise : Bytes.parse(property, text);
    }

    /**
     * Hands out at least this many bytes.
     *
     * @throws IllegalArgumentException for a negative size
     * @throws OutOfNativeMemoryException if neither the system nor the limit allows it
     */
    Block allocate(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("native memory of " + bytes + " bytes requested");
        }
        if (bytes > limit) {
            throw outOfMemory(bytes);
        }
        long capacity = capacity(bytes);
        Block block;
        synchronized (lock) {
            allocations++;
            block = takeCached(capacity);
            if (block != null) {
                cachedBytes -= block.capacity;
                return handOut(block);
            }
        }
        for (int round = 0; ; round++) {
            block = fromSystem(capacity);
            if (block != null) {
                synchronized (lock) {
                    return handOut(block);
                }
            }
            if (round == COLLECTIONS) {
                throw outOfMemory(bytes);
            }
            trim();
            if (round > 0) {
                collectDropped(round);
            }
        }
    }

    private Block handOut(Block block) {
        block.live = true;
        liveBlocks++;
        liveBytes += block.capacity;
        peakLive = Math.max(peakLive, liveBytes);
        peakHeld = Math.max(peakHeld, liveBytes + cachedBytes);
        return block;
    }

    private Block takeCached(long capacity) {
        if (capacity < SystemMemory.MAPPED_BYTES) {
            return small.get(smallClass(capacity)).pollLast();
        }
        // A block up to an eighth larger than asked for is as good as an exact one.
        Map.Entry<Long, ArrayDeque<Block>> entry = large.ceilingEntry(capacity);
        if (entry == null || entry.getKey() > capacity + (capacity >> 3)) {
            return null;
        }
        Block block = entry.getValue().pollLast();
        if (entry.getValue().isEmpty()) {
            large.remove(entry.getKey());
        }
        return block;
    }

    private Block fromSystem(long capacity) {
        synchronized (lock) {
            if (liveBytes + cachedBytes + capacity > limit) {
                return null;
            }
        }
        Block block = SystemMemory.allocate(capacity);
        if (block != null) {
            synchronized (lock) {
                systemAllocations++;
            }
        }
        return block;
    }

    private void collectDropped(int round) {
        logger.debug("native memory is short ({}): collecting garbage", statistics());
        System.gc();
        try {
            Thread.sleep(10L << round); // The cleaner thread needs a moment to release what the
            // collector found.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private OutOfNativeMemoryException outOfMemory(long bytes) {
        return new OutOfNativeMemoryException(
                "out of native memory: "
                        + bytes
                        + " bytes ("
                        + Bytes.text(bytes)
                        + ") requested; pool: "
                        + statistics()
                        + "; set ai.djl.ipex.memory_limit to change the limit",
                bytes);
    }

    /** Takes a block back. */
    void free(Block block) {
        List<Block> surplus = List.of();
        synchronized (lock) {
            if (!block.live) {
                throw new IllegalStateException("native memory freed twice");
            }
            block.live = false;
            liveBlocks--;
            liveBytes -= block.capacity;
            block.cachedAt = clock++;
            if (block.mapped) {
                large.computeIfAbsent(block.capacity, k -> new ArrayDeque<>(2)).addLast(block);
            } else {
                small.get(smallClass(block.capacity)).addLast(block);
            }
            cachedBytes += block.capacity;
            long bound = cacheBound >= 0 ? cacheBound : Math.max(MIN_CACHE, liveBytes >> 2);
            if (cachedBytes > bound) {
                surplus = takeOldest(bound);
            }
        }
        surplus.forEach(SystemMemory::free);
    }

    /**
     * Removes cached blocks until at most {@code bound} bytes are cached: mappings first, oldest
     * first.
     */
    private List<Block> takeOldest(long bound) {
        List<Block> out = new ArrayList<>();
        while (cachedBytes > bound && !large.isEmpty()) {
            ArrayDeque<Block> oldest = null;
            for (ArrayDeque<Block> candidate : large.values()) {
                if (oldest == null || candidate.getFirst().cachedAt < oldest.getFirst().cachedAt) {
                    oldest = candidate;
                }
            }
            Block block = oldest.pollFirst();
            if (oldest.isEmpty()) {
                large.remove(block.capacity);
            }
            cachedBytes -= block.capacity;
            out.add(block);
        }
        for (int i = small.size() - 1; i >= 0 && cachedBytes > bound; i--) {
            Block block;
            while (cachedBytes > bound && (block = small.get(i).pollFirst()) != null) {
                cachedBytes -= block.capacity;
                out.add(block);
            }
        }
        return out;
    }

    /** Gives everything cached back to the system. */
    public void trim() {
        List<Block> all;
        synchronized (lock) {
            all = takeOldest(0);
        }
        all.forEach(SystemMemory::free);
    }

    public PoolStatistics statistics() {
        synchronized (lock) {
            return new PoolStatistics(
                    liveBytes,
                    cachedBytes,
                    peakLive,
                    peakHeld,
                    limit,
                    liveBlocks,
                    allocations,
                    systemAllocations);
        }
    }

    /**
     * The capacity of the block that serves a request: eight classes per doubling, whole pages when
     * mapped.
     */
    static long capacity(long bytes) {
        if (bytes <= 512) {
            return Math.max(ALIGNMENT, (bytes + ALIGNMENT - 1) & -ALIGNMENT);
        }
        long granule = Long.highestOneBit(bytes - 1) >> 3;
        if (bytes > SystemMemory.MAPPED_BYTES) {
            // Large blocks are reused by best fit; their classes need not be coarse.
            granule = Math.min(Math.max(PAGE, granule >> 2), 1L << 20);
        }
        if (bytes > Long.MAX_VALUE - granule) {
            return Long.MAX_VALUE & -PAGE;
        }
        return (bytes + granule - 1) & -granule;
    }

    private static int smallClass(long capacity) {
        if (capacity <= 512) {
            return (int) ((capacity - 1) / ALIGNMENT);
        }
        int exponent = 63 - Long.numberOfLeadingZeros(capacity - 1);
        return 8 + (exponent - 9) * 8 + (int) (((capacity - 1) >> (exponent - 3)) & 7);
    }
}
