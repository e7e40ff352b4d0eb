package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.api.Test;

/** Padding reads nothing beyond the edges, of whatever its kernel computes on the way. */
class PaddingKernelTest {
    private static final TensorType TYPE = TensorType.of(DType.BFLOAT16, 13, 7);
    private static final long[] EDGES = {1, 2, 0, 3};

    private final GraphBuilder g = new GraphBuilder();
    private final Value x = g.input(Input.Role.ARGUMENT, "x", TYPE);

    private Value padded(Value v, double by) {
        return g.call("aten.constant_pad_nd", v, EDGES, by);
    }

    private Value wide(Value v) {
        return g.call("aten._to_copy", v, DType.FLOAT32);
    }

    private void check(Value... outputs) {
        Graph graph = g.build(outputs);
        RefTensor in = RefTensor.build(TYPE, i -> i + 1);
        assertThat(CompiledHarness.run(graph, List.of(CompiledHarness.dense(in))))
                .isEqualTo(Interpreter.run(graph, List.of(in)));
    }

    @Test
    void ofWidenedNumbers() {
        check(padded(wide(x), 0.5));
    }

    /** The derivative of reading the last position of a sequence. */
    @Test
    void ofViewsOfWidenedNumbers() {
        Value one = g.call("aten.unsqueeze", wide(x), 1);
        Value turned = g.call("aten.permute", wide(x), new long[] {1, 0});
        check(
                g.call("aten.constant_pad_nd", one, new long[] {0, 0, 4, 0}, 0.0),
                padded(turned, -1));
    }

    @Test
    void ofWhatComesFromPositionsAlone() {
        Value row = g.call("aten.arange", 7, DType.FLOAT32);
        Value table = g.call("aten.expand", g.call("aten.square", row), new long[] {13, 7});
        check(padded(table, 2), padded(g.call("aten.unsqueeze", row, 0), 3), wide(x));
    }

    @Test
    void twice() {
        check(padded(padded(g.call("aten.permute", wide(x), new long[] {1, 0}), 1), 2));
    }

    @Test
    void ofComputedNumbers() {
        check(padded(g.call("aten.mul.Scalar", wide(x), 3.0), 1));
    }
}
