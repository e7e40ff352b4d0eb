package org.ipex4j.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Predicate;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ipex4j.compiler.pass.StageListener;
import org.ipex4j.compiler.phase.RandomJoints;
import org.ipex4j.compiler.phase.TrainingGraphs;
import org.ipex4j.compiler.phase.TrainingGraphs.Training;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.RandomGraphs;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphParser;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.Step;
import org.junit.jupiter.api.Test;

/** Plans of training, run phase by phase on bytes as laid out. */
class PhasedPlansTest {
    private static CompiledGraph check(Training training, LibraryOracle oracle) {
        Graph graph = training.graph();
        FusedLoops loops = new FusedLoops();
        CompiledGraph compiled =
                new Compiler(CompilerTest.TARGET, oracle, loops, StageListener.NONE, true)
                        .compile(graph, CompileOptions.DEFAULT.withOutputsInto(training.writes()));
        List<RefTensor> inputs = RandomGraphs.inputs(graph, 7);
        List<RefTensor> expected = Interpreter.run(graph, inputs);
        List<RefTensor> actual =
                new PlanInterpreter(loops.known.groups)
                        .run(compiled, inputs, i -> graph.inputs().get(i).role().phase());
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check(
                    "output " + i + " of\n" + graph,
                    expected.get(i),
                    actual.get(i),
                    RandomGraphs.SLACK);
        }
        return compiled;
    }

    /** A copy into another layout that forward does not need would only cost forward memory. */
    private static void layoutChangesAreMadeWhereTheyAreRead(Plan plan) {
        int forward = plan.phaseEnds().getFirst();
        for (int i = 0; i < forward; i++) {
            if (!(plan.steps().get(i) instanceof Step.Library l)
                    || !(l.call() instanceof LibraryCall.Reorder)) {
                continue;
            }
            Operand made = l.operands().getLast();
            boolean read = !(made.place() instanceof Operand.Place.Arena);
            for (Step later : plan.steps().subList(i + 1, forward)) {
                read |= later.operands().contains(made);
            }
            assertThat(read).as("%s is read in forward", l.label()).isTrue();
        }
    }

    @Provide
    Arbitrary<Graph> graphs() {
        return RandomGraphs.graphs(20);
    }

    @Property(tries = 80)
    void blockedRandomGraphs(@ForAll("graphs") Graph graph) {
        RandomJoints.of(graph).ifPresent(t -> check(t, new FakeOracle()));
    }

    @Property(tries = 60)
    void plainRandomGraphs(@ForAll("graphs") Graph graph) {
        RandomJoints.of(graph).ifPresent(t -> check(t, LibraryOracle.PLAIN));
    }

    /** A weight that the product it makes replaces, and that backward needs. */
    @Test
    void aReplacedWeightThatBackwardReads() {
        Graph forward =
                GraphParser.parse(
                        """
                        graph(
                          input %0 "row": f32[1, 1],
                          input %1 "weight": f32[1, 1],
                          input %2 "bias": f32[1]) {
                          %3 = aten.mul.Scalar(%0, -1.5) : f32[1, 1]
                          %4 = aten.tanh(%3) : f32[1, 1]
                          %5 = aten.linear(%3, %1, %2) : f32[1, 1]
                          return (%4, %5)
                        }
                        """);
        check(RandomJoints.of(forward).orElseThrow(), LibraryOracle.PLAIN);
        check(RandomJoints.of(forward).orElseThrow(), new FakeOracle());
    }

    private static Predicate<BufferType> blockedOrSmall() {
        return t -> !t.layout().isPlain() || t.sizes().get(1) <= 4;
    }

    /** From the first convolution to the last, images lie in blocks, forwards and backwards. */
    @Test
    void aResidualNetworkStaysInBlocks() {
        CompiledGraph compiled = check(TrainingGraphs.resNet(2, 33), new FakeOracle());
        Plan plan = compiled.main();
        layoutChangesAreMadeWhereTheyAreRead(plan);
        int convolutions = 0;
        int changes = 0;
        for (Step s : plan.steps()) {
            if (!(s instanceof Step.Library l)) {
                continue;
            }
            switch (l.call()) {
                case LibraryCall.Convolution c -> {
                    convolutions++;
                    assertThat(List.of(c.source(), c.output())).allMatch(blockedOrSmall());
                }
                case LibraryCall.ConvolutionBackwardData c -> {
                    convolutions++;
                    assertThat(List.of(c.inputs().getFirst(), c.output()))
                            .allMatch(blockedOrSmall());
                }
                case LibraryCall.ConvolutionBackwardWeights c -> {
                    convolutions++;
                    assertThat(c.inputs()).allMatch(blockedOrSmall());
                }
                case LibraryCall.Reorder r ->
                        changes += r.inputs().getFirst().sizes().get(0) == 2 ? 1 : 0;
                default -> {}
            }
        }
        // Six each; the first one's input needs no gradient.
        assertThat(convolutions).isEqualTo(6 + 5 + 6);
        assertThat(changes).as("layout changes of images").isZero();
        // The tail, a mean over pixels, reads blocks; its gradient is spread over blocks.
        for (Step s : plan.steps()) {
            for (Operand o : s.operands()) {
                boolean image =
                        o.type().sizes().rank() == 4
                                && o.type().sizes().get(0) == 2
                                && o.type().sizes().get(2) > 1
                                && o.type().sizes().get(1) >= 16;
                assertThat(image && o.type().layout().isPlain())
                        .as("%s in %s", o.type(), s.label())
                        .isFalse();
            }
        }
    }
}
