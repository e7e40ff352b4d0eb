package org.ipex4j.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.CompiledGraph.Result;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.dnnl.PlainLoops;
import org.ipex4j.runtime.log.Profile;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.Test;

class ExecutableTest {
    private static final long N = 2;
    private static final long IC = 33;
    private static final long OC = 37;
    private static final long H = 13;

    private static CompiledGraph convolution(String key) {
        return Plans.convolution(key, Runtime.instance().threads(), N, IC, OC, H);
    }

    private static float[] expected(float[] x, float[] w, float[] b) {
        long[] one = {1, 1};
        float[] y =
                PlainLoops.convolution(
                        x,
                        Sizes.of(N, IC, H, H),
                        w,
                        Sizes.of(OC, IC, 3, 3),
                        b,
                        Sizes.of(N, OC, H, H),
                        one,
                        one,
                        one,
                        1);
        for (int i = 0; i < y.length; i++) {
            y[i] = 2 * Math.max(0, y[i]);
        }
        return y;
    }

    private static void close(float[] got, float[] expected) {
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.length; i++) {
            assertThat(got[i])
                    .as("element %d", i)
                    .isCloseTo(expected[i], within(1e-4f * Math.max(1, Math.abs(expected[i]))));
        }
    }

    private static void closeAll(Tensor... tensors) {
        for (Tensor t : tensors) {
            t.close();
        }
    }

    @Test
    void aKernelAlone() {
        try (Executable e = Executable.load(Plans.scaleGraph(207, 0.5))) {
            float[] x = PlainLoops.random(Sizes.of(207), 1);
            try (Tensor in = Plans.tensor(x, 207)) {
                for (int round = 0; round < 3; round++) {
                    Tensor[] out = e.run(new Tensor[] {in}, null);
                    float[] got = Plans.values(out[0]);
                    for (int i = 0; i < x.length; i++) {
                        assertThat(got[i]).isEqualTo(x[i] * 0.5f);
                    }
                    closeAll(out);
                }
            }
        }
    }

    @Test
    void convolutionKernelAndPrologue() {
        float[] x = PlainLoops.random(Sizes.of(N, IC, H, H), 1);
        float[] w = PlainLoops.random(Sizes.of(OC, IC, 3, 3), 2);
        float[] b = PlainLoops.random(Sizes.of(OC), 3);
        try (Executable e = Executable.load(convolution("conv-a"));
                Tensor tx = Plans.tensor(x, N, IC, H, H);
                Tensor tw = Plans.tensor(w, OC, IC, 3, 3);
                Tensor tb = Plans.tensor(b, OC)) {
            Tensor[] out = e.run(new Tensor[] {tx, tw, tb}, null);
            close(Plans.values(out[0]), expected(x, w, b));
            assertThat(out[1].sharesStorage(tb)).isTrue();
            closeAll(out);

            // Written in place: the prologue runs again.
            float[] w2 = PlainLoops.random(Sizes.of(OC, IC, 3, 3), 4);
            java.lang.foreign.MemorySegment.copy(
                    w2, 0, tw.segment(), java.lang.foreign.ValueLayout.JAVA_FLOAT, 0, w2.length);
            tw.bumpVersion();
            out = e.run(new Tensor[] {tx, tw, tb}, null);
            close(Plans.values(out[0]), expected(x, w2, b));
            closeAll(out);

            // Another tensor in its place.
            try (Tensor other = Plans.tensor(w, OC, IC, 3, 3)) {
                out = e.run(new Tensor[] {tx, other, tb}, null);
                close(Plans.values(out[0]), expected(x, w, b));
                closeAll(out);
            }
        }
        assertThat(Prologues.shared().heldBytes()).isZero();
    }

    @Test
    void prologueResultsAreSharedByKeyAndVersion() {
        float[] w = PlainLoops.random(Sizes.of(OC, IC, 3, 3), 2);
        try (Tensor tx = Plans.tensor(PlainLoops.random(Sizes.of(N, IC, H, H), 1), N, IC, H, H);
                Tensor tw = Plans.tensor(w, OC, IC, 3, 3);
                Tensor tb = Plans.tensor(PlainLoops.random(Sizes.of(OC), 3), OC);
                Executable a = Executable.load(convolution("conv-shared"));
                Executable b = Executable.load(convolution("conv-shared"));
                Executable other = Executable.load(convolution("conv-other"))) {
            closeAll(a.run(new Tensor[] {tx, tw, tb}, null));
            long once = Prologues.shared().heldBytes();
            assertThat(once).isPositive();
            closeAll(b.run(new Tensor[] {tx, tw, tb}, null));
            assertThat(Prologues.shared().heldBytes()).isEqualTo(once);
            closeAll(other.run(new Tensor[] {tx, tw, tb}, null));
            assertThat(Prologues.shared().heldBytes()).isEqualTo(2 * once);
            a.close();
            assertThat(Prologues.shared().heldBytes()).isEqualTo(2 * once);
            b.close();
            assertThat(Prologues.shared().heldBytes()).isEqualTo(once);
        }
        assertThat(Prologues.shared().heldBytes()).isZero();
    }

    @Test
    void manyThreadsOnOneExecutable() throws Exception {
        float[] w = PlainLoops.random(Sizes.of(OC, IC, 3, 3), 2);
        float[] b = PlainLoops.random(Sizes.of(OC), 3);
        try (Executable e = Executable.load(convolution("conv-threads"));
                Tensor tw = Plans.tensor(w, OC, IC, 3, 3);
                Tensor tb = Plans.tensor(b, OC);
                ExecutorService pool = Executors.newFixedThreadPool(4)) {
            List<Callable<Void>> jobs = new ArrayList<>();
            for (int j = 0; j < 8; j++) {
                float[] x = PlainLoops.random(Sizes.of(N, IC, H, H), 100 + j);
                float[] expected = expected(x, w, b);
                jobs.add(
                        () -> {
                            try (Tensor tx = Plans.tensor(x, N, IC, H, H)) {
                                for (int i = 0; i < 20; i++) {
                                    Tensor[] out = e.run(new Tensor[] {tx, tw, tb}, null);
                                    close(Plans.values(out[0]), expected);
                                    closeAll(out);
                                }
                            }
                            return null;
                        });
            }
            for (Future<Void> f : pool.invokeAll(jobs)) {
                f.get();
            }
        }
    }

    @Test
    void closingWhileOthersRunLetsThemFinish() throws Exception {
        for (int round = 0; round < 10; round++) {
            Executable e = Executable.load(Plans.scaleGraph(10_007, 2));
            try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
                Future<Integer> runs =
                        pool.submit(
                                () -> {
                                    int n = 0;
                                    try (Tensor in =
                                            Plans.tensor(
                                                    PlainLoops.random(Sizes.of(10_007), 1),
                                                    10_007)) {
                                        while (true) {
                                            closeAll(e.run(new Tensor[] {in}, null));
                                            n++;
                                        }
                                    } catch (IllegalStateException closed) {
                                        assertThat(closed).hasMessageContaining("closed");
                                        return n;
                                    }
                                });
                Thread.sleep(2);
                e.close();
                e.close();
                runs.get();
            }
        }
    }

    @Test
    void writesIntoGivenOutputs() {
        float[] x = PlainLoops.random(Sizes.of(33), 1);
        try (Executable e = Executable.load(Plans.scaleGraph(33, 3));
                Tensor in = Plans.tensor(x, 33);
                Tensor out = Plans.tensor(new float[33], 33)) {
            long version = out.version();
            Tensor[] result = e.run(new Tensor[] {in}, new Tensor[] {out});
            assertThat(result[0]).isSameAs(out);
            assertThat(out.version()).isGreaterThan(version);
            assertThat(Plans.values(out)[5]).isEqualTo(3 * x[5]);
            // In place: the result is written after the run.
            e.run(new Tensor[] {in}, new Tensor[] {in});
            assertThat(Plans.values(in)[5]).isEqualTo(3 * x[5]);
            // A part of the input.
            try (Tensor wide = Plans.tensor(PlainLoops.random(Sizes.of(40), 2), 40);
                    Tensor low = wide.view(Sizes.of(33), new long[] {1}, 0);
                    Tensor high = wide.view(Sizes.of(33), new long[] {1}, 7)) {
                float before = Plans.values(low)[32];
                e.run(new Tensor[] {low}, new Tensor[] {high});
                assertThat(Plans.values(high)[32]).isEqualTo(3 * before);
            }
        }
    }

    @Test
    void aResultNamedTwiceIsTwoHandles() {
        BufferType t = Plans.f32(7);
        Plan plan =
                new Plan(
                        List.of(t),
                        List.of(t),
                        List.of(Plans.scale(Plans.in(0, t), Plans.out(0, t), 2)),
                        0,
                        List.of(Plans.SCALE));
        CompiledGraph g =
                new CompiledGraph(
                        plan,
                        List.of(0),
                        List.of(),
                        List.of(),
                        List.of(
                                new Result.Output(0),
                                new Result.Output(0),
                                new Result.InputView(0, t, 0)));
        try (Executable e = Executable.load(g);
                Tensor in = Plans.tensor(new float[] {1, 2, 3, 4, 5, 6, 7}, 7)) {
            Tensor[] out = e.run(new Tensor[] {in}, null);
            out[0].close();
            assertThat(Plans.values(out[1])).containsExactly(2, 4, 6, 8, 10, 12, 14);
            closeAll(out);
            try (Tensor a = Plans.tensor(new float[7], 7);
                    Tensor b = Plans.tensor(new float[7], 7);
                    Tensor c = Plans.tensor(new float[7], 7)) {
                e.run(new Tensor[] {in}, new Tensor[] {a, b, c});
                assertThat(Plans.values(a)).isEqualTo(Plans.values(b)).startsWith(2);
                assertThat(Plans.values(c)).startsWith(1, 2);
            }
        }
    }

    @Test
    void refusesWhatItWasNotCompiledFor() {
        try (Executable e = Executable.load(Plans.scaleGraph(6, 2));
                Tensor six = Plans.tensor(new float[6], 6);
                Tensor seven = Plans.tensor(new float[7], 7);
                Tensor ints = Tensor.empty(TensorType.of(DType.INT32, 6));
                Tensor wide = Plans.tensor(new float[12], 12);
                Tensor strided = wide.view(Sizes.of(6), new long[] {2}, 0);
                Tensor gone = Plans.tensor(new float[6], 6)) {
            gone.close();
            assertThatThrownBy(() -> e.run(new Tensor[] {seven}, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("input 0 should be f32[6], is f32[7]");
            assertThatThrownBy(() -> e.run(new Tensor[] {ints}, null))
                    .hasMessageContaining("i32[6]");
            assertThatThrownBy(() -> e.run(new Tensor[] {strided}, null))
                    .hasMessageContaining("strides [1], has [2]");
            assertThatThrownBy(() -> e.run(new Tensor[] {null}, null))
                    .hasMessageContaining("missing");
            assertThatThrownBy(() -> e.run(new Tensor[] {}, null)).hasMessageContaining("got 0");
            assertThatThrownBy(() -> e.run(new Tensor[] {gone}, null))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            assertThatThrownBy(() -> e.run(new Tensor[] {six}, new Tensor[] {seven}))
                    .hasMessageContaining("output 0");
            assertThatThrownBy(() -> e.run(new Tensor[] {six}, new Tensor[] {gone}))
                    .isInstanceOf(IllegalStateException.class);
            e.close();
            assertThatThrownBy(() -> e.run(new Tensor[] {six}, null))
                    .hasMessageContaining("executable used after it was closed");
        }
    }

    @Test
    void profilesEveryStep() {
        float[] w = PlainLoops.random(Sizes.of(OC, IC, 3, 3), 2);
        try (Executable e = Executable.load(convolution("conv-profile"));
                Tensor tx = Plans.tensor(PlainLoops.random(Sizes.of(N, IC, H, H), 1), N, IC, H, H);
                Tensor tw = Plans.tensor(w, OC, IC, 3, 3);
                Tensor tb = Plans.tensor(new float[(int) OC], OC)) {
            Profile p = e.profile(new Tensor[] {tx, tw, tb}, 5);
            assertThat(p.runs()).isEqualTo(5);
            assertThat(p.meanNanos()).isPositive();
            assertThat(p.table())
                    .contains("convolution jit:", "kernel test_scale_1", "3 scale", "2 unblock");
        }
    }

    @Test
    void aPlanThatNamesMissingCodeIsRefused() {
        BufferType t = Plans.f32(7);
        Plan plan =
                new Plan(
                        List.of(t),
                        List.of(t),
                        List.of(Plans.scale(Plans.in(0, t), Plans.out(0, t), 2)),
                        0,
                        List.of());
        assertThatThrownBy(
                        () ->
                                Executable.load(
                                        new CompiledGraph(
                                                plan,
                                                List.of(0),
                                                List.of(),
                                                List.of(),
                                                List.of(new Result.Output(0)))))
                .hasMessageContaining("no code unit 'test_scale_1'");
    }

    @Test
    void smallPlansStayOnTheCallersThread() {
        assertThat(LoadedPlan.isSmall(Plans.scaleGraph(207, 1).main())).isTrue();
        BufferType t = Plans.f32(7);
        Step big =
                new Step.Kernel(
                        "big",
                        Plans.SCALE.symbol(),
                        List.of(Plans.in(0, t), Plans.out(0, t)),
                        new long[2],
                        2,
                        new Step.Work(1e9, 0));
        assertThat(LoadedPlan.isSmall(new Plan(List.of(t), List.of(t), List.of(big), 0, List.of())))
                .isFalse();
    }

    @Test
    void loadingAndRunningManyTimesLeaksNothing() {
        float[] w = PlainLoops.random(Sizes.of(OC, IC, 3, 3), 2);
        try (Tensor tx = Plans.tensor(PlainLoops.random(Sizes.of(N, IC, H, H), 1), N, IC, H, H);
                Tensor tw = Plans.tensor(w, OC, IC, 3, 3);
                Tensor tb = Plans.tensor(new float[(int) OC], OC)) {
            churn(200, tx, tw, tb);
            long live = LiveBytes.settled();
            long resident = residentBytes();
            churn(2000, tx, tw, tb);
            assertThat(LiveBytes.now()).isEqualTo(live);
            assertThat(residentBytes() - resident).isLessThan(32L << 20);
        }
    }

    private static void churn(int rounds, Tensor... inputs) {
        CompiledGraph graph = convolution("conv-leak");
        for (int i = 0; i < rounds; i++) {
            try (Executable e = Executable.load(graph)) {
                closeAll(e.run(inputs, null));
            }
        }
    }

    private static long residentBytes() {
        try {
            return Long.parseLong(
                            java.nio.file.Files.readString(
                                            java.nio.file.Path.of("/proc/self/statm"))
                                    .split(" ")[1])
                    * 4096;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
