package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
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
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Forward and backward of every op's floating samples, compiled together as one joint graph and run
 * natively, give what the reference interpreter says of that graph. {@code -Dipex.samples=REGEX}
 * selects ops by name.
 */
class CompiledGradientsTest {
    private static final String SELECTED = System.getProperty("ipex.samples", ".*");

    /** Samples of an op that the quick tests take. */
    private static final int QUICK = 3;

    @TestFactory
    Stream<DynamicTest> someOfEveryOp() {
        return tests(OpSamples::of, QUICK);
    }

    /** One of every op in bf16. */
    @TestFactory
    Stream<DynamicTest> oneOfEveryOpInHalf() {
        return tests(HalfSamples::of, 1);
    }

    @Tag("slow")
    @TestFactory
    Stream<DynamicTest> allOfEveryOp() {
        return tests(OpSamples::of, Integer.MAX_VALUE);
    }

    private static Stream<DynamicTest> tests(Function<Op, List<Sample>> samples, int most) {
        return OpCatalog.all().stream()
                .filter(op -> op.name().matches(SELECTED))
                .filter(op -> !op.is(Trait.DATA_DEPENDENT) && !op.is(Trait.RANDOM))
                .filter(op -> Derivatives.limitation(op).isEmpty() && !Derivatives.isZero(op))
                .filter(op -> !floating(samples.apply(op)).isEmpty())
                .map(
                        op ->
                                DynamicTest.dynamicTest(
                                        op.name(), () -> check(samples.apply(op), most)));
    }

    private static List<Sample> floating(List<Sample> samples) {
        return samples.stream()
                .filter(
                        s ->
                                s.args().allTensors().stream()
                                        .anyMatch(CompiledGradientsTest::isFloating))
                .filter(s -> s.expected().stream().anyMatch(r -> r.dtype().isFloating()))
                .toList();
    }

    private static boolean isFloating(SampleTensor t) {
        return t.type().dtype().isFloating();
    }

    private static void check(List<Sample> all, int most) {
        floating(all).stream()
                .limit(most)
                .collect(Collectors.partitioningBy(CompiledSamplesTest::isStrict))
                .values()
                .stream()
                .filter(s -> !s.isEmpty())
                .forEach(CompiledGradientsTest::check);
    }

    private static void check(List<Sample> samples) {
        Map<String, String> wrong = new TreeMap<>();
        if (mismatch(samples).isPresent()) {
            for (Sample s : samples) {
                mismatch(List.of(s)).ifPresent(m -> wrong.put(s.toString(), m));
            }
            if (wrong.isEmpty()) {
                mismatch(samples).ifPresent(m -> wrong.put("all samples in one graph", m));
            }
        }
        assertThat(wrong).isEmpty();
    }

    /**
     * A joint graph of some samples.
     *
     * @param inputs the samples' tensors, then tangents
     */
    private record Joint(JointGraph joint, List<SampleTensor> inputs) {
        /** Each sample's call, with its operands and tangents as {@code held}. */
        static Joint of(List<Sample> samples, UnaryOperator<SampleTensor> held) {
            GraphBuilder g = new GraphBuilder();
            List<SampleTensor> inputs = new ArrayList<>();
            List<Value> outputs = new ArrayList<>();
            List<RefTensor> tangents = new ArrayList<>();
            for (Sample s : samples) {
                Args<Value> args =
                        s.args()
                                .map(
                                        t -> {
                                            inputs.add(held.apply(t));
                                            return g.input(
                                                    Input.Role.ARGUMENT,
                                                    "in" + inputs.size(),
                                                    inputs.getLast().type());
                                        });
                outputs.addAll(g.call(s.op(), args));
                tangents.addAll(
                        SampleJoints.tangents(s, s.op().infer(s.args().map(SampleTensor::type))));
            }
            Graph forward = g.build(outputs);
            List<Integer> withGradient =
                    IntStream.range(0, outputs.size())
                            .filter(i -> outputs.get(i).type().dtype().isFloating())
                            .boxed()
                            .toList();
            JointGraph joint =
                    Differentiate.joint(
                            forward, withGradient, SampleJoints.floatingInputs(forward));
            withGradient.forEach(
                    o -> inputs.add(held.apply(CompiledHarness.dense(tangents.get(o)))));
            return new Joint(joint, inputs);
        }

        /** By the reference interpreter, which rounds after each op. */
        List<RefTensor> gradients() {
            List<RefTensor> out =
                    Interpreter.run(
                            joint.graph(), inputs.stream().map(SampleTensor::value).toList());
            return out.subList(joint.forwardOutputs(), out.size());
        }
    }

    private static SampleTensor widened(SampleTensor t) {
        return isHalf(t) ? new SampleTensor(t.value().to(DType.FLOAT32), t.strides()) : t;
    }

    private static boolean isHalf(SampleTensor t) {
        return isFloating(t) && t.type().dtype().byteSize() == 2;
    }

    /** Some samples as one graph. */
    private static Optional<String> mismatch(List<Sample> samples) {
        Joint joint = Joint.of(samples, t -> t);
        List<RefTensor> expected = joint.gradients();
        try {
            Graph graph = joint.joint.graph();
            List<RefTensor> all =
                    samples.stream().anyMatch(CompiledSamplesTest::isStrict)
                            ? CompiledHarness.runStrict(graph, joint.inputs)
                            : CompiledHarness.run(graph, joint.inputs);
            List<RefTensor> actual = all.subList(joint.joint.forwardOutputs(), all.size());
            Optional<String> m = mismatch(samples, expected, actual);
            if (m.isPresent() && joint.inputs.stream().anyMatch(CompiledGradientsTest::isHalf)) {
                // Rounding each op's result to 16 bits may leave nothing right where terms cancel;
                // a kernel rounds its last.
                expected = Joint.of(samples, CompiledGradientsTest::widened).gradients();
                m = mismatch(samples, expected, actual);
            }
            return m;
        } catch (RuntimeException | AssertionError e) {
            return Optional.of(
                    e
                            + " at "
                            + List.of(e.getStackTrace())
                                    .subList(0, Math.min(5, e.getStackTrace().length)));
        }
    }

    private static Optional<String> mismatch(
            List<Sample> samples, List<RefTensor> expected, List<RefTensor> actual) {
        for (int i = 0; i < expected.size(); i++) {
            int at = i;
            Optional<String> m = SampleJoints.mismatch(samples, expected.get(i), actual.get(i), 16);
            if (m.isPresent()) {
                return m.map(x -> "gradient " + at + ": " + x);
            }
        }
        return Optional.empty();
    }
}
