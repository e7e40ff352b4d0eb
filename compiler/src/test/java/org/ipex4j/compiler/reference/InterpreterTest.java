package org.ipex4j.compiler.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;
import org.junit.jupiter.api.Test;

class InterpreterTest {
    @Test
    void runsNodesInOrderAndReturnsTheOutputs() {
        GraphBuilder b = new GraphBuilder();
        Value x = b.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, 2, 2));
        Value row = b.input(Input.Role.ARGUMENT, "row", TensorType.of(DType.INT64, 2));
        Value sum = b.call("aten.add.Tensor", x, row);
        Value total = b.call("aten.sum", sum);
        Graph g = b.build(total, sum);

        List<RefTensor> out =
                Interpreter.run(
                        g,
                        List.of(
                                RefTensor.of(x.type(), 1.5, 2, 3, 4),
                                RefTensor.of(row.type(), 10L, 20L)));

        assertThat(out.get(0)).isEqualTo(RefTensor.of(TensorType.of(DType.FLOAT32), 70.5));
        assertThat(out.get(1)).isEqualTo(RefTensor.of(x.type(), 11.5, 22, 13, 24));
    }

    @Test
    void refusesAnInputOfAnotherType() {
        GraphBuilder b = new GraphBuilder();
        Value x = b.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, 2));
        Graph g = b.build(b.call("aten.relu", x));
        assertThatThrownBy(
                        () ->
                                Interpreter.run(
                                        g,
                                        List.of(
                                                RefTensor.of(
                                                        TensorType.of(DType.FLOAT64, 2),
                                                        1.0,
                                                        2.0))))
                .hasMessage("input \"x\" is f64[2], expected f32[2]");
    }

    @Test
    void holdsInt64Exactly() {
        RefTensor big = RefTensor.of(TensorType.of(DType.INT64, 1), Long.MAX_VALUE - 1);
        RefTensor out = evaluate("aten.add.Scalar", big, 1);
        assertThat(out.integer(0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void roundsToTheDType() {
        assertThat(RefTensor.of(TensorType.of(DType.FLOAT32, 1), 0.1).real(0)).isEqualTo(0.1f);
        // 1 + 2^-8 lies half-way between neighbours of bfloat16 and goes to the even one; the next
        // goes up.
        assertThat(
                        RefTensor.of(TensorType.of(DType.BFLOAT16, 2), 1 + 1 / 256.0, 1 + 3 / 256.0)
                                .toDoubles())
                .containsExactly(1, 1 + 4 / 256.0);
        assertThat(RefTensor.of(TensorType.of(DType.UINT8, 3), -1L, 256L, 300L).toLongs())
                .containsExactly(255, 0, 44);
    }

    @Test
    void castsTruncateAndSaturate() {
        RefTensor x =
                RefTensor.of(TensorType.of(DType.FLOAT32, 5), -1.9, 1e30, Double.NaN, -0.0, 3e9);
        assertThat(x.to(DType.INT32).toLongs())
                .containsExactly(-1, Integer.MAX_VALUE, 0, 0, Integer.MAX_VALUE);
        assertThat(x.to(DType.INT64).toLongs())
                .containsExactly(-1, Long.MAX_VALUE, 0, 0, 3_000_000_000L);
        assertThat(x.to(DType.BOOL).toLongs()).containsExactly(1, 1, 1, 0, 1);
    }

    @Test
    void broadcastsAndGroups() {
        assertThat(Indexing.broadcast(Sizes.of(2, 1), Sizes.of(2, 2, 3)))
                .containsExactly(0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1);
        assertThat(Indexing.groups(Sizes.of(2, 3), new boolean[] {true, false}))
                .isDeepEqualTo(new int[][] {{0, 3}, {1, 4}, {2, 5}});
        assertThat(Indexing.groups(Sizes.of(0, 3), new boolean[] {true, false}))
                .isDeepEqualTo(new int[3][0]);
    }

    private static RefTensor evaluate(String name, Object... args) {
        var op = OpCatalog.get(name);
        return ReferenceTable.evaluate(op, Args.of(op.schema(), args)).getFirst();
    }
}
