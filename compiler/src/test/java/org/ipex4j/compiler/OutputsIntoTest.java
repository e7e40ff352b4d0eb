package org.ipex4j.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.compiler.pass.StageListener;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.RandomGraphs;
import org.ipex4j.compiler.samples.UpdatingGraphs;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.Operand.Place;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.Step;
import org.junit.jupiter.api.Test;

/** Outputs that replace inputs: where they are written, in what order, and what others see. */
class OutputsIntoTest {
    private final GraphBuilder g = new GraphBuilder();

    private Value input(Role role, String name, long... sizes) {
        return g.input(role, name, TensorType.of(DType.FLOAT32, sizes));
    }

    private Value mul(Value a, double by) {
        return g.call("aten.mul.Scalar", a, by);
    }

    private Value add(Value a, Value b) {
        return g.call("aten.add.Tensor", a, b);
    }

    /** Compiles, verifies, and compares every result with the reference. */
    private static Plan check(Graph graph, Write... writes) {
        FusedLoops loops = new FusedLoops();
        CompiledGraph compiled =
                new Compiler(CompilerTest.TARGET, new FakeOracle(), loops, StageListener.NONE, true)
                        .compile(graph, CompileOptions.DEFAULT.withOutputsInto(List.of(writes)));
        List<RefTensor> inputs = RandomGraphs.inputs(graph, 3);
        List<RefTensor> expected = Interpreter.run(graph, inputs);
        List<RefTensor> actual = new PlanInterpreter(loops.known.groups).run(compiled, inputs);
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check(
                    "output " + i + " of\n" + graph,
                    expected.get(i),
                    actual.get(i),
                    RandomGraphs.SLACK);
        }
        for (Write w : writes) {
            assertThat(compiled.results().get(w.output()))
                    .isInstanceOfSatisfying(
                            CompiledGraph.Result.InputView.class,
                            v -> assertThat(v.graphInput()).isEqualTo(w.input()));
        }
        return compiled.main();
    }

    @Test
    void anOptimizerUpdateIsOneKernelInPlaceWithoutWorkingMemory() {
        Value p = input(Role.ARGUMENT, "p", 33, 7);
        Value grad = input(Role.ARGUMENT, "grad", 33, 7);
        Value m = input(Role.ARGUMENT, "m", 33, 7);
        Value rate = input(Role.ARGUMENT, "rate");
        Value velocity = add(mul(m, 0.9), grad);
        Value stepped = g.call("aten.sub.Tensor", p, g.call("aten.mul.Tensor", velocity, rate));
        Plan plan = check(g.build(stepped, velocity), new Write(0, 0), new Write(1, 2));

        assertThat(plan.steps()).hasSize(1);
        assertThat(plan.arenaBytes()).isZero();
        assertThat(plan.outputs()).isEmpty();
        assertThat(plan.steps().getFirst().operands().stream().map(o -> o.place()))
                .containsExactlyInAnyOrder(
                        new Place.In(0),
                        new Place.In(1),
                        new Place.In(2),
                        new Place.In(3),
                        new Place.In(0),
                        new Place.In(2));
    }

    @Test
    void aWriterWaitsForLaterReadersOfTheOldValue() {
        Value p = input(Role.ARGUMENT, "p", 5, 5);
        Value x = input(Role.ARGUMENT, "x", 5, 5);
        Value changed = add(p, x);
        // In graph order the product comes after the change, and reads the old value.
        Value product = g.call("aten.mm", p, x);
        Plan plan = check(g.build(changed, product), new Write(0, 0));
        assertThat(plan.steps()).hasSize(2);
        assertThat(plan.steps().getFirst()).isInstanceOf(Step.Library.class);
    }

    @Test
    void aValueThatTheNextOneNeedsIsCopiedLast() {
        Value p = input(Role.ARGUMENT, "p", 5, 5);
        Value x = input(Role.ARGUMENT, "x", 5, 5);
        Value changed = g.call("aten.mm", p, x);
        Plan plan = check(g.build(changed), new Write(0, 0));
        assertThat(plan.steps()).hasSize(2);
        assertThat(plan.arenaBytes()).isPositive();
    }

    @Test
    void aReaderOfBothVersionsForcesACopy() {
        Value p = input(Role.ARGUMENT, "p", 4, 4);
        Value x = input(Role.ARGUMENT, "x", 4, 4);
        Value changed = g.call("aten.mm", x, x);
        Value both = g.call("aten.mm", changed, p);
        check(g.build(changed, both), new Write(0, 0));
    }

    @Test
    void inputsChangePlaces() {
        Value a = input(Role.ARGUMENT, "a", 7);
        Value b = input(Role.PARAMETER, "b", 7);
        check(g.build(b, a), new Write(0, 0), new Write(1, 1));
    }

    @Test
    void whatIsNotChangedIsNotWritten() {
        Value a = input(Role.ARGUMENT, "a", 7);
        Plan plan = check(g.build(a, mul(a, 2)), new Write(0, 0));
        assertThat(plan.steps()).hasSize(1);
    }

    @Test
    void otherOutputsSeeTheOldValue() {
        Value a = input(Role.ARGUMENT, "a", 3, 7);
        Value view = g.call("aten.select.int", a, 0L, 1L);
        Value changed = mul(a, 2);
        check(g.build(a, changed, view, changed, a), new Write(1, 0));
    }

    @Test
    void oneValueReplacesTwoInputs() {
        Value a = input(Role.ARGUMENT, "a", 3, 7);
        Value b = input(Role.ARGUMENT, "b", 3, 7);
        Value sum = add(a, b);
        check(g.build(sum, sum), new Write(0, 0), new Write(1, 1));
    }

    @Test
    void aParameterThatDependsOnItselfAloneIsChangedAtEachCall() {
        Value p = input(Role.PARAMETER, "p", 3, 7);
        Value x = input(Role.ARGUMENT, "x", 3, 7);
        Value decayed = mul(p, 0.99);
        Plan plan = check(g.build(decayed, add(x, mul(decayed, 3))), new Write(0, 0));
        assertThat(
                        plan.steps().stream()
                                .flatMap(s -> s.operands().stream().map(o -> o.place()))
                                .filter(new Place.In(1)::equals))
                .hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void aShiftedReadIsNotInPlace() {
        Value p = input(Role.ARGUMENT, "p", 9, 9);
        Value turned = g.call("aten.transpose.int", p, 0L, 1L);
        check(g.build(add(p, turned)), new Write(0, 0));
    }

    @Test
    void aRowReadForOtherRowsIsNotInPlace() {
        Value p = input(Role.ARGUMENT, "p", 5);
        Value x = input(Role.ARGUMENT, "x", 5, 5);
        // Row sums of x + p read all of p for each row.
        Value sums = g.call("aten.sum.dim_IntList", add(x, p), new long[] {1}, false);
        check(g.build(sums), new Write(0, 0));
    }

    @Test
    void runningStatisticsAreChangedByTheReductionsKernel() {
        Value mean = input(Role.PARAMETER, "mean", 13);
        Value x = input(Role.ARGUMENT, "x", 7, 13, 5);
        Value now = g.call("aten.mean.dim", x, new long[] {0, 2}, false);
        Value changed = add(mul(mean, 0.9), mul(now, 0.1));
        Plan plan = check(g.build(changed), new Write(0, 0));
        assertThat(plan.steps()).hasSize(1);
        assertThat(plan.arenaBytes()).isZero();
    }

    @Test
    void stridedInputsKeepWhatLiesBetween() {
        input(Role.ARGUMENT, "p", 3);
        Value x = input(Role.ARGUMENT, "x", 5);
        Value even = g.call("aten.slice.Tensor", mul(x, 2), 0L, 0L, 5L, 2L);
        Graph graph = g.build(even);
        CompiledGraph compiled =
                new Compiler(
                                CompilerTest.TARGET,
                                new FakeOracle(),
                                new FusedLoops(),
                                StageListener.NONE,
                                true)
                        .compile(
                                graph,
                                CompileOptions.DEFAULT
                                        .withInputLayouts(
                                                List.of(
                                                        Layout.strided(new long[] {2}),
                                                        Layout.strided(new long[] {1})))
                                        .withOutputsInto(List.of(new Write(0, 0))));
        Step last = compiled.main().steps().getLast();
        assertThat(last.operands().getLast().place()).isEqualTo(new Place.In(0));
        assertThat(last.operands().getLast().type().sizes().numel()).isEqualTo(3);
    }

    @Test
    void whatCannotBeIsRefused() {
        Value p = input(Role.ARGUMENT, "p", 5);
        Value c = input(Role.CONSTANT, "c", 5);
        Value q = input(Role.ARGUMENT, "q", 3);
        Graph graph = g.build(mul(p, 2), mul(c, 2), mul(q, 2));
        assertThatThrownBy(() -> check(graph, new Write(0, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'c'")
                .hasMessageContaining("constant");
        assertThatThrownBy(() -> check(graph, new Write(2, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("output 2 into input 0 'p'")
                .hasMessageContaining("[3]");
        assertThatThrownBy(() -> check(graph, new Write(0, 0), new Write(1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> check(graph, new Write(3, 0)))
                .isInstanceOf(IndexOutOfBoundsException.class);
        CompileOptions expanded =
                CompileOptions.DEFAULT
                        .withInputLayouts(
                                List.of(
                                        Layout.strided(new long[] {0}),
                                        Layout.strided(new long[] {1}),
                                        Layout.strided(new long[] {1})))
                        .withOutputsInto(List.of(new Write(0, 0)));
        assertThatThrownBy(
                        () ->
                                new Compiler(
                                                CompilerTest.TARGET,
                                                new FakeOracle(),
                                                new FusedLoops(),
                                                StageListener.NONE,
                                                true)
                                        .compile(graph, expanded))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("overlap");
    }

    @Provide
    Arbitrary<Graph> graphs() {
        return RandomGraphs.graphs(20);
    }

    @Property(tries = 150)
    void randomGraphsKeepTheirMeaning(@ForAll("graphs") Graph graph) {
        UpdatingGraphs.Updating updating = UpdatingGraphs.of(graph);
        check(updating.graph(), updating.writes().toArray(Write[]::new));
    }
}
