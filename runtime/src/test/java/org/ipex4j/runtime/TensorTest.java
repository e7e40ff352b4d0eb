package org.ipex4j.runtime;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.runtime.memory.LiveBytes;
import org.ipex4j.runtime.memory.OutOfNativeMemoryException;
import org.ipex4j.runtime.memory.Pool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorTest {
    private static final TensorType F23 = TensorType.of(DType.FLOAT32, 2, 3);

    @Test
    void emptyIsDenseAndAligned() {
        try (Tensor t = Tensor.empty(F23)) {
            assertThat(t.strides()).containsExactly(3, 1);
            assertThat(t.address() % 64).isZero();
            assertThat(t.segment().byteSize()).isEqualTo(24);
            assertThat(t.isContiguous()).isTrue();
        }
    }

    @Test
    void scalarsAndZeroSizesHaveAnAddress() {
        try (Tensor scalar = Tensor.empty(TensorType.of(DType.INT64));
                Tensor none = Tensor.empty(TensorType.of(DType.FLOAT32, 2, 0, 7))) {
            assertThat(scalar.segment().byteSize()).isEqualTo(8);
            assertThat(none.segment().byteSize()).isZero();
            assertThat(none.address()).isNotZero();
            assertThat(none.isContiguous()).isTrue();
        }
    }

    @Test
    void viewsShareMemoryAndVersion() {
        Tensor t = Tensor.empty(F23);
        for (int i = 0; i < 6; i++) {
            t.segment().setAtIndex(JAVA_FLOAT, i, i);
        }
        Tensor row = t.view(Sizes.of(3), new long[] {1}, 3);
        Tensor transposed = t.view(Sizes.of(3, 2), new long[] {1, 3}, 0);
        t.close();
        t.close();
        assertThat(row.segment().getAtIndex(JAVA_FLOAT, 2)).isEqualTo(5f);
        assertThat(transposed.isContiguous()).isFalse();
        assertThat(transposed.segment().byteSize()).isEqualTo(24);
        row.bumpVersion();
        assertThat(transposed.version()).isEqualTo(1);
        assertThat(row.sharesStorage(transposed)).isTrue();
        row.close();
        transposed.close();
    }

    @Test
    void bitsAreTheSameMemoryAsAnotherType() {
        Tensor t = Tensor.empty(F23);
        t.segment().setAtIndex(JAVA_FLOAT, 4, 1f);
        Tensor ints = t.view(Sizes.of(3), new long[] {1}, 3).bits(DType.INT32);
        assertThat(ints.type()).isEqualTo(TensorType.of(DType.INT32, 3));
        assertThat(ints.segment().getAtIndex(java.lang.foreign.ValueLayout.JAVA_INT, 1))
                .isEqualTo(0x3F800000);
        ints.bumpVersion();
        assertThat(t.version()).isEqualTo(1);
        assertThatThrownBy(() -> t.bits(DType.INT16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the bits of f32[2, 3] are no elements of type int16");
        t.close();
        ints.close();
    }

    @Test
    void expandedViewsHaveStrideZero() {
        try (Tensor t = Tensor.empty(TensorType.of(DType.FLOAT32, 1));
                Tensor wide = t.view(Sizes.of(1000), new long[] {0}, 0)) {
            assertThat(wide.segment().byteSize()).isEqualTo(4);
        }
    }

    @Test
    void refusesViewsOutsideTheStorage() {
        try (Tensor t = Tensor.empty(F23)) {
            assertThatThrownBy(() -> t.view(Sizes.of(7), new long[] {1}, 0))
                    .hasMessageContaining("needs 7 elements");
            assertThatThrownBy(() -> t.view(Sizes.of(1), new long[] {1}, 6))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> t.view(Sizes.of(1), new long[] {1}, -1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> t.view(Sizes.of(2), new long[] {-1}, 1))
                    .hasMessageContaining("negative stride");
            assertThatThrownBy(() -> t.view(Sizes.of(2, 2), new long[] {1}, 0))
                    .hasMessageContaining("2 strides");
            assertThatThrownBy(() -> t.view(Sizes.of(3, 3), new long[] {Long.MAX_VALUE / 2, 1}, 0))
                    .isInstanceOf(ArithmeticException.class);
        }
    }

    @Test
    void useAfterCloseFails() {
        Tensor t = Tensor.empty(F23);
        t.close();
        assertThat(t.isClosed()).isTrue();
        assertThatThrownBy(t::address)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("f32[2, 3]");
        assertThatThrownBy(t::segment).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(t::alias).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> t.view(Sizes.of(1), new long[] {1}, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void sizesBeyondMemoryAreRefused() {
        assertThatThrownBy(() -> Tensor.empty(TensorType.of(DType.FLOAT64, Long.MAX_VALUE / 4)))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> Tensor.empty(TensorType.of(DType.FLOAT32, 1L << 50)))
                .isInstanceOf(OutOfNativeMemoryException.class)
                .hasMessageContaining(Long.toString(1L << 52));
    }

    @Test
    void nothingLeaksOverThousandsOfTensors() {
        long before = LiveBytes.settled();
        for (int i = 0; i < 10_000; i++) {
            try (Tensor t = Tensor.empty(TensorType.of(DType.FLOAT32, 1 + i % 7, 207));
                    Tensor v = t.view(Sizes.of(5), new long[] {1}, 3)) {
                v.segment().fill((byte) 0);
            }
        }
        assertThat(LiveBytes.now()).isEqualTo(before);
    }

    @Test
    void droppedTensorsAreFreedByTheCleaner() throws InterruptedException {
        long before = LiveBytes.settled();
        for (int i = 0; i < 100; i++) {
            Tensor.empty(TensorType.of(DType.FLOAT32, 1000));
        }
        for (int i = 0; i < 100 && LiveBytes.now() > before; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(LiveBytes.now()).isEqualTo(before);
    }

    @Test
    void wrapsMappedFilesReadOnly(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("weights");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(new byte[64]);
        }
        MemorySegment mapped;
        try (FileChannel channel = FileChannel.open(file)) {
            mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, 64, Arena.ofAuto());
        }
        long before = Pool.shared().statistics().liveBlocks();
        try (Tensor t = Tensor.wrap(mapped.asSlice(8), F23)) {
            assertThat(t.isReadOnly()).isTrue();
            assertThat(t.segment().getAtIndex(JAVA_FLOAT, 0)).isZero();
            assertThatThrownBy(() -> t.segment().setAtIndex(JAVA_FLOAT, 0, 1f))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(Pool.shared().statistics().liveBlocks()).isEqualTo(before);
    }

    @Test
    void unloadedFilesAreReadAgain(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("weights");
        float[] values = new float[100_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        MemorySegment heap = MemorySegment.ofArray(values);
        java.nio.file.Files.write(file, heap.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        TensorType type = TensorType.of(DType.FLOAT32, values.length - 1);
        try (FileChannel channel = FileChannel.open(file);
                Arena arena = Arena.ofShared()) {
            MemorySegment mapped =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, heap.byteSize(), arena);
            mapped.load();
            assertThat(residentKiB(file)).isGreaterThan(380);
            try (Tensor t = Tensor.wrap(mapped.asSlice(4), type);
                    Tensor part = t.view(Sizes.of(10), new long[] {7}, 5000)) {
                t.unload();
                assertThat(residentKiB(file)).isZero();
                assertThat(part.segment().getAtIndex(JAVA_FLOAT, 7)).isEqualTo(5008f);
                part.unload();
                assertThat(t.segment().mismatch(heap.asSlice(4))).isEqualTo(-1);
            }
        }
    }

    /** Physical memory of this process's mappings of a file. */
    private static long residentKiB(Path file) throws Exception {
        long sum = 0;
        boolean inside = false;
        for (String line : java.nio.file.Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                inside = line.endsWith(file.toString());
            } else if (inside && line.startsWith("Rss:")) {
                sum += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return sum;
    }

    @Test
    void unloadKeepsOtherMemory() {
        try (Tensor t = Tensor.empty(F23);
                Arena arena = Arena.ofShared()) {
            t.segment().fill((byte) 1);
            t.unload();
            assertThat(t.segment().getAtIndex(java.lang.foreign.ValueLayout.JAVA_INT, 5))
                    .isEqualTo(0x01010101);
            MemorySegment foreign = arena.allocate(24, 8).fill((byte) 2);
            try (Tensor w = Tensor.wrap(foreign.asReadOnly(), F23)) {
                w.unload();
                assertThat(w.segment().getAtIndex(java.lang.foreign.ValueLayout.JAVA_INT, 5))
                        .isEqualTo(0x02020202);
            }
        }
    }

    @Test
    void wrapRefusesUnfitMemory() {
        assertThatThrownBy(() -> Tensor.wrap(MemorySegment.ofArray(new float[6]), F23))
                .hasMessageContaining("Java heap");
        try (Arena arena = Arena.ofShared()) {
            MemorySegment s = arena.allocate(32, 8);
            assertThatThrownBy(() -> Tensor.wrap(s.asSlice(0, 20), F23))
                    .hasMessageContaining("needs 24 bytes");
            assertThatThrownBy(() -> Tensor.wrap(s.asSlice(2), F23))
                    .hasMessageContaining("aligned to 4");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(32, 8);
            assertThatThrownBy(() -> Tensor.wrap(s, F23)).hasMessageContaining("every thread");
        }
    }

    @Test
    @SuppressWarnings("MustBeClosedChecker") // closed early on purpose
    void aClosedArenaIsNoticed() {
        Arena arena = Arena.ofShared();
        Tensor t = Tensor.wrap(arena.allocate(24, 8), F23);
        arena.close();
        assertThatThrownBy(t::address)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("arena");
        t.close();
    }
}
