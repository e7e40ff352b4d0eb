package org.ipex4j.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ipex4j.compiler.pass.StageListener;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryOracle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every op's samples, compiled alone and run as planned, give what the reference says. */
class SampleCompilationTest {
    static List<String> families() {
        return OpSamples.all().stream()
                .map(s -> s.op().name())
                // Its library lowering is still to come.
                .filter(n -> !n.equals("aten.convolution_backward"))
                .distinct()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("families")
    void compiledSamplesMatchTheReference(String op) {
        Map<String, String> wrong = new TreeMap<>();
        for (Sample s : OpSamples.all()) {
            if (s.op().name().equals(op) && suits(s)) {
                try {
                    run(s, LibraryOracle.PLAIN).ifPresent(m -> wrong.put(s.toString(), m));
                    run(s, new FakeOracle()).ifPresent(m -> wrong.put(s.toString(), m));
                } catch (RuntimeException | AssertionError e) {
                    wrong.put(
                            s.toString(),
                            e
                                    + " at "
                                    + java.util.Arrays.stream(e.getStackTrace()).limit(4).toList());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    /**
     * 16-bit floats round after each op of a decomposition, random ops differ from draw to draw.
     */
    private static boolean suits(Sample s) {
        boolean halves =
                s.args().allTensors().stream().anyMatch(t -> isHalf(t.type().dtype()))
                        || s.expected().stream().anyMatch(t -> isHalf(t.dtype()));
        return !halves && !s.op().is(Trait.RANDOM) && !s.op().is(Trait.DATA_DEPENDENT);
    }

    private static boolean isHalf(DType t) {
        return t == DType.BFLOAT16 || t == DType.FLOAT16;
    }

    private static java.util.Optional<String> run(Sample s, LibraryOracle oracle) {
        GraphBuilder g = new GraphBuilder();
        List<RefTensor> inputs = new ArrayList<>();
        Args<Value> args =
                s.args()
                        .map(
                                (SampleTensor t) -> {
                                    inputs.add(t.value());
                                    return g.input(
                                            inputs.size() % 3 == 0 ? Role.PARAMETER : Role.ARGUMENT,
                                            "in" + inputs.size(),
                                            t.type());
                                });
        Graph graph = g.build(g.call(s.op(), args));
        FusedLoops loops = new FusedLoops();
        CompiledGraph compiled =
                new Compiler(CompilerTest.TARGET, oracle, loops, StageListener.NONE, true)
                        .compile(graph, CompileOptions.DEFAULT);
        List<RefTensor> actual = new PlanInterpreter(loops.known.groups).run(compiled, inputs);
        List<RefTensor> expected = s.expected();
        for (int i = 0; i < expected.size(); i++) {
            var mismatch = Closeness.mismatch(expected.get(i), actual.get(i), 30 * s.slack());
            if (mismatch.isPresent()) {
                return mismatch.map(m -> "result: " + m);
            }
        }
        return java.util.Optional.empty();
    }
}
