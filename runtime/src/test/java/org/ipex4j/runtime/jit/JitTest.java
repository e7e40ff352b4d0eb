package org.ipex4j.runtime.jit;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.ir.plan.Target;
import org.ipex4j.runtime.cache.DiskCache;
import org.ipex4j.runtime.natives.CacheDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JitTest {
    @TempDir Path dir;

    private Target target;
    private Jit jit;

    @BeforeEach
    void fresh() {
        // The processor's name is asked for once and kept; objects go to a directory of this test.
        target = HostProcessor.current().target(2, new DiskCache(CacheDirectory.get(), 1 << 30));
        jit = jit();
    }

    private Jit jit() {
        return new Jit(target, new DiskCache(dir, 1 << 30));
    }

    private static void check(long address, float k) {
        try (Arena arena = Arena.ofShared()) {
            int n = 1037;
            MemorySegment a = arena.allocate(JAVA_FLOAT, n);
            MemorySegment b = arena.allocate(JAVA_FLOAT, n);
            MemorySegment c = arena.allocate(JAVA_FLOAT, n);
            for (int i = 0; i < n; i++) {
                a.setAtIndex(JAVA_FLOAT, i, i / 500f);
                b.setAtIndex(JAVA_FLOAT, i, i);
            }
            MemorySegment buffers =
                    arena.allocateFrom(JAVA_LONG, a.address(), b.address(), c.address());
            MemorySegment params = arena.allocateFrom(JAVA_LONG, n);
            for (int threads = 1; threads <= 3; threads++) {
                c.fill((byte) 0);
                Kernels.call(address, buffers, params, threads);
                for (int i = 0; i < n; i++) {
                    float expected = (float) Math.exp(i / 500f) + i * k;
                    assertThat(c.getAtIndex(JAVA_FLOAT, i))
                            .isCloseTo(expected, within(1e-5f * Math.abs(expected)));
                }
            }
        }
    }

    @Test
    void compilesLinksAndRunsInParallel() {
        Map<String, Long> linked =
                jit.link(List.of(Kernels.add("add_three", "3.0"), Kernels.add("add_half", "0.5")));
        check(linked.get("add_three"), 3);
        check(linked.get("add_half"), 0.5f);
        assertThat(jit.statistics()).isEqualTo(new Jit.Statistics(2, 0));
    }

    @Test
    void compilesASymbolOncePerProcess() {
        long first = jit.link(List.of(Kernels.add("once", "3.0"))).get("once");
        Map<String, Long> again =
                jit.link(
                        List.of(
                                Kernels.add("once", "3.0"),
                                Kernels.add("twice", "4.0"),
                                Kernels.add("once", "3.0")));
        assertThat(again).containsEntry("once", first).hasSize(2);
        assertThat(jit.statistics().compiled()).isEqualTo(2);
    }

    @Test
    void refusesASymbolWithTwoTexts() {
        jit.link(List.of(Kernels.add("same", "3.0")));
        assertThatThrownBy(
                        () ->
                                jit.link(
                                        List.of(
                                                Kernels.add("other", "1.0"),
                                                Kernels.add("same", "4.0"))))
                .isInstanceOf(JitException.class)
                .hasMessageContaining("same stands for two different texts");
        check(jit.link(List.of(Kernels.add("other", "1.0"))).get("other"), 1);
    }

    @Test
    void aSyntaxErrorShowsMessageAndLines() {
        CodeUnit bad =
                new CodeUnit(
                        "bad",
                        "define void @bad(ptr %b, ptr %p, i64 %t) {\n  %x = add i64 %t, %nothing\n  ret void\n}\n");
        assertThatThrownBy(() -> jit.link(List.of(bad)))
                .isInstanceOf(JitException.class)
                .hasMessageContaining("LLVM refuses bad")
                .hasMessageContaining("use of undefined value '%nothing'")
                .hasMessageContaining("    2    %x = add i64 %t, %nothing");
    }

    @Test
    void anInvalidModuleIsRefused() {
        CodeUnit bad =
                new CodeUnit(
                        "invalid",
                        "define void @invalid(ptr %b, ptr %p, i64 %t) {\nentry:\n  br label %entry\n}\n");
        assertThatThrownBy(() -> jit.link(List.of(bad)))
                .isInstanceOf(JitException.class)
                .hasMessageContaining("Entry block to function must not have predecessors");
    }

    @Test
    void anUnknownFunctionIsNamed() {
        CodeUnit bad =
                new CodeUnit(
                        "calls",
                        "declare void @no_such_function()\ndefine void @calls(ptr %b, ptr %p, i64 %t) {\n  call void @no_such_function()\n  ret void\n}\n");
        assertThatThrownBy(() -> jit.link(List.of(bad)))
                .isInstanceOf(JitException.class)
                .hasMessageContaining("no_such_function");
    }

    @Test
    void aMissingSymbolIsNamed() {
        CodeUnit bad =
                new CodeUnit(
                        "missing",
                        "define void @other_name(ptr %b, ptr %p, i64 %t) {\n  ret void\n}\n");
        assertThatThrownBy(() -> jit.link(List.of(bad)))
                .isInstanceOf(JitException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void codeThatTheBackEndCannotHandleDoesNotEndTheProcess() {
        CodeUnit bad =
                new CodeUnit(
                        "fatal",
                        "define void @fatal(ptr %b, ptr %p, i64 %t) {\n"
                                + "  %x = call i64 @llvm.read_register.i64(metadata !0)\n  store i64 %x, ptr %b\n  ret void\n}\n"
                                + "declare i64 @llvm.read_register.i64(metadata)\n!0 = !{!\"nonsense\"}\n");
        assertThatThrownBy(() -> jit.link(List.of(bad)))
                .isInstanceOf(JitException.class)
                .hasMessageContaining("LLVM cannot compile fatal");
        check(jit.link(List.of(Kernels.add("after_fatal", "2.0"))).get("after_fatal"), 2);
    }

    @Test
    void aFailedUnitMayBeTriedAgainAndSparesTheOthers() {
        CodeUnit bad = new CodeUnit("later", "nonsense");
        assertThatThrownBy(() -> jit.link(List.of(Kernels.add("good", "2.0"), bad)))
                .isInstanceOf(JitException.class);
        check(
                jit.link(List.of(Kernels.add("later", "7.0"), Kernels.add("good", "2.0")))
                        .get("later"),
                7);
    }

    @Test
    void aSecondProcessFindsTheObjects() {
        CodeUnit unit = Kernels.add("warm", "3.0");
        jit.link(List.of(unit));
        Jit second = jit();
        check(second.link(List.of(unit)).get("warm"), 3);
        assertThat(second.statistics()).isEqualTo(new Jit.Statistics(0, 1));
    }

    @Test
    void otherTextOrProcessorMissesTheCache() {
        jit.link(List.of(Kernels.add("keyed", "3.0")));
        Jit second = jit();
        check(second.link(List.of(Kernels.add("keyed", "5.0"))).get("keyed"), 5);
        assertThat(second.statistics().compiled()).isEqualTo(1);
        Target plain = new Target("x86-64", "+avx2,+fma", 32, target.capabilities(), 2, 1, 1, 1);
        Jit third = new Jit(plain, new DiskCache(dir, 1 << 30));
        check(third.link(List.of(Kernels.add("keyed", "5.0"))).get("keyed"), 5);
        assertThat(third.statistics().compiled()).isEqualTo(1);
    }

    @Test
    void corruptObjectsAreRebuilt() throws IOException {
        CodeUnit unit = Kernels.add("corrupt", "3.0");
        jit.link(List.of(unit));
        List<Path> entries;
        try (var files = Files.walk(dir.resolve("object"))) {
            entries = files.filter(Files::isRegularFile).toList();
        }
        assertThat(entries).hasSize(1);
        byte[] good = Files.readAllBytes(entries.getFirst());
        for (int flaw = 0; flaw < 4; flaw++) {
            byte[] bytes = good.clone();
            switch (flaw) {
                case 0 -> bytes[bytes.length / 2] ^= 1;
                case 1 -> bytes = java.util.Arrays.copyOf(bytes, 100);
                case 2 -> bytes = new byte[0];
                default -> bytes[0] = 'x';
            }
            Files.write(entries.getFirst(), bytes);
            Jit second = jit();
            check(second.link(List.of(unit)).get("corrupt"), 3);
            assertThat(second.statistics().compiled()).as("flaw %d", flaw).isEqualTo(1);
            assertThat(Files.readAllBytes(entries.getFirst())).isEqualTo(good);
        }
    }

    @Test
    void aWellSealedEntryThatIsNoObjectIsRebuilt() {
        CodeUnit unit = Kernels.add("sealed", "3.0");
        jit.link(List.of(unit));
        DiskCache cache = new DiskCache(dir, 1 << 30);
        String key =
                "llvm "
                        + org.ipex4j.runtime.natives.NativeLibraries.llvmVersion()
                        + "\ndefault<O3> pic small 1\n"
                        + target.cpu()
                        + "\n"
                        + target.features()
                        + "\nsealed\n"
                        + DiskCache.hash(unit.llvm());
        assertThat(cache.get("object", key)).isPresent();
        cache.put(
                "object", key, "something else".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Jit second = jit();
        check(second.link(List.of(unit)).get("sealed"), 3);
        assertThat(second.statistics().compiled()).isEqualTo(1);
    }

    @Test
    void threadsMayLinkTheSameUnits() throws Exception {
        List<CodeUnit> units = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            units.add(Kernels.add("shared" + i, i + ".0"));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Map<String, Long>>> jobs = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                List<CodeUnit> order = new ArrayList<>(units);
                java.util.Collections.rotate(order, t);
                jobs.add(() -> jit.link(order));
            }
            Map<String, Long> first = null;
            for (Future<Map<String, Long>> f : threads.invokeAll(jobs)) {
                if (first == null) {
                    first = f.get();
                }
                assertThat(f.get()).isEqualTo(first);
            }
            for (int i = 0; i < 6; i++) {
                check(first.get("shared" + i), i);
            }
        }
        assertThat(jit.statistics().compiled()).isEqualTo(6);
    }

    @Test
    void assemblyUsesTheWholeVector() {
        String assembly = jit.assembly(Kernels.scale("listing", "3.0"));
        assertThat(assembly)
                .contains("listing:")
                .contains(target.vectorBytes() == 64 ? "%zmm" : "%ymm")
                .contains("vfmadd");
        assertThat(jit.optimized(Kernels.scale("listing", "3.0")))
                .contains("define void @listing")
                .contains("x float>");
    }

    @Test
    void libmIsComplete() {
        List<String> functions =
                List.of(
                        "expf",
                        "exp",
                        "powf",
                        "pow",
                        "lgammaf",
                        "lgamma",
                        "tgammaf",
                        "erff",
                        "erf",
                        "erfcf",
                        "logf",
                        "log1pf",
                        "log2f",
                        "log10f",
                        "expm1f",
                        "exp2f",
                        "sinf",
                        "cosf",
                        "tanf",
                        "asinf",
                        "acosf",
                        "atanf",
                        "atan2f",
                        "sinhf",
                        "coshf",
                        "tanhf",
                        "asinhf",
                        "acoshf",
                        "atanhf",
                        "fmodf",
                        "fmod",
                        "remainderf",
                        "cbrtf",
                        "hypotf",
                        "roundf",
                        "rint",
                        "rintf",
                        "nearbyintf",
                        "floorf",
                        "ceilf",
                        "truncf",
                        "fmaf",
                        "fma",
                        "ldexpf",
                        "frexpf",
                        "nextafterf",
                        "copysignf",
                        "memcpy",
                        "memmove",
                        "memset",
                        "GOMP_parallel",
                        "GOMP_barrier",
                        "omp_get_thread_num",
                        "omp_get_num_threads");
        assertThat(functions).allSatisfy(f -> assertThat(Externals.address(f)).isNotZero());
    }
}
