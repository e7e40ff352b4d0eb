package org.ipex4j.runtime.memory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ipex4j.runtime.natives.LibC;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets memory from the operating system, aligned for vectors and large pages. */
final class SystemMemory {
    /**
     * Blocks from this size on are mappings of their own, so that freeing them returns them at
     * once.
     */
    static final long MAPPED_BYTES = 1L << 20;

    private static final Logger logger = LoggerFactory.getLogger(SystemMemory.class);
    private static final long HUGE_PAGE = 2L << 20;
    private static final long ALIGNMENT = 64;
    private static final long CHECKED_BYTES = 64L << 20;

    private SystemMemory() {}

    /** A block of exactly this capacity (a multiple of 64, of 4096 when mapped), or null. */
    static Block allocate(long capacity) {
        if (capacity < MAPPED_BYTES) {
            long p = LibC.alignedAlloc(ALIGNMENT, capacity);
            return p == 0 ? null : new Block(p, capacity, false);
        }
        if (capacity >= CHECKED_BYTES && capacity > availableBytes()) {
            return null; // Linux would promise the pages and kill the process when they are
            // touched.
        }
        long p = mapAligned(capacity);
        return p == 0 ? null : new Block(p, capacity, true);
    }

    static void free(Block block) {
        if (block.mapped) {
            LibC.unmap(block.address, block.capacity);
        } else {
            LibC.free(block.address);
        }
    }

    private static long mapAligned(long bytes) {
        if (bytes > Long.MAX_VALUE - HUGE_PAGE) {
            return 0;
        }
        long raw = LibC.map(bytes + HUGE_PAGE);
        if (raw == 0) {
            return 0;
        }
        long start = (raw + HUGE_PAGE - 1) & -HUGE_PAGE;
        if (start > raw) {
            LibC.unmap(raw, start - raw);
        }
        long end = start + bytes;
        if (raw + bytes + HUGE_PAGE > end) {
            LibC.unmap(end, raw + bytes + HUGE_PAGE - end);
        }
        // Without transparent huge pages in the kernel this fails and ordinary pages serve.
        LibC.adviseHugePages(start, bytes);
        return start;
    }

    /**
     * Bytes of memory that this process may have in all: the machine's, or its control group's
     * limit.
     */
    static long totalBytes() {
        return Math.min(meminfo("MemTotal:"), cgroupLimit());
    }

    /** Bytes that could be had now without swapping. */
    static long availableBytes() {
        return Math.min(meminfo("MemAvailable:"), cgroupLimit());
    }

    private static long meminfo(String key) {
        try {
            for (String line :
                    Files.readAllLines(Path.of("/proc/meminfo"), StandardCharsets.US_ASCII)) {
                if (line.startsWith(key)) {
                    String[] parts = line.split("\\s+");
                    return Math.multiplyExact(Long.parseLong(parts[1]), 1024L);
                }
            }
        } catch (IOException | NumberFormatException | ArithmeticException e) {
            logger.debug("no {} in /proc/meminfo", key, e);
        }
        return Long.MAX_VALUE;
    }

    private static long cgroupLimit() {
        long limit = Long.MAX_VALUE;
        for (String file :
                new String[] {
                    "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"
                }) {
            try {
                Path path = Path.of(file);
                String text = Files.isReadable(path) ? Files.readString(path).strip() : "max";
                if (!text.equals("max")) {
                    limit = Math.min(limit, Long.parseLong(text));
                }
            } catch (IOException | NumberFormatException e) {
                logger.debug("cannot read {}", file, e);
            }
        }
        return limit;
    }
}
