package org.ipex4j.compiler.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ipex4j.compiler.autodiff.Derivatives;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.autodiff.JointGraph;
import org.ipex4j.compiler.autodiff.SampleJoints;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleGraphs;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
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

    static Stream<Sample> samples() {
        return OpSamples.all().stream()
                .filter(s -> s.op().name().matches(SELECTED))
                .filter(s -> s.oracleGap().isEmpty())
                .filter(s -> !s.op().is(Trait.DATA_DEPENDENT))
                .filter(s -> Derivatives.limitation(s.op()).isEmpty())
                .filter(
                        s ->
                                s.args().allTensors().stream()
                                        .anyMatch(t -> t.type().dtype().isFloating()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    void backwardAgrees(Sample sample) {
        Graph graph = SampleGraphs.of(sample);
        List<TensorType> results = graph.outputs().stream().map(v -> v.type()).toList();
        List<RefTensor> tangents = SampleJoints.tangents(sample, results);
        Oracle.Gradients torch = Oracle.gradients(sample.op().name(), sample.reference(), tangents);
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
            Optional<String> m = Closeness.mismatch(expected, actual, slack(sample));
            if (m.isPresent()) {
                wrong.add("gradient of operand " + inputs.get(i) + ": " + m.get());
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** 16-bit floats round after every op of a formula, where libtorch rounds once. */
    private static double slack(Sample s) {
        boolean halves =
                s.args().allTensors().stream()
                        .anyMatch(
                                t ->
                                        t.type().dtype().isFloating()
                                                && t.type().dtype().byteSize() == 2);
        return s.slack() * (halves ? 4 : 8);
    }
}
