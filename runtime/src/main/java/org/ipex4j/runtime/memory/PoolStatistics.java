package org.ipex4j.runtime.memory;

/**
 * What a pool holds and has done.
 *
 * @param liveBytes capacity of the blocks in use
 * @param cachedBytes capacity of the blocks kept for reuse
 * @param peakLiveBytes the most that was ever in use
 * @param peakHeldBytes the most that was ever in use and cached together
 * @param limitBytes the most the pool may hold
 * @param liveBlocks number of blocks in use
 * @param allocations requests so far
 * @param systemAllocations requests that went to the operating system or the C heap
 */
public record PoolStatistics(
        long liveBytes,
        long cachedBytes,
        long peakLiveBytes,
        long peakHeldBytes,
        long limitBytes,
        long liveBlocks,
        long allocations,
        long systemAllocations) {
    @Override
    public String toString() {
        return "in use "
                + Bytes.text(liveBytes)
                + " in "
                + liveBlocks
                + " blocks (peak "
                + Bytes.text(peakLiveBytes)
                + "), cached "
                + Bytes.text(cachedBytes)
                + ", held at most "
                + Bytes.text(peakHeldBytes)
                + ", limit "
                + Bytes.text(limitBytes)
                + ", "
                + allocations
                + " allocations, "
                + systemAllocations
                + " of them from the system";
    }
}
