package org.ipex4j.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.compiler.CompilerTest.Net;
import org.ipex4j.compiler.kernel.KernelGraph;
import org.ipex4j.compiler.kernel.Lowering;
import org.ipex4j.compiler.layout.LaidOutGraph;
import org.ipex4j.compiler.layout.LayoutAssignment;
import org.ipex4j.compiler.memory.MemoryPlan;
import org.ipex4j.compiler.memory.MemoryPlanner;
import org.ipex4j.compiler.memory.MemoryVerifier;
import org.ipex4j.compiler.memory.Program;
import org.ipex4j.compiler.memory.Scheduled;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.Operand.Place;
import org.ipex4j.ir.plan.Step;
import org.junit.jupiter.api.Test;

/** Layouts follow measured times, and plans of memory that would be wrong are refused. */
class LayoutChoiceTest {
    private static final CompileOptions AUTOTUNE =
            CompileOptions.DEFAULT.withMode(CompileOptions.Mode.MAX_AUTOTUNE);

    /** Convolutions take these seconds by the layout of their result. */
    private static FakeOracle timed(double blocked, double channelsLast) {
        return new FakeOracle() {
            @Override
            public double measure(LibraryCall call) {
                if (!(call instanceof LibraryCall.Convolution)) {
                    return Double.NaN;
                }
                return !call.output().layout().isPlain()
                        ? blocked
                        : call.output().layout().isChannelsLast(call.output().sizes())
                                ? channelsLast
                                : 1;
            }
        };
    }

    private static Graph threeConvolutions() {
        Net n = new Net();
        Value x = n.arg(1, 16, 12, 12);
        return n.g.build(
                n.relu(
                        n.conv(
                                n.relu(n.conv(n.relu(n.conv(x, 32, 3, 1, 1)), 32, 3, 1, 1)),
                                16,
                                3,
                                1,
                                1)));
    }

    private static List<LibraryCall> calls(CompiledGraph c, Class<? extends LibraryCall> kind) {
        return c.main().steps().stream()
                .map(s -> ((Step.Library) s).call())
                .filter(kind::isInstance)
                .toList();
    }

    @Test
    void theFasterMeasuredLayoutWins() {
        CompiledGraph blocked =
                CompilerTest.check(threeConvolutions(), timed(1e-4, 3e-4), AUTOTUNE);
        assertThat(calls(blocked, LibraryCall.Convolution.class))
                .hasSize(3)
                .allMatch(c -> !c.output().layout().isPlain());
        CompiledGraph last = CompilerTest.check(threeConvolutions(), timed(3e-4, 1e-4), AUTOTUNE);
        assertThat(calls(last, LibraryCall.Convolution.class))
                .hasSize(3)
                .allMatch(c -> c.output().layout().isChannelsLast(c.output().sizes()));
        assertThat(calls(last, LibraryCall.Reorder.class)).hasSize(2);
    }

    @Test
    void aSmallGainIsNotWorthTwoReorders() {
        FakeOracle oracle =
                new FakeOracle() {
                    @Override
                    public double measure(LibraryCall call) {
                        boolean middle =
                                call instanceof LibraryCall.Convolution c
                                        && c.source().sizes().get(1) == 32
                                        && c.output().sizes().get(1) == 32;
                        return !(call instanceof LibraryCall.Convolution)
                                ? Double.NaN
                                : call.output().layout().isContiguous(call.output().sizes())
                                        ? 1
                                        : call.output().layout().isPlain() == middle
                                                ? 1e-4 - 1e-6
                                                : 1e-4;
                    }
                };
        CompiledGraph c = CompilerTest.check(threeConvolutions(), oracle, AUTOTUNE);
        assertThat(calls(c, LibraryCall.Reorder.class)).hasSize(2); // in and out only
    }

    @Test
    void overlappingLiveBuffersAreFound() {
        Net n = new Net();
        Value a = n.relu(n.conv(n.arg(1, 16, 5, 5), 16, 3, 1, 1));
        Value b = n.relu(n.conv(a, 16, 3, 1, 1));
        Graph g = n.g.build(n.conv(n.g.call("aten.cat", List.of(a, b), 1), 16, 1, 1, 1));
        FakeLoops loops = new FakeLoops();
        KernelGraph kernels =
                new Lowering(loops::group, false)
                        .lower(
                                new org.ipex4j.compiler.decompose.Decompose(
                                                false, t -> t == DType.FLOAT32)
                                        .run(g));
        LaidOutGraph laid =
                LayoutAssignment.assign(
                        kernels,
                        new org.ipex4j.compiler.decompose.Decompose(false, t -> t == DType.FLOAT32)
                                .run(g),
                        Phases.ONE,
                        CompileOptions.DEFAULT,
                        CompilerTest.TARGET,
                        new FakeOracle());
        List<Scheduled> steps =
                laid.nodes().stream().map(x -> new Scheduled(x, Optional.empty(), 0)).toList();
        List<Value> inputs =
                g.inputs().stream()
                        .map(
                                in ->
                                        laid.inputs().stream()
                                                .filter(l -> l.name().equals(in.name()))
                                                .findFirst()
                                                .orElseThrow()
                                                .value())
                        .toList();
        Program program =
                new Program(
                        inputs,
                        steps,
                        laid.outputs().stream().map(laid::root).toList(),
                        Map.of(),
                        1);
        MemoryPlan good = MemoryPlanner.plan(laid, program);
        MemoryVerifier.verify(laid, program, good);
        Map<Value, MemoryPlan.Spot> broken = new HashMap<>(good.places());
        broken.replaceAll(
                (v, s) -> s.place() instanceof Place.Arena ? new MemoryPlan.Spot(s.place(), 0) : s);
        assertThatThrownBy(
                        () ->
                                MemoryVerifier.verify(
                                        laid,
                                        program,
                                        new MemoryPlan(broken, good.scratch(), good.arenaBytes())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageMatching(".*(lies over|overwrites|share memory).*");
    }
}
