package org.ipex4j.runtime.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {
    @Test
    void extractsOnceAndRepairsATruncatedFile(@TempDir Path cache) throws Exception {
        Path first = NativeLibraries.extract("dnnl", cache);
        Path gomp = first.resolveSibling("libgomp.so.1");
        long size = Files.size(gomp);
        var modified = Files.getLastModifiedTime(first);
        Files.write(gomp, new byte[10]);
        assertThat(NativeLibraries.extract("dnnl", cache)).isEqualTo(first);
        assertThat(Files.size(gomp)).isEqualTo(size);
        assertThat(Files.getLastModifiedTime(first)).isEqualTo(modified);
        try (var files = Files.list(first.getParent())) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("libdnnl.so.3", "libgomp.so.1", ".lock");
        }
    }

    @Test
    void anUnwritableCacheIsNamed(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "not a directory");
        assertThatThrownBy(() -> NativeLibraries.extract("dnnl", file))
                .isInstanceOf(UnsupportedPlatformException.class)
                .hasMessageContaining("ENGINE_CACHE_DIR");
    }

    @Test
    void loadsOneOpenMpWithOneDnn() {
        long parallel = Native.find(NativeLibraries.openmp(), "GOMP_parallel").address();
        long dnnl = Native.find(NativeLibraries.dnnl(), "dnnl_version").address();
        assertThat(LibC.fileOf(parallel)).endsWith("libgomp.so.1");
        assertThat(LibC.fileOf(dnnl)).endsWith("libdnnl.so.3");
        OpenMp.setThreads(2);
        assertThat(OpenMp.threads()).isEqualTo(2);
    }

    @Test
    void versionsComeFromTheJars() {
        assertThat(NativeLibraries.dnnlVersion()).startsWith("3.");
        assertThat(NativeLibraries.llvmVersion()).startsWith("20.");
    }

    @Test
    void aMissingSymbolIsNamed() {
        assertThatThrownBy(() -> Native.find(NativeLibraries.dnnl(), "no_such_function"))
                .isInstanceOf(UnsupportedPlatformException.class)
                .hasMessageContaining("no_such_function");
    }

    @Test
    void aFileThatIsNoLibraryGivesTheLoadersReason(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("libx.so"), "not ELF ".repeat(512));
        assertThatThrownBy(() -> LibC.open(file.toString()))
                .hasMessageContaining("invalid ELF header");
    }

    @Test
    void namesPlatformsAsTheJarsDo() {
        assertThat(Platform.of("Linux", "amd64").classifier()).isEqualTo("linux-x86_64");
        assertThat(Platform.of("Mac OS X", "aarch64").classifier()).isEqualTo("macosx-arm64");
        assertThat(Platform.of("Windows 11", "amd64").classifier()).isEqualTo("windows-x86_64");
        assertThatThrownBy(() -> Platform.of("Mac OS X", "aarch64").requireSupported())
                .isInstanceOf(UnsupportedPlatformException.class)
                .hasMessageContaining("macosx-arm64");
    }
}
