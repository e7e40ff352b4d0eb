package org.ipex4j.compiler.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PoolWorkspacesTest {
    private static final Predicate<DType> F32 = t -> t == DType.FLOAT32;

    /**
     * A pool and its derivative.
     *
     * @param givesIndices the indices are an output as well
     */
    private record Pair(
            TensorType type,
            long[] kernel,
            long[] stride,
            long[] padding,
            long[] dilation,
            boolean ceil,
            boolean givesIndices) {

        Graph graph() {
            int n = kernel.length == 1 ? 2 : kernel.length;
            String op = "aten.max_pool" + n + "d_with_indices";
            GraphBuilder g = new GraphBuilder();
            Value x = g.input(Input.Role.ARGUMENT, "x", type);
            List<Value> y = g.callAll(op, x, kernel, stride, padding, dilation, ceil);
            Value tangent = g.input(Input.Role.ARGUMENT, "tangent0", y.getFirst().type());
            Value grad =
                    g.call(
                            op + "_backward",
                            tangent,
                            x,
                            kernel,
                            stride,
                            padding,
                            dilation,
                            ceil,
                            y.get(1));
            List<Value> outputs = new ArrayList<>(List.of(y.getFirst(), grad));
            if (givesIndices) {
                outputs.add(y.get(1));
            }
            return g.build(outputs);
        }
    }

    private static long[] l(long... values) {
        return values;
    }

    private static TensorType f32(long... sizes) {
        return TensorType.of(DType.FLOAT32, sizes);
    }

    static Stream<Pair> pairs() {
        return Stream.of(
                new Pair(f32(2, 3, 9, 8), l(3, 3), l(2, 2), l(1, 1), l(1, 1), false, false),
                new Pair(f32(2, 3, 8, 9), l(3), l(2), l(1), l(1), true, false),
                new Pair(f32(3, 8, 9), l(2, 3), l(), l(0, 1), l(1), false, false),
                new Pair(f32(2, 5, 6, 7), l(2, 2, 2), l(2), l(1), l(1), true, false),
                new Pair(
                        f32(1, 2, 5, 6, 7),
                        l(2, 3, 2),
                        l(2, 1, 2),
                        l(1, 1, 0),
                        l(1),
                        false,
                        false));
    }

    private static List<RefTensor> inputs(Graph g) {
        Random random = new Random(3);
        return g.inputs().stream()
                .map(in -> RefTensor.build(in.value().type(), i -> random.nextInt(-3, 4)))
                .toList();
    }

    private static List<String> ops(Graph g) {
        return g.nodes().stream().map(n -> n.op().name()).toList();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aPoolAndItsDerivativeShareAWorkspace(Pair p) {
        Graph before = p.graph();
        Graph after = new PoolWorkspaces(F32).run(before);
        assertThat(ops(after))
                .contains("ipex.max_pool_training", "ipex.max_pool_backward")
                .noneMatch(op -> op.contains("with_indices"));
        List<RefTensor> inputs = inputs(before);
        List<RefTensor> expected = Interpreter.run(before, inputs);
        List<RefTensor> actual = Interpreter.run(after, inputs);
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check("output " + i, expected.get(i), actual.get(i), 1);
        }
    }

    @Test
    void theInputIsNotNeededForTheDerivative() {
        Graph after = new PoolWorkspaces(F32).run(pairs().findFirst().orElseThrow().graph());
        Value x = after.inputs().getFirst().value();
        assertThat(after.users(x)).hasSize(1);
    }

    @Test
    void whatTheLibraryCannotDoStays() {
        Pair p = pairs().findFirst().orElseThrow();
        Pair bf16 =
                new Pair(
                        TensorType.of(DType.BFLOAT16, 2, 3, 9, 8),
                        p.kernel,
                        p.stride,
                        p.padding,
                        p.dilation,
                        false,
                        false);
        Pair read = new Pair(p.type, p.kernel, p.stride, p.padding, p.dilation, false, true);
        Pair dilated = new Pair(p.type, p.kernel, p.stride, p.padding, l(2), false, false);
        Pair large = new Pair(f32(1, 1, 20, 20), l(16), l(4), l(1), l(1), false, false);
        for (Pair other : List.of(bf16, read, dilated, large)) {
            Graph graph = other.graph();
            assertThat(new PoolWorkspaces(F32).run(graph)).isSameAs(graph);
        }
        Graph graph = p.graph();
        assertThat(new PoolWorkspaces(t -> false).run(graph)).isSameAs(graph);
    }

    @Test
    void theDerivativeOfAnotherPoolKeepsTheIndices() {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", f32(1, 1, 6, 6));
        Value other = g.input(Input.Role.ARGUMENT, "other", f32(1, 1, 7, 7));
        Value tangent = g.input(Input.Role.ARGUMENT, "tangent0", f32(1, 1, 3, 3));
        List<Value> y = g.callAll("aten.max_pool2d_with_indices", x, l(2));
        Graph graph =
                g.build(
                        y.getFirst(),
                        g.call(
                                "aten.max_pool2d_with_indices_backward",
                                tangent,
                                other,
                                l(2),
                                l(2),
                                l(0),
                                l(1),
                                false,
                                y.get(1)));
        assertThat(new PoolWorkspaces(F32).run(graph)).isSameAs(graph);
    }
}
