package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
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
import org.ipex4j.ir.TensorType;
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

    /** Some samples as one graph. */
    private static Optional<String> mismatch(List<Sample> samples) {
        GraphBuilder g = new GraphBuilder();
        List<SampleTensor> inputs = new ArrayList<>();
        List<Value> outputs = new ArrayList<>();
        List<RefTensor> tangents = new ArrayList<>();
        for (Sample s : samples) {
            Args<Value> args =
                    s.args()
                            .map(
                                    t -> {
                                        inputs.add(t);
                                        return g.input(
                                                Input.Role.ARGUMENT,
                                                "in" + inputs.size(),
                                                t.type());
                                    });
            List<Value> results = g.call(s.op(), args);
            outputs.addAll(results);
            List<TensorType> types = results.stream().map(Value::type).toList();
            tangents.addAll(SampleJoints.tangents(s, types));
        }
        Graph forward = g.build(outputs);
        List<Integer> withGradient =
                IntStream.range(0, outputs.size())
                        .filter(i -> outputs.get(i).type().dtype().isFloating())
                        .boxed()
                        .toList();
        JointGraph joint =
                Differentiate.joint(forward, withGradient, SampleJoints.floatingInputs(forward));
        withGradient.forEach(o -> inputs.add(CompiledHarness.dense(tangents.get(o))));
        List<RefTensor> expected =
                Interpreter.run(joint.graph(), inputs.stream().map(SampleTensor::value).toList());
        try {
            List<RefTensor> actual =
                    samples.stream().anyMatch(CompiledSamplesTest::isStrict)
                            ? CompiledHarness.runStrict(joint.graph(), inputs)
                            : CompiledHarness.run(joint.graph(), inputs);
            for (int i = joint.forwardOutputs(); i < expected.size(); i++) {
                int at = i - joint.forwardOutputs();
                Optional<String> m =
                        SampleJoints.mismatch(samples, expected.get(i), actual.get(i), 16);
                if (m.isPresent()) {
                    return m.map(x -> "gradient " + at + ": " + x);
                }
            }
            return Optional.empty();
        } catch (RuntimeException | AssertionError e) {
            return Optional.of(
                    e
                            + " at "
                            + List.of(e.getStackTrace())
                                    .subList(0, Math.min(5, e.getStackTrace().length)));
        }
    }
}
