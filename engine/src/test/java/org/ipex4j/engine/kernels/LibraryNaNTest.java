package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.CompileOptions.FloatMode;
import org.ipex4j.compiler.CompileReport;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.compiler.kernel.LibraryNaN;
import org.ipex4j.compiler.oracle.Oracle;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.Executable;
import org.junit.jupiter.api.Test;

/** NaN in the input of library calls, against libtorch. */
class LibraryNaNTest {
    /** An op after a convolution or linear, by its name, with its arguments after the first. */
    private static final Map<String, Object[]> ACTIVATIONS =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("aten.relu", new Object[0]),
                            Map.entry("aten.leaky_relu", new Object[0]),
                            Map.entry("aten.relu6", new Object[0]),
                            Map.entry("aten.clamp", new Object[] {-0.5, 0.5}),
                            Map.entry("aten.hardswish", new Object[0]),
                            Map.entry("aten.hardsigmoid", new Object[0]),
                            Map.entry("aten.elu", new Object[0]),
                            Map.entry("aten.gelu", new Object[0]),
                            Map.entry("aten.tanh", new Object[0]),
                            Map.entry("aten.sigmoid", new Object[0]),
                            Map.entry("aten.silu", new Object[0]),
                            Map.entry("aten.mish", new Object[0]),
                            Map.entry("aten.abs", new Object[0]),
                            Map.entry("aten.neg", new Object[0])));

    @Test
    void postOpsKeepNaNWhereNothingElseIsDeclared() {
        ACTIVATIONS.forEach(
                (op, more) -> {
                    boolean limited = LibraryNaN.limitation(OpCatalog.get(op)).isPresent();
                    for (Graph g : List.of(convolution(op, more), linear(op, more))) {
                        assertThat(mismatch(g, FloatMode.FAST_REDUCTIONS).isPresent())
                                .as("%s gives a number for NaN", op)
                                .isEqualTo(limited);
                        assertThat(mismatch(g, FloatMode.STRICT)).as(op).isEmpty();
                    }
                });
    }

    @Test
    void maxPoolsDropNaNAsDeclared() {
        for (int n = 1; n <= 3; n++) {
            assertThat(LibraryNaN.limitation(OpCatalog.get("aten.max_pool" + n + "d"))).isPresent();
            assertThat(mismatch(pool(n), FloatMode.FAST_REDUCTIONS)).isPresent();
            assertThat(mismatch(pool(n), FloatMode.STRICT)).as("max_pool%dd", n).isEmpty();
        }
    }

    /** The pool's windows are counted over a row-major copy of what the convolution wrote. */
    @Test
    void strictPoolsReadConvolutionsOfAnyLayout() {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", f32(2, 16, 9, 9));
        Value w = g.input(Input.Role.PARAMETER, "w", f32(32, 16, 2, 2));
        Value y = g.call("aten.relu", g.call("aten.conv2d", x, w));
        long[] two = {2, 2};
        Graph pooled = g.build(g.call("aten.max_pool2d", y, two, two));
        assertThat(mismatch(pooled, FloatMode.STRICT)).isEmpty();
    }

    @Test
    void strictGraphsLeaveOnlyWhatDropsNaNToKernels() {
        Graph relu = convolution("aten.relu");
        assertThat(report(relu, FloatMode.FAST_REDUCTIONS).groups()).isEmpty();
        assertThat(report(relu, FloatMode.STRICT).groups()).hasSize(1);
        assertThat(report(convolution("aten.silu"), FloatMode.STRICT).groups()).isEmpty();
    }

    private static Value activation(GraphBuilder g, Value x, String op, Object[] more) {
        Object[] args = new Object[more.length + 1];
        args[0] = x;
        System.arraycopy(more, 0, args, 1, more.length);
        return g.call(op, args);
    }

    private static Graph convolution(String op, Object... more) {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", f32(2, 16, 9, 9));
        Value w = g.input(Input.Role.PARAMETER, "w", f32(32, 16, 3, 3));
        Value y = g.call("aten.conv2d", x, w);
        return g.build(activation(g, y, op, more));
    }

    private static Graph linear(String op, Object... more) {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", f32(3, 40));
        Value w = g.input(Input.Role.PARAMETER, "w", f32(24, 40));
        return g.build(activation(g, g.call("aten.linear", x, w), op, more));
    }

    private static Graph pool(int n) {
        GraphBuilder g = new GraphBuilder();
        long[] sizes = {2, 16, 9, 8, 7};
        Value x = g.input(Input.Role.ARGUMENT, "x", f32(java.util.Arrays.copyOf(sizes, 2 + n)));
        long[] three = new long[n];
        long[] two = new long[n];
        long[] one = new long[n];
        java.util.Arrays.fill(three, 3);
        java.util.Arrays.fill(two, 2);
        java.util.Arrays.fill(one, 1);
        return g.build(g.call("aten.max_pool" + n + "d", x, three, two, one, one, true));
    }

    private static TensorType f32(long... sizes) {
        return new TensorType(DType.FLOAT32, Sizes.of(sizes));
    }

    /** Small numbers, and some NaN in the argument. */
    private static RefTensor value(Input in) {
        boolean argument = in.role() == Input.Role.ARGUMENT;
        return RefTensor.build(
                in.value().type(),
                i -> argument && i % 97 == 5 ? Double.NaN : ((i * 37 + 11) % 101 - 50) / 200.0);
    }

    private static Optional<String> mismatch(Graph graph, FloatMode mode) {
        List<RefTensor> inputs = graph.inputs().stream().map(LibraryNaNTest::value).toList();
        RefTensor expected = Oracle.run(graph, inputs).getFirst();
        assertThat(expected.toDoubles()).contains(Double.NaN);
        CompileReport report = report(graph, mode);
        Tensor[] given =
                inputs.stream().map(RandomGraphExecutionTest::tensor).toArray(Tensor[]::new);
        try (Executable executable = Executable.load(report.compiled());
                Tensor result = executable.run(given, null)[0]) {
            return Closeness.mismatch(expected, RandomGraphExecutionTest.reference(result), 100);
        } finally {
            for (Tensor t : given) {
                t.close();
            }
        }
    }

    private static CompileReport report(Graph graph, FloatMode mode) {
        Runtime runtime = Runtime.instance();
        CompileOptions options = CompileOptions.DEFAULT.withFloatMode(mode);
        return new Compiler(runtime.target(), runtime.oracle())
                .verifying()
                .compileWithReport(graph, options);
    }
}
