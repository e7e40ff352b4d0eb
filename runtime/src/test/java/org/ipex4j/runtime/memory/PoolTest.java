package org.ipex4j.runtime.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.ipex4j.runtime.natives.Native;
import org.junit.jupiter.api.Test;

class PoolTest {
    private static final long MIB = 1L << 20;

    private final Pool pool = new Pool(1L << 30, -1);

    @Test
    void blocksAreAlignedAndWritable() {
        for (long bytes :
                new long[] {
                    0, 1, 63, 64, 65, 513, 4097, MIB - 1, MIB, MIB + 1, 2 * MIB, 5 * MIB + 7
                }) {
            Block block = pool.allocate(bytes);
            assertThat(block.address % (block.capacity >= 2 * MIB ? 2 * MIB : 64))
                    .as("%d bytes", bytes)
                    .isZero();
            Native.memory(block.address, block.capacity).fill((byte) 7);
            pool.free(block);
        }
        assertThat(pool.statistics().liveBytes()).isZero();
    }

    @Test
    void reusesFreedBlocks() {
        Block first = pool.allocate(3 * MIB);
        long address = first.address;
        pool.free(first);
        assertThat(pool.allocate(3 * MIB - 5).address).isEqualTo(address);
        PoolStatistics s = pool.statistics();
        assertThat(s.allocations()).isEqualTo(2);
        assertThat(s.systemAllocations()).isEqualTo(1);
        assertThat(s.cachedBytes()).isZero();
        assertThat(s.peakLiveBytes()).isEqualTo(3 * MIB);
    }

    @Test
    void blocksInUseNeverOverlap() {
        Random random = new Random(5);
        List<Block> live = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (live.size() > 50 || (random.nextBoolean() && !live.isEmpty())) {
                Block b = live.remove(random.nextInt(live.size()));
                long mark = Native.memory(b.address, 8).get(Native.LONG, 0);
                assertThat(mark).isEqualTo(b.address);
                assertThat(Native.memory(b.address, b.capacity).get(Native.LONG, b.capacity - 8))
                        .isEqualTo(b.address);
                pool.free(b);
            } else {
                Block b = pool.allocate(1L << random.nextInt(22));
                Native.memory(b.address, b.capacity).set(Native.LONG, 0, b.address);
                Native.memory(b.address, b.capacity).set(Native.LONG, b.capacity - 8, b.address);
                live.add(b);
            }
        }
        live.forEach(pool::free);
        assertThat(pool.statistics().liveBytes()).isZero();
        assertThat(pool.statistics().liveBlocks()).isZero();
    }

    @Test
    void cachesNoMoreThanItsBound() {
        Pool bounded = new Pool(1L << 30, 10 * MIB);
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            blocks.add(bounded.allocate((1 + i % 4) * MIB));
        }
        for (Block b : blocks) {
            bounded.free(b);
            assertThat(bounded.statistics().cachedBytes()).isLessThanOrEqualTo(10 * MIB);
        }
        bounded.trim();
        assertThat(bounded.statistics().cachedBytes()).isZero();
    }

    @Test
    void refusesNegativeSizes() {
        assertThatThrownBy(() -> pool.allocate(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1 bytes");
    }

    @Test
    void outOfMemoryNamesRequestAndStatistics() {
        Block held = pool.allocate(5 * MIB);
        for (long bytes : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 4096, 1L << 40, 1L << 30}) {
            assertThatThrownBy(() -> pool.allocate(bytes))
                    .isInstanceOf(OutOfNativeMemoryException.class)
                    .hasMessageContaining(Long.toString(bytes))
                    .hasMessageContaining("in use 5.00 MiB in 1 blocks")
                    .hasMessageContaining("limit 1.00 GiB");
        }
        pool.free(held);
        assertThat(pool.statistics().liveBytes()).isZero();
    }

    @Test
    void refusesWhatTheMachineDoesNotHave() {
        Pool unlimited = new Pool(Long.MAX_VALUE, -1);
        assertThatThrownBy(() -> unlimited.allocate(1L << 46))
                .isInstanceOf(OutOfNativeMemoryException.class);
        assertThatThrownBy(() -> unlimited.allocate(Long.MAX_VALUE))
                .isInstanceOf(OutOfNativeMemoryException.class);
    }

    @Test
    void cachedBlocksMakeRoomBeforeARequestFails() {
        Pool tight = new Pool(10 * MIB, 10 * MIB);
        tight.free(tight.allocate(6 * MIB));
        tight.free(tight.allocate(8 * MIB));
        assertThat(tight.statistics().peakHeldBytes()).isLessThanOrEqualTo(10 * MIB);
    }

    @Test
    void droppedStoragesMakeRoomBeforeARequestFails() {
        Pool tight = new Pool(10 * MIB, 0);
        Storage.allocate(tight, 6 * MIB);
        Storage kept = Storage.allocate(tight, 8 * MIB);
        kept.release();
        assertThat(tight.statistics().liveBytes()).isZero();
    }

    @Test
    void refusesASecondFree() {
        Block block = pool.allocate(100);
        pool.free(block);
        assertThatThrownBy(() -> pool.free(block)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void threadsShareIt() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Void>> jobs = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int seed = t;
                jobs.add(
                        () -> {
                            Random random = new Random(seed);
                            for (int i = 0; i < 5_000; i++) {
                                Storage s = Storage.allocate(pool, random.nextInt(1 << 16));
                                Native.memory(s.address(), s.byteSize()).fill((byte) seed);
                                s.release();
                            }
                            return null;
                        });
            }
            for (var f : threads.invokeAll(jobs)) {
                f.get();
            }
        }
        assertThat(pool.statistics().liveBytes()).isZero();
        assertThat(pool.statistics().allocations()).isEqualTo(20_000);
    }

    @Test
    void parsesSizes() {
        assertThat(Bytes.parse("x", "12")).isEqualTo(12);
        assertThat(Bytes.parse("x", "3k")).isEqualTo(3072);
        assertThat(Bytes.parse("x", " 2G")).isEqualTo(2L << 30);
        for (String bad : new String[] {"", "-1", "m", "1.5g", "99999999999g"}) {
            assertThatThrownBy(() -> Bytes.parse("ai.djl.ipex.memory_limit", bad))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ai.djl.ipex.memory_limit");
        }
    }
}
