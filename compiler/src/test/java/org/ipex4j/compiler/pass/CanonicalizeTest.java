package org.ipex4j.compiler.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.BiFunction;
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

class CanonicalizeTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    /** The ops that are left of a function of one f32 tensor; its values are unchanged. */
    private static List<String> ops(BiFunction<GraphBuilder, Value, Value> body) {
        TensorType type = new TensorType(DType.FLOAT32, Sizes.of(20));
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        Graph graph = g.build(body.apply(g, x));
        Graph simple = new DeadCode().run(new Canonicalize().run(graph));
        RefTensor values =
                RefTensor.build(
                        type,
                        i ->
                                switch (i) {
                                    case 0 -> Double.NaN;
                                    case 1 -> INFINITY;
                                    default -> (i - 10) * 0.93;
                                });
        Closeness.check(
                "result",
                Interpreter.run(graph, List.of(values)).getFirst(),
                Interpreter.run(simple, List.of(values)).getFirst(),
                2);
        return simple.nodes().stream().map(n -> n.op().name()).toList();
    }

    private static Value full(GraphBuilder g, double c) {
        return g.call("aten.full", new long[0], c, DType.FLOAT32);
    }

    private static Value relu6(GraphBuilder g, Value x) {
        return g.call("aten.minimum", g.call("aten.relu", x), full(g, 6));
    }

    private static Value plus3(GraphBuilder g, Value x) {
        return g.call("aten.add.Tensor", x, full(g, 3));
    }

    private static Value dividedBy6(GraphBuilder g, Value x) {
        return g.call("aten.div.Tensor", x, full(g, 6));
    }

    @Test
    void limitsBecomeOneClamp() {
        assertThat(ops(CanonicalizeTest::relu6)).containsExactly("aten.clamp");
        assertThat(ops((g, x) -> g.call("aten.maximum", full(g, -1), relu6(g, x))))
                .containsExactly("aten.clamp");
        assertThat(ops((g, x) -> g.call("aten.hardtanh", g.call("aten.hardtanh", x), -2.0, 0.5)))
                .containsExactly("aten.clamp");
    }

    @Test
    void limitsThatCrossStayTwo() {
        assertThat(ops((g, x) -> g.call("aten.minimum", g.call("aten.relu", x), full(g, -1))))
                .containsExactly("aten.relu", "aten.clamp");
        assertThat(ops((g, x) -> g.call("aten.minimum", x, full(g, Double.NaN))))
                .containsExactly("aten.full", "aten.minimum");
    }

    @Test
    void hardActivationsAreRecognised() {
        assertThat(ops((g, x) -> dividedBy6(g, relu6(g, plus3(g, x)))))
                .containsExactly("aten.hardsigmoid");
        assertThat(
                        ops(
                                (g, x) ->
                                        dividedBy6(
                                                g,
                                                g.call(
                                                        "aten.mul.Tensor",
                                                        x,
                                                        relu6(g, plus3(g, x))))))
                .containsExactly("aten.hardswish");
        assertThat(
                        ops(
                                (g, x) ->
                                        g.call(
                                                "aten.mul.Tensor",
                                                dividedBy6(g, relu6(g, plus3(g, x))),
                                                x)))
                .containsExactly("aten.hardswish");
    }

    @Test
    void whatOnlyLooksLikeThemStays() {
        assertThat(
                        ops(
                                (g, x) ->
                                        dividedBy6(
                                                g,
                                                g.call(
                                                        "aten.mul.Tensor",
                                                        g.call("aten.neg", x),
                                                        relu6(g, plus3(g, x))))))
                .doesNotContain("aten.hardswish");
        assertThat(ops((g, x) -> dividedBy6(g, relu6(g, g.call("aten.add.Tensor", x, full(g, 2))))))
                .doesNotContain("aten.hardsigmoid");
    }

    @Test
    void castsThereAndBack() {
        assertThat(
                        ops(
                                (g, x) ->
                                        g.call(
                                                "aten.relu",
                                                to(g, to(g, x, DType.FLOAT64), DType.FLOAT32))))
                .containsExactly("aten.relu");
        // This one rounds.
        assertThat(ops((g, x) -> to(g, to(g, x, DType.BFLOAT16), DType.FLOAT32)))
                .containsExactly("aten._to_copy", "aten._to_copy");
    }

    @Test
    void aPartOfACastTensorIsCutOutBefore() {
        assertThat(
                        ops(
                                (g, x) ->
                                        g.call(
                                                "aten.slice.Tensor",
                                                to(g, x, DType.BFLOAT16),
                                                0L,
                                                0L,
                                                7L,
                                                1L)))
                .containsExactly("aten.slice.Tensor", "aten._to_copy");
    }

    private static Value to(GraphBuilder g, Value x, DType type) {
        return g.call("aten._to_copy", x, type);
    }
}
