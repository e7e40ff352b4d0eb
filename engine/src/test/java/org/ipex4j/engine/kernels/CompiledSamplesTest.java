package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.HalfSamples;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Every op's samples, compiled together as one graph and run natively, give what the reference
 * says. {@code -Dipex.samples=REGEX} selects ops by name.
 */
class CompiledSamplesTest {
    private static final String SELECTED = System.getProperty("ipex.samples", ".*");

    /** Samples of an op in bf16 that the quick tests take. */
    private static final int QUICK = 3;

    /** oneDNN's max pools may drop NaN, where ATen's and those of strict graphs give NaN. */
    static boolean isStrict(Sample s) {
        return s.op().name().matches("aten\\.max_pool[123]d") && s.label().endsWith("special");
    }

    @TestFactory
    Stream<DynamicTest> ops() {
        return tests(OpSamples::of);
    }

    /** Some of the same in bf16. */
    @TestFactory
    Stream<DynamicTest> someInHalf() {
        return tests(op -> HalfSamples.of(op).stream().limit(QUICK).toList());
    }

    @Tag("slow")
    @TestFactory
    Stream<DynamicTest> allInHalf() {
        return tests(HalfSamples::of);
    }

    private static Stream<DynamicTest> tests(Function<Op, List<Sample>> samples) {
        return OpCatalog.all().stream()
                .filter(op -> op.name().matches(SELECTED))
                .filter(op -> !op.is(Trait.RANDOM) && !op.is(Trait.DATA_DEPENDENT))
                .filter(op -> !samples.apply(op).isEmpty())
                .map(op -> DynamicTest.dynamicTest(op.name(), () -> check(samples.apply(op))));
    }

    private static void check(List<Sample> all) {
        all.stream()
                .collect(Collectors.partitioningBy(CompiledSamplesTest::isStrict))
                .values()
                .stream()
                .filter(s -> !s.isEmpty())
                .forEach(CompiledSamplesTest::checkTogether);
    }

    private static void checkTogether(List<Sample> samples) {
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
        List<RefTensor> expected = new ArrayList<>();
        List<Sample> of = new ArrayList<>();
        for (Sample s : samples) {
            Map<SampleTensor, Value> known = new IdentityHashMap<>();
            var args =
                    s.args()
                            .map(
                                    t ->
                                            known.computeIfAbsent(
                                                    t,
                                                    k -> {
                                                        inputs.add(t);
                                                        // Some inputs as parameters, so that
                                                        // prologues run.
                                                        Input.Role role =
                                                                inputs.size() % 3 == 0
                                                                        ? Input.Role.PARAMETER
                                                                        : Input.Role.ARGUMENT;
                                                        return g.input(
                                                                role,
                                                                "in" + inputs.size(),
                                                                t.type());
                                                    }));
            outputs.addAll(g.call(s.op(), args));
            s.expected()
                    .forEach(
                            e -> {
                                expected.add(e);
                                of.add(s);
                            });
        }
        try {
            Graph graph = g.build(outputs);
            List<RefTensor> actual =
                    samples.stream().anyMatch(CompiledSamplesTest::isStrict)
                            ? CompiledHarness.runStrict(graph, inputs)
                            : CompiledHarness.run(graph, inputs);
            for (int i = 0; i < expected.size(); i++) {
                Sample s = of.get(i);
                Optional<String> m = compare(s, expected.get(i), actual.get(i));
                if (m.isPresent()) {
                    return m.map(x -> s + ": " + x);
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

    private static Optional<String> compare(Sample s, RefTensor expected, RefTensor actual) {
        return s.label().startsWith(HalfSamples.LABEL)
                ? HalfSamples.mismatch(expected, actual, slack(s))
                : Closeness.mismatch(expected, actual, slack(s));
    }

    /** 16-bit floats round after each op of a decomposition; sums are taken in another order. */
    private static double slack(Sample s) {
        boolean halves =
                s.args().allTensors().stream()
                        .anyMatch(
                                t ->
                                        t.type().dtype() == DType.BFLOAT16
                                                || t.type().dtype() == DType.FLOAT16);
        return s.slack() * (halves ? 4 : 8);
    }
}
