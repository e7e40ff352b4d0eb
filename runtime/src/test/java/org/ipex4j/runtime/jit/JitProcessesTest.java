package org.ipex4j.runtime.jit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.runtime.ChildJvm;
import org.ipex4j.runtime.cache.DiskCache;
import org.ipex4j.runtime.natives.CacheDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What processes have in common, and what switches show; in JVMs of their own. */
class JitProcessesTest {
    @TempDir Path dir;

    /** Links a few kernels and tells how, and whether LLVM was loaded. */
    public static final class Child {
        public static void main(String[] args) throws IOException {
            Jit jit =
                    new Jit(
                            HostProcessor.current()
                                    .target(2, new DiskCache(CacheDirectory.get(), 1 << 30)),
                            new DiskCache(Path.of(args[0]), 1 << 30));
            List<CodeUnit> units = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                units.add(Kernels.scale("shared" + i, i + ".25"));
            }
            System.out.println("linked " + jit.link(units).size() + " " + jit.statistics());
            boolean llvm;
            try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
                llvm = maps.anyMatch(l -> l.contains("libLLVM"));
            }
            System.out.println("llvm loaded: " + llvm);
        }
    }

    private Process start(int units, String... options) throws IOException {
        return ChildJvm.start(
                Child.class, List.of(options), dir.toString(), Integer.toString(units));
    }

    @Test
    void twoProcessesAtOnceAndAThirdThatNeedsNoLlvm() throws Exception {
        // The processor's name must be known beforehand, or each child asks LLVM for it.
        HostProcessor.current().target(2, new DiskCache(CacheDirectory.get(), 1 << 30));
        Process a = start(4);
        Process b = start(4);
        assertThat(ChildJvm.finish(a)).contains("linked 4").doesNotContain("WARN");
        assertThat(ChildJvm.finish(b)).contains("linked 4").doesNotContain("WARN");
        assertThat(ChildJvm.finish(start(4)))
                .contains("linked 4 Statistics[compiled=0, cached=4]")
                .contains("llvm loaded: false");
    }

    @Test
    void codeIsDumpedOnRequest() throws Exception {
        Path dump = dir.resolve("dump");
        String out =
                ChildJvm.finish(
                        start(1, "-Dai.djl.ipex.logs=code", "-Dai.djl.ipex.dump_dir=" + dump));
        assertThat(out).contains("wrote " + dump.resolve("shared0"));
        assertThat(dump.resolve("shared0.ll"))
                .content()
                .contains("define void @shared0(ptr %buffers");
        assertThat(dump.resolve("shared0.opt.ll")).content().contains("x float>");
        assertThat(dump.resolve("shared0.s")).content().contains("vfmadd");
        assertThat(ChildJvm.finish(start(1, "-Dai.djl.ipex.logs=code")))
                .contains("; assembly")
                .contains("vfmadd");
    }
}
