package org.ipex4j.compiler.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.api.Test;

class ConcatLinearTest {
    private final GraphBuilder g = new GraphBuilder();

    private Value argument(long... sizes) {
        return g.input(Input.Role.ARGUMENT, "x", new TensorType(DType.FLOAT32, Sizes.of(sizes)));
    }

    private Value parameter(long... sizes) {
        return g.input(Input.Role.PARAMETER, "p", new TensorType(DType.FLOAT32, Sizes.of(sizes)));
    }

    /** The joined graph, which computes the same. */
    private static Graph joined(Graph graph) {
        Graph joined = ConcatLinear.run(graph);
        Random random = new Random(3);
        List<RefTensor> values = new ArrayList<>();
        for (Input in : graph.inputs()) {
            values.add(RefTensor.build(in.value().type(), i -> random.nextGaussian()));
        }
        List<RefTensor> expected = Interpreter.run(graph, values);
        List<RefTensor> actual = Interpreter.run(joined, values);
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check("output " + i, expected.get(i), actual.get(i), 2);
        }
        return joined;
    }

    private static long linears(Graph graph) {
        return graph.nodes().stream().filter(n -> n.is("aten.linear")).count();
    }

    @Test
    void layersOfOneInputAreJoinedAndCutUpAgain() {
        Value x = argument(3, 2, 4);
        Value a = g.call("aten.linear", x, parameter(5, 4), parameter(5));
        Value between = g.call("aten.relu", a);
        Value b = g.call("aten.linear", x, parameter(7, 4), parameter(7));
        Graph graph = g.build(between, b, g.call("aten.linear", b, parameter(2, 7), null));
        assertThat(joined(graph).toString())
                .isEqualTo(
                        """
                        graph(
                          input %0 "x": f32[3, 2, 4],
                          param %1 "p": f32[5, 4],
                          param %2 "p": f32[5],
                          param %3 "p": f32[7, 4],
                          param %4 "p": f32[7],
                          param %5 "p": f32[2, 7]) {
                          %6 = aten.cat([%1, %3], 0) : f32[12, 4]
                          %7 = aten.cat([%2, %4], 0) : f32[12]
                          %8 = aten.linear(%0, %6, %7) : f32[3, 2, 12]
                          %9 = aten.narrow(%8, -1, 0, 5) : f32[3, 2, 5]
                          %10 = aten.narrow(%8, -1, 5, 7) : f32[3, 2, 7]
                          %11 = aten.relu(%9) : f32[3, 2, 5]
                          %12 = aten.linear(%10, %5, None) : f32[3, 2, 2]
                          return (%11, %10, %12)
                        }
                        """);
    }

    @Test
    void layersOfOtherInputsKindsAndWeightsStay() {
        Value x = argument(3, 4);
        Value other = argument(3, 4);
        Value computed = g.call("aten.relu", argument(5, 4));
        Graph graph =
                g.build(
                        g.call("aten.linear", x, parameter(5, 4), parameter(5)),
                        g.call("aten.linear", x, parameter(5, 4), null),
                        g.call("aten.linear", other, parameter(5, 4), parameter(5)),
                        g.call("aten.linear", x, computed, null),
                        g.call("aten.linear", x, parameter(4), null),
                        g.call("aten.linear", x, parameter(6, 4), parameter(1)));
        assertThat(ConcatLinear.run(graph)).isSameAs(graph);
    }

    /** Weights that are computed from parameters after the first layer are there in time. */
    @Test
    void weightsMayBeComputed() {
        Value x = argument(3, 4);
        Value p = parameter(5, 4);
        Value a = g.call("aten.linear", x, p, null);
        Value late = g.call("aten.mul.Tensor", g.call("aten.sin", parameter(2, 4)), parameter());
        Value b = g.call("aten.linear", x, late, null);
        assertThat(linears(joined(g.build(a, b, g.call("aten.linear", x, p, null))))).isEqualTo(1);
    }
}
