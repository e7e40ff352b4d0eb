package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Max pools and their gradients, compiled together and run in each format of activations. */
class PoolTrainingExecutionTest {
    /** A max pool of a tensor of these sizes. */
    private record Pool(
            String op, long[] in, long[] kernel, long[] stride, long[] pad, boolean ceil) {
        /** The pool of a ReLU, whose zeros are ties, with the gradient of its input. */
        Graph joint() {
            GraphBuilder g = new GraphBuilder();
            Value x = g.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, in));
            Value y = g.call(op, g.call("aten.relu", x), kernel, stride, pad, 1L, ceil);
            return Differentiate.joint(g.build(g.call("aten.tanh", y)), List.of(0), List.of(0))
                    .graph();
        }

        /**
         * Negative infinity where no window sees only that: for such a window the library gives the
         * lowest finite number, as {@code LibraryNaN} says.
         */
        double lowest() {
            boolean small = Arrays.stream(kernel).reduce(1, (a, b) -> a * b) < 9;
            boolean cut = ceil || Arrays.stream(pad).anyMatch(p -> p > 0);
            return small && cut && kernel.length > 1 ? -9 : Double.NEGATIVE_INFINITY;
        }

        /** The pool alone. */
        Graph bare() {
            GraphBuilder g = new GraphBuilder();
            Value x = g.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, in));
            Value y = g.call(op, x, kernel, stride, pad, 1L, ceil);
            return Differentiate.joint(g.build(y), List.of(0), List.of(0)).graph();
        }
    }

    private static long[] l(long... values) {
        return values;
    }

    static Stream<Object[]> cases() {
        return Stream.of(
                        new Pool(
                                "aten.max_pool2d",
                                l(2, 33, 13, 7),
                                l(3, 3),
                                l(2, 2),
                                l(1, 1),
                                false),
                        new Pool(
                                "aten.max_pool2d", l(1, 32, 8, 9), l(3, 2), l(2, 2), l(1, 0), true),
                        new Pool(
                                "aten.max_pool2d",
                                l(2, 3, 17, 15),
                                l(2, 2),
                                l(1, 2),
                                l(1, 1),
                                false),
                        new Pool("aten.max_pool2d", l(16, 9, 8), l(2, 2), l(2, 2), l(0, 0), true),
                        new Pool("aten.max_pool1d", l(2, 16, 17), l(3), l(2), l(1), false),
                        new Pool(
                                "aten.max_pool3d",
                                l(1, 16, 5, 6, 7),
                                l(2, 3, 2),
                                l(2, 1, 2),
                                l(1, 1, 0),
                                false))
                .flatMap(
                        p ->
                                Stream.of("plain", "last", "blocks")
                                        .map(format -> new Object[] {p, format}));
    }

    /** The runtime's oracle, which refuses pools in other formats and remembers those it took. */
    private static LibraryOracle only(String format, Set<String> taken) {
        LibraryOracle real = Runtime.instance().oracle();
        return new LibraryOracle() {
            @Override
            public Optional<Choice> choose(LibraryCall call) {
                boolean pool =
                        call instanceof LibraryCall.Pooling
                                || call instanceof LibraryCall.PoolingBackward;
                if (pool && !isIn(format, call.output())) {
                    return Optional.empty();
                }
                Optional<Choice> choice = real.choose(call);
                choice.filter(c -> pool)
                        .ifPresent(c -> taken.add(call.kind() + " " + c.implementation()));
                return choice;
            }

            @Override
            public double measure(LibraryCall call) {
                return real.measure(call);
            }
        };
    }

    private static boolean isIn(String format, BufferType t) {
        return switch (format) {
            case "plain" -> t.layout().isContiguous(t.sizes());
            case "last" -> t.layout().isChannelsLast(t.sizes());
            default -> !t.layout().isPlain();
        };
    }

    /** Small integers, for many ties; some windows begin with the lowest value. */
    private static List<SampleTensor> inputs(Graph g, double lowest) {
        Random random = new Random(5);
        List<SampleTensor> out = new ArrayList<>();
        for (Input in : g.inputs()) {
            boolean first = out.isEmpty();
            out.add(
                    CompiledHarness.dense(
                            RefTensor.build(
                                    in.value().type(),
                                    i -> first && i % 5 == 0 ? lowest : random.nextInt(-4, 5))));
        }
        return out;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsGoToTheFirstMaximum(Pool p, String format) {
        for (Graph g : List.of(p.joint(), p.bare())) {
            List<SampleTensor> inputs = inputs(g, p.lowest());
            List<RefTensor> expected =
                    Interpreter.run(g, inputs.stream().map(SampleTensor::value).toList());
            Set<String> taken = new TreeSet<>();
            List<RefTensor> actual = CompiledHarness.run(g, inputs, only(format, taken));
            assertThat(taken).anyMatch(c -> c.startsWith("pooling_backward"));
            for (int i = 0; i < expected.size(); i++) {
                Closeness.check("output " + i, expected.get(i), actual.get(i), 8);
            }
        }
    }
}
