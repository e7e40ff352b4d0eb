package org.ipex4j.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.compiler.optimize.DjlUpdates;
import org.ipex4j.compiler.optimize.Gradient;
import org.ipex4j.compiler.optimize.Preprocessed;
import org.ipex4j.compiler.optimize.TorchUpdates;
import org.ipex4j.compiler.optimize.UpdateGraph;
import org.ipex4j.compiler.optimize.UpdateRule;
import org.ipex4j.compiler.pass.StageListener;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.Operand.Place;
import org.ipex4j.ir.plan.Step;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every optimizer becomes one kernel a parameter, in place and without working memory. */
class UpdateRulesTest {
    private static final Gradient GRADIENT = new Gradient(0.5f, 1, 0.01f);

    static Stream<UpdateRule> rules() {
        return Stream.of(
                new DjlUpdates.Sgd(0, GRADIENT),
                new DjlUpdates.Sgd(0.9f, GRADIENT),
                new DjlUpdates.Nag(0.9f, GRADIENT),
                new DjlUpdates.Adam(0.9f, 0.999f, 1e-8f, false, GRADIENT),
                new DjlUpdates.Adam(0.9f, 0.999f, 1e-8f, true, GRADIENT),
                new DjlUpdates.Adagrad(1e-8f, GRADIENT),
                new DjlUpdates.RmsProp(0.9f, 1e-8f, GRADIENT),
                new DjlUpdates.CenteredRmsProp(0.9f, 0.9f, 1e-1f, GRADIENT),
                new DjlUpdates.Adadelta(0.9f, 1e-8f, GRADIENT),
                new TorchUpdates.Sgd(0, false, 0.01),
                new TorchUpdates.Sgd(0.9, true, 0.01),
                Preprocessed.of(0.5f, 1, new TorchUpdates.Sgd(0.9, false, 0.01)),
                new TorchUpdates.Adam(0.9, 0.999, 1e-8, 0.01, false, false),
                new TorchUpdates.Adam(0.9, 0.999, 1e-8, 0.01, true, true),
                new TorchUpdates.Adagrad(1e-10, 0.01, 0.1),
                new TorchUpdates.RmsProp(0.9, 1e-1, 0.01, 0.9, true),
                new TorchUpdates.Adadelta(0.9, 1e-6, 0.01));
    }

    private record Made(Graph graph, List<Write> writes) {}

    private static Made graph(UpdateRule rule, OptionalDouble norm, long[]... sizes) {
        GraphBuilder g = new GraphBuilder();
        List<UpdateGraph.Entry> entries = new ArrayList<>();
        List<Write> writes = new ArrayList<>();
        int input = 0;
        for (long[] s : sizes) {
            TensorType type = TensorType.of(DType.FLOAT32, s);
            Value w = g.input(Input.Role.ARGUMENT, "w" + input, type);
            writes.add(new Write(writes.size(), input++));
            Value grad = g.input(Input.Role.ARGUMENT, "g" + input, type);
            input++;
            List<Value> state = new ArrayList<>();
            for (String slot : rule.state()) {
                state.add(g.input(Input.Role.ARGUMENT, slot + input, type));
                writes.add(new Write(writes.size(), input++));
            }
            List<Value> numbers = new ArrayList<>();
            for (String n : rule.numbers()) {
                numbers.add(g.input(Input.Role.ARGUMENT, n + input, TensorType.of(DType.FLOAT32)));
                input++;
            }
            entries.add(new UpdateGraph.Entry(rule, w, grad, state, numbers));
        }
        List<Value> outputs = new ArrayList<>();
        for (UpdateRule.Updated u : UpdateGraph.append(Emitter.plain(g), entries, norm)) {
            outputs.add(u.parameter());
            outputs.addAll(u.state());
        }
        return new Made(g.build(outputs), writes);
    }

    private static CompiledGraph check(Made made) {
        FusedLoops loops = new FusedLoops();
        CompiledGraph compiled =
                new Compiler(CompilerTest.TARGET, new FakeOracle(), loops, StageListener.NONE, true)
                        .compile(made.graph, CompileOptions.DEFAULT.withOutputsInto(made.writes));
        List<RefTensor> inputs = new ArrayList<>();
        int seed = 1;
        for (Input in : made.graph.inputs()) {
            int at = seed++;
            // Positive: squares are averaged in some.
            inputs.add(
                    RefTensor.build(
                            in.value().type(), i -> (float) (1.2 + Math.sin(3.0 * i + at))));
        }
        List<RefTensor> expected = Interpreter.run(made.graph, inputs);
        List<RefTensor> actual = new PlanInterpreter(loops.known.groups).run(compiled, inputs);
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check("output " + i, expected.get(i), actual.get(i), 10);
        }
        return compiled;
    }

    @ParameterizedTest
    @MethodSource("rules")
    void oneKernelInPlace(UpdateRule rule) {
        CompiledGraph compiled =
                check(graph(rule, OptionalDouble.empty(), new long[] {13, 7, 3, 3}));
        assertThat(compiled.main().steps()).hasSize(1);
        assertThat(compiled.main().arenaBytes()).isZero();
        Step kernel = compiled.main().steps().getFirst();
        assertThat(kernel.operands()).allMatch(o -> o.place() instanceof Place.In);
        assertThat(compiled.written()).hasSize(1 + rule.state().size());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void parametersOfAllRanksShareTheirCode(UpdateRule rule) {
        CompiledGraph compiled =
                check(
                        graph(
                                rule,
                                OptionalDouble.empty(),
                                new long[] {13, 7, 3, 3},
                                new long[] {207},
                                new long[] {33, 5}));
        assertThat(compiled.main().steps()).hasSize(3);
        assertThat(compiled.main().arenaBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void clippedByTheNormOfAll(UpdateRule rule) {
        check(
                graph(
                        rule,
                        OptionalDouble.of(0.5),
                        new long[] {7, 3},
                        new long[] {},
                        new long[] {5}));
    }
}
