package org.ipex4j.compiler.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ipex4j.compiler.autodiff.Derivatives;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.autodiff.JointGraph;
import org.ipex4j.compiler.autodiff.SampleJoints;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.HalfSamples;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleGraphs;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every sample with floating operands of every op that has a derivative: backward of the joint
 * graph, by the reference interpreter, gives what libtorch's autograd gives. {@code
 * -Dipex.samples=REGEX} selects ops by name.
 */
class GradientsAgainstLibtorchTest {
    private static final String SELECTED = System.getProperty("ipex.samples", ".*");

    /** Samples of an op in bf16. */
    private static final int QUICK = 4;

    /** Calls that libtorch itself cannot differentiate; finite differences check them. */
    private static final Map<String, String> UNDERIVED =
            Map.of(
                    "aten.remainder.Scalar_Tensor", "not implemented",
                    "aten.copy", "not implemented",
                    "aten.atan2", "negates a bool operand",
                    "aten.scatter.src", "refuses a source larger than the index",
                    "aten.scatter_add", "refuses a source larger than the index");

    static Stream<Sample> samples() {
        return differentiable(OpSamples.all().stream());
    }

    static Stream<Sample> halves() {
        return differentiable(
                OpCatalog.all().stream()
                        // libtorch adds up to eight gradients of a corner in bf16.
                        .filter(op -> !op.name().equals("aten.reflection_pad3d"))
                        .flatMap(op -> HalfSamples.of(op).stream().limit(QUICK)));
    }

    private static Stream<Sample> differentiable(Stream<Sample> all) {
        return all.filter(s -> s.op().name().matches(SELECTED))
                .filter(s -> s.oracleGap().isEmpty())
                .filter(s -> !s.op().is(Trait.DATA_DEPENDENT))
                .filter(s -> Derivatives.limitation(s.op()).isEmpty())
                // libtorch negates the operand in uint8, where it wraps.
                .filter(s -> !s.toString().startsWith("aten.atan2 u8 and f32"))
                // Sines of multiples of pi are not quite 0 there, nor slopes at poles infinite.
                .filter(s -> !s.toString().startsWith("aten.digamma poles"))
                .filter(
                        s ->
                                s.args().allTensors().stream()
                                        .anyMatch(t -> t.type().dtype().isFloating()));
    }

    /** Some in bf16. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("halves")
    void backwardAgreesInHalf(Sample sample) {
        backwardAgrees(sample);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    void backwardAgrees(Sample sample) {
        Graph graph = SampleGraphs.of(sample);
        List<TensorType> results = graph.outputs().stream().map(v -> v.type()).toList();
        List<RefTensor> tangents = SampleJoints.tangents(sample, results);
        Oracle.Gradients torch;
        try {
            torch = Oracle.gradients(sample.op().name(), sample.reference(), tangents);
        } catch (Oracle.Refused e) {
            if (e.getMessage().contains("not implemented for 'BFloat16'")) {
                return;
            }
            assertThat(UNDERIVED)
                    .as("%s: %s", sample, e.getMessage())
                    .containsKey(sample.op().name());
            return;
        }
        List<Integer> withGradient =
                IntStream.range(0, results.size())
                        .filter(torch.differentiable()::get)
                        .boxed()
                        .toList();
        List<Integer> inputs = SampleJoints.floatingInputs(graph);
        JointGraph joint = Differentiate.joint(graph, withGradient, inputs);
        List<RefTensor> outputs =
                Interpreter.run(joint.graph(), SampleJoints.inputs(sample, joint, tangents));
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            RefTensor actual = outputs.get(joint.forwardOutputs() + i);
            RefTensor expected =
                    torch.gradients()
                            .get(inputs.get(i))
                            .orElseGet(() -> RefTensor.zeros(actual.type()));
            Optional<String> m = SampleJoints.mismatch(List.of(sample), expected, actual, 8);
            if (m.isPresent()) {
                wrong.add("gradient of operand " + inputs.get(i) + ": " + m.get());
            }
        }
        assertThat(wrong).as("%s", sample).isEmpty();
    }
}
