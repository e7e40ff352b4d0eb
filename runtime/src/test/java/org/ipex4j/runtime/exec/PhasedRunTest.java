package org.ipex4j.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ipex4j.runtime.exec.Plans.arena;
import static org.ipex4j.runtime.exec.Plans.f32;
import static org.ipex4j.runtime.exec.Plans.in;
import static org.ipex4j.runtime.exec.Plans.out;
import static org.ipex4j.runtime.exec.Plans.scale;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.CompiledGraph.Bound;
import org.ipex4j.ir.plan.CompiledGraph.Result;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PhasedRunTest {
    private static final int N = 207;
    private static final BufferType T = f32(N);

    /** Positions of the graph's inputs. */
    private static final int X = 0;

    private static final int STATISTIC = 1;
    private static final int TANGENT = 2;

    /**
     * Forward: {@code saved = 2 x}, {@code y = 3 saved}, {@code statistic *= 0.5}. Backward: {@code
     * 5 saved}, {@code 7 tangent}, {@code 11 y}, {@code 13 x} and the tangent itself.
     */
    private static CompiledGraph graph() {
        List<Step> steps =
                List.of(
                        scale(in(X, T), arena(0, T), 2),
                        scale(arena(0, T), out(0, T), 3),
                        scale(in(STATISTIC, T), in(STATISTIC, T), 0.5),
                        scale(arena(0, T), out(1, T), 5),
                        scale(in(TANGENT, T), out(2, T), 7),
                        scale(out(0, T), out(3, T), 11),
                        scale(in(X, T), out(4, T), 13));
        Plan plan =
                new Plan(
                        List.of(T, T, T),
                        List.of(T, T, T, T, T),
                        steps,
                        List.of(3, steps.size()),
                        1024,
                        List.of(Plans.SCALE));
        return new CompiledGraph(
                plan,
                List.of(X, STATISTIC, TANGENT),
                List.of(),
                List.of(),
                List.of(
                        new Result.Output(0),
                        new Result.Output(1),
                        new Result.Output(2),
                        new Result.Output(3),
                        new Result.Output(4),
                        new Result.InputView(TANGENT, T, 0),
                        new Result.InputView(STATISTIC, T, 0)),
                List.of(STATISTIC));
    }

    private final Executable executable = Executable.load(graph());
    private final Tensor x = filled(1);
    private final Tensor statistic = filled(8);
    private final Tensor tangent = filled(4);
    private long before;

    @BeforeEach
    void count() {
        // As much working memory as any test needs, which is kept for the next run.
        try (PhasedRun a = executable.begin();
                PhasedRun b = executable.begin();
                PhasedRun c = executable.begin()) {
            for (PhasedRun run : List.of(a, b, c)) {
                close(forward(run));
            }
        }
        fill(statistic, 8);
        before = LiveBytes.settled();
    }

    @AfterEach
    void closeAll() {
        x.close();
        statistic.close();
        tangent.close();
        executable.close();
    }

    private static Tensor filled(float value) {
        Tensor t = Plans.tensor(new float[N], N);
        fill(t, value);
        return t;
    }

    private static void fill(Tensor t, float value) {
        for (int i = 0; i < N; i++) {
            t.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, value + i);
        }
    }

    private static void close(Tensor... tensors) {
        for (Tensor t : tensors) {
            if (t != null) {
                t.close();
            }
        }
    }

    private Tensor[] forward(PhasedRun run) {
        return run.next(new Tensor[] {x, statistic});
    }

    private Tensor[] backward(PhasedRun run) {
        return run.next(new Tensor[] {null, null, tangent});
    }

    private static void check(Tensor t, float factor, float first) {
        float[] values = Plans.values(t);
        for (int i = 0; i < N; i++) {
            assertThat(values[i]).as("element %d", i).isEqualTo(factor * (first + i));
        }
    }

    private void assertNothingKept() {
        assertThat(LiveBytes.now()).isEqualTo(before);
    }

    @Test
    void phasesGiveWhatTheyComputeAndNothingElse() {
        try (PhasedRun run = executable.begin()) {
            assertThat(run.phases()).isEqualTo(2);
            assertThat(run.done()).isZero();
            Tensor[] y = forward(run);
            assertThat(run.done()).isEqualTo(1);
            check(y[0], 6, 1);
            assertThat(y).hasSize(7);
            for (int i = 1; i < 7; i++) {
                assertThat(y[i]).as("result %d", i).isNull();
            }
            check(statistic, 0.5f, 8);
            Tensor[] g = backward(run);
            assertThat(g[0]).isNull();
            check(g[1], 10, 1);
            check(g[2], 7, 4);
            check(g[3], 66, 1);
            check(g[4], 13, 1);
            assertThat(g[5].sharesStorage(tangent)).isTrue();
            assertThat(g[6]).isNull();
            check(statistic, 0.5f, 8); // not halved again
            assertThatThrownBy(() -> backward(run))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("all phases");
            close(y);
            close(g);
        }
        assertNothingKept();
    }

    @Test
    void resultsAreTheCallersAloneWhenTheRunIsClosed() {
        Tensor[] y;
        Tensor[] g;
        try (PhasedRun run = executable.begin()) {
            y = forward(run);
            g = backward(run);
        }
        for (int i : new int[] {1, 2, 3, 4}) {
            assertThat(g[i].storage().isShared()).as("result %d", i).isFalse();
        }
        assertThat(y[0].storage().isShared()).isFalse();
        close(y);
        close(g);
        assertNothingKept();
    }

    @Test
    void whatIsChangedIsChangedOnceAndSaysSo() {
        long x0 = x.version();
        long s0 = statistic.version();
        try (PhasedRun run = executable.begin()) {
            close(forward(run));
            assertThat(statistic.version()).isEqualTo(s0 + 1);
            close(backward(run));
        }
        assertThat(statistic.version()).isEqualTo(s0 + 1);
        assertThat(x.version()).isEqualTo(x0);
    }

    @Test
    void missingTensorsAreNamedWithTheirReaders() {
        PhasedRun first = executable.begin();
        assertThatThrownBy(() -> first.next(new Tensor[] {null, statistic}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input 0 is missing")
                .hasMessageContaining("scale");
        PhasedRun second = executable.begin();
        assertThatThrownBy(() -> second.next(new Tensor[] {x}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input 1 is missing");
        PhasedRun third = executable.begin();
        close(forward(third));
        assertThatThrownBy(() -> third.next(new Tensor[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input 2 is missing");
        check(statistic, 0.5f, 8);
        assertNothingKept();
    }

    @Test
    void aMissingParameterIsNamed() {
        Plan plan =
                new Plan(
                        List.of(T, T),
                        List.of(T, T),
                        List.of(scale(in(0, T), out(0, T), 2), scale(in(1, T), out(1, T), 3)),
                        List.of(1, 2),
                        0,
                        List.of(Plans.SCALE));
        CompiledGraph bound =
                new CompiledGraph(
                        plan,
                        List.of(0),
                        List.of(new Bound.Input(1)),
                        List.of(),
                        List.of(new Result.Output(0), new Result.Output(1)));
        try (Executable e = Executable.load(bound)) {
            PhasedRun run = e.begin();
            close(run.next(new Tensor[] {x})); // not needed yet
            assertThatThrownBy(() -> run.next(new Tensor[0]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("input 1 is missing");
            try (PhasedRun again = e.begin()) {
                close(again.next(new Tensor[] {x, tangent}));
                Tensor[] late = again.next(new Tensor[0]);
                check(late[1], 3, 4);
                close(late);
            }
        }
        assertNothingKept();
    }

    @Test
    void tensorsOfAnotherTypeAreRefused() {
        try (Tensor small = Plans.tensor(new float[3], 3)) {
            PhasedRun run = executable.begin();
            close(forward(run));
            assertThatThrownBy(() -> run.next(new Tensor[] {null, null, small}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("input 2")
                    .hasMessageContaining("[3]");
            assertThatThrownBy(() -> backward(run))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
        assertNothingKept();
    }

    @Test
    void aTensorIsGivenOnce() {
        PhasedRun run = executable.begin();
        close(forward(run));
        assertThatThrownBy(() -> run.next(new Tensor[] {null, statistic, tangent}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input 1 was given before");
        assertNothingKept();
    }

    @Test
    void changesOfWhatBackwardReadsAreRefused() {
        PhasedRun input = executable.begin();
        close(forward(input));
        x.bumpVersion();
        assertThatThrownBy(() -> backward(input))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("input 0")
                .hasMessageContaining("changed in place");

        PhasedRun output = executable.begin();
        Tensor[] y = forward(output);
        fill(y[0], 100);
        y[0].bumpVersion();
        assertThatThrownBy(() -> backward(output))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("result 0")
                .hasMessageContaining("changed in place");
        close(y);
        assertNothingKept();
    }

    @Test
    void changesOfWhatBackwardDoesNotReadAreNoMatter() {
        try (PhasedRun first = executable.begin();
                PhasedRun second = executable.begin()) {
            close(forward(first));
            close(forward(second)); // changes the statistic again
            check(statistic, 0.25f, 8);
            Tensor[] g = backward(first);
            check(g[1], 10, 1);
            close(g);
            close(backward(second));
        }
        assertNothingKept();
    }

    @Test
    void inputsMayBeClosedMeanwhile() {
        Tensor own = filled(1);
        try (PhasedRun run = executable.begin()) {
            close(run.next(new Tensor[] {own, statistic}));
            own.close();
            Tensor[] g = backward(run);
            check(g[4], 13, 1);
            close(g);
        }
        assertThat(LiveBytes.now()).isEqualTo(before);
    }

    @Test
    void whatNoPhaseToComeReadsIsGivenBack() {
        try (PhasedRun run = executable.begin()) {
            close(forward(run));
            assertThat(statistic.storage().isShared()).isFalse();
            assertThat(x.storage().isShared()).isTrue();
            close(backward(run));
            assertThat(x.storage().isShared()).isFalse();
            assertThat(tangent.storage().isShared()).isFalse();
        }
    }

    @Test
    void closingEarlyGivesEverythingBack() {
        PhasedRun run = executable.begin();
        run.close();
        run.close();
        assertThatThrownBy(() -> forward(run))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        PhasedRun half = executable.begin();
        close(forward(half));
        half.close();
        assertThat(x.storage().isShared()).isFalse();
        assertNothingKept();
    }

    @Test
    void aRunOutlivesItsExecutable() {
        Executable own = Executable.load(graph());
        PhasedRun run = own.begin();
        close(forward(run));
        own.close();
        assertThatThrownBy(own::begin).isInstanceOf(IllegalStateException.class);
        Tensor[] g = backward(run);
        check(g[1], 10, 1);
        close(g);
        run.close();
    }

    @Test
    void memoryThatIsChangedLiesApart() {
        PhasedRun same = executable.begin();
        assertThatThrownBy(() -> same.next(new Tensor[] {x, x}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shares memory");
        assertNothingKept();
    }

    /** Each run keeps what it saved, whatever the others do. */
    @Test
    void runsOfOneExecutableDoNotDisturbEachOther() throws Exception {
        Executable own = Executable.load(graph());
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Callable<Void>> jobs = new ArrayList<>();
            for (int job = 0; job < 6; job++) {
                int first = 10 * job;
                jobs.add(
                        () -> {
                            try (Tensor ownX = filled(first);
                                    Tensor ownS = filled(1)) {
                                for (int round = 0; round < 20; round++) {
                                    try (PhasedRun a = own.begin()) {
                                        Tensor[] y = a.next(new Tensor[] {ownX, ownS});
                                        Tensor[] g = backward(a);
                                        check(y[0], 6, first);
                                        check(g[1], 10, first);
                                        check(g[3], 66, first);
                                        close(y);
                                        close(g);
                                    }
                                }
                            }
                            return null;
                        });
            }
            for (Future<Void> f : threads.invokeAll(jobs)) {
                f.get();
            }
        }
        own.close(); // with as many frames as ran at once
        assertNothingKept();
    }

    /** An index out of range is found while backward runs. */
    @Test
    void anErrorInsideAPhaseFreesEverything() {
        Op scatter = OpCatalog.get("aten.scatter.src");
        BufferType index = new BufferType(DType.INT64, T.sizes(), T.layout());
        Step.Host step =
                new Step.Host(
                        "pick",
                        scatter,
                        Args.of(scatter.schema(), 0, 0L, 1, 0),
                        List.of(arena(0, T), in(1, index), out(1, T)),
                        Step.Work.NONE);
        Plan plan =
                new Plan(
                        List.of(T, index),
                        List.of(T, T),
                        List.of(
                                scale(in(0, T), arena(0, T), 2),
                                scale(in(0, T), out(0, T), 3),
                                step),
                        List.of(2, 3),
                        1024,
                        List.of(Plans.SCALE));
        CompiledGraph failing =
                new CompiledGraph(
                        plan,
                        List.of(0, 1),
                        List.of(),
                        List.of(),
                        List.of(new Result.Output(0), new Result.Output(1)));
        long start = LiveBytes.settled();
        try (Executable e = Executable.load(failing);
                Tensor bad = Tensor.empty(index.type())) {
            for (int i = 0; i < N; i++) {
                bad.segment().setAtIndex(ValueLayout.JAVA_LONG, i, i == 5 ? N : i);
            }
            PhasedRun run = e.begin();
            Tensor[] y = run.next(new Tensor[] {x});
            assertThatThrownBy(() -> run.next(new Tensor[] {null, bad}))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("aten.scatter.src");
            assertThat(x.storage().isShared()).isFalse();
            check(y[0], 3, 1);
            close(y);
            assertThatThrownBy(() -> run.next(new Tensor[] {null, bad}))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(LiveBytes.now()).isEqualTo(start);
    }
}
