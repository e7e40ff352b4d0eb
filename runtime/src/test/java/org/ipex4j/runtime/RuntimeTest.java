package org.ipex4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ipex4j.runtime.natives.CacheDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeTest {
    @TempDir Path dir;

    /** Prints what a program sees that asks for the runtime twice. */
    public static final class Child {
        public static void main(String[] args) {
            for (int i = 0; i < 2; i++) {
                try {
                    Runtime r = Runtime.instance();
                    System.out.println(
                            "threads "
                                    + r.threads()
                                    + " lanes "
                                    + r.lanes().count()
                                    + " target "
                                    + r.target().threads()
                                    + " on lane "
                                    + r.lanes()
                                            .<Integer, RuntimeException>call(
                                                    org.ipex4j.runtime.natives.OpenMp::threads));
                } catch (IllegalStateException e) {
                    System.out.println("refused: " + e.getMessage());
                }
            }
        }
    }

    private static String run(String... options) throws Exception {
        return ChildJvm.finish(ChildJvm.start(Child.class, List.of(options)));
    }

    @Test
    void takesItsSettingsFromProperties() throws Exception {
        assertThat(run("-Dai.djl.ipex.num_threads=4", "-Dai.djl.ipex.num_lanes=2"))
                .contains("threads 2 lanes 2 target 2 on lane 2");
    }

    @Test
    void aWrongSettingIsToldEachTime() throws Exception {
        String out = run("-Dai.djl.ipex.num_threads=many");
        assertThat(
                        out.split(
                                "refused: the IPEX runtime cannot start: ai.djl.ipex.num_threads: expected a positive number, got 'many'"))
                .hasSize(3);
    }

    @Test
    void aMissingJarIsNamedWithThePlatform() throws Exception {
        assertThat(ChildJvm.finish(ChildJvm.startWithout("/llvm-20", Child.class, List.of())))
                .contains(
                        "refused: the IPEX runtime cannot start: the class path has no libLLVM.so for linux-x86_64: "
                                + "add the dependency org.bytedeco:llvm with classifier linux-x86_64");
        assertThat(ChildJvm.finish(ChildJvm.startWithout("/dnnl-3", Child.class, List.of())))
                .contains("refused: ")
                .contains("the class path has no libdnnl.so.3 for linux-x86_64");
    }

    @Test
    void anotherPlatformIsRefused() throws Exception {
        assertThat(run("-Dos.arch=aarch64"))
                .contains("ipex4j runs on linux-x86_64 with AVX2; this is linux-arm64");
    }

    @Test
    void twoFreshProcessesExtractTheLibrariesAtOnce() throws Exception {
        String cache = "-DENGINE_CACHE_DIR=" + dir;
        Process a = ChildJvm.start(Child.class, List.of(cache));
        Process b = ChildJvm.start(Child.class, List.of(cache));
        assertThat(ChildJvm.finish(a)).contains("lanes 1").doesNotContain("refused");
        assertThat(ChildJvm.finish(b)).contains("lanes 1").doesNotContain("refused");
        try (var files = Files.walk(dir)) {
            assertThat(files.map(Path::toString))
                    .noneMatch(p -> p.endsWith(".part"))
                    .anyMatch(p -> p.endsWith("libdnnl.so.3"));
        }
    }

    @Test
    void describesThisMachine() {
        Runtime r = Runtime.instance();
        assertThat(r).isSameAs(Runtime.instance());
        assertThat(r.target().threads()).isEqualTo(r.threads());
        assertThat(r.target().has("fma")).isTrue();
        assertThat(r.target().features()).contains("+avx2").endsWith("-prefer-256-bit");
        assertThat(r.target().l2Bytes()).isGreaterThan(r.target().l1Bytes());
        assertThat(CacheDirectory.get().getFileName()).hasToString("ipex");
    }
}
