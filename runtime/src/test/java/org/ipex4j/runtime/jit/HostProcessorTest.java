package org.ipex4j.runtime.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.ipex4j.runtime.cache.DiskCache;
import org.ipex4j.runtime.natives.UnsupportedPlatformException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostProcessorTest {
    @TempDir Path dir;

    private static String cpuinfo(String flags) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            text.append("processor\t: ")
                    .append(i)
                    .append("\nmodel name\t: Test CPU\nphysical id\t: 0\ncore id\t\t: ")
                    .append(i / 2)
                    .append("\nflags\t\t: ")
                    .append(flags)
                    .append("\n\n");
        }
        return text.toString();
    }

    @Test
    void threadsOfACoreCountOnce() {
        assertThat(new HostProcessor(cpuinfo("fpu"), dir).usableCores()).isLessThanOrEqualTo(2);
    }

    @Test
    void anOldProcessorIsRefusedByName() {
        assertThatThrownBy(
                        () ->
                                new HostProcessor(cpuinfo("fpu sse2 avx fma"), dir)
                                        .target(1, new DiskCache(dir, 1000)))
                .isInstanceOf(UnsupportedPlatformException.class)
                .hasMessageContaining("Test CPU lacks avx2");
    }

    @Test
    void vectorsAreWideOnlyWithAllOfAvx512() {
        DiskCache cache = new DiskCache(dir, 1 << 20);
        assertThat(
                        new HostProcessor(
                                        cpuinfo("avx2 fma avx512f avx512bw avx512dq avx512vl"), dir)
                                .target(1, cache)
                                .vectorBytes())
                .isEqualTo(64);
        assertThat(
                        new HostProcessor(cpuinfo("avx2 fma avx512f avx512cd"), dir)
                                .target(1, cache)
                                .vectorBytes())
                .isEqualTo(32);
        assertThat(
                        new HostProcessor(cpuinfo("avx2 fma amx_tile amx_bf16"), dir)
                                .target(1, cache)
                                .has("amx"))
                .isTrue();
    }

    @Test
    void readsCacheSizes() throws Exception {
        String[][] caches = {
            {"1", "Data", "48K"},
            {"1", "Instruction", "32K"},
            {"2", "Unified", "2048K"},
            {"3", "Unified", "36M"}
        };
        for (int i = 0; i < caches.length; i++) {
            Path index = Files.createDirectories(dir.resolve("cpu0/cache/index" + i));
            Files.writeString(index.resolve("level"), caches[i][0] + "\n");
            Files.writeString(index.resolve("type"), caches[i][1] + "\n");
            Files.writeString(index.resolve("size"), caches[i][2] + "\n");
        }
        HostProcessor p = new HostProcessor(cpuinfo("avx2"), dir);
        assertThat(p.cacheBytes(1, 7)).isEqualTo(48 << 10);
        assertThat(p.cacheBytes(2, 7)).isEqualTo(2 << 20);
        assertThat(p.cacheBytes(3, 7)).isEqualTo(36 << 20);
        assertThat(p.cacheBytes(4, 7)).isEqualTo(7);
    }

    @Test
    void featuresKeepFullWidthVectors() {
        assertThat(HostProcessor.features("+avx2,+prefer-256-bit,+fma"))
                .isEqualTo("+avx2,+fma,-prefer-256-bit");
    }
}
