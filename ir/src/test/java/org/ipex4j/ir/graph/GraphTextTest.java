package org.ipex4j.ir.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The text form: what is printed parses to the same graph; errors say where. */
class GraphTextTest {
    private static final TensorType MATRIX = TensorType.of(DType.FLOAT32, 2, 3);

    private static void roundTrip(Graph graph) {
        String text = GraphPrinter.print(graph);
        Graph parsed = GraphParser.parse(text);
        assertThat(GraphPrinter.print(parsed)).isEqualTo(text);
        assertThat(parsed.inputs()).isEqualTo(graph.inputs());
        assertThat(parsed.nodes()).isEqualTo(graph.nodes());
        assertThat(parsed.outputs()).isEqualTo(graph.outputs());
        GraphVerifier.verify(parsed);
    }

    @Test
    void everyKindOfArgument() {
        GraphBuilder b = new GraphBuilder();
        Value x = b.input(Input.Role.ARGUMENT, "x", MATRIX);
        Value index = b.input(Input.Role.CONSTANT, "i", TensorType.of(DType.INT64, 4));
        Value w = b.input(Input.Role.PARAMETER, "fc.weight", TensorType.of(DType.FLOAT32, 5, 3));
        b.at(new Source("layer1.0", "ResNet.java:12"));
        Value y = b.call("aten.linear", x, w, null);
        b.at(new Source("layer1.0", ""));
        Value z = b.call("aten.index.Tensor", y, Arrays.asList(null, index));
        b.at(new Source("", "Foo.java:3"));
        List<Value> sorted = b.callAll("aten.topk", z, 1, -1, true, false);
        b.at(Source.UNKNOWN);
        Value c = b.call("aten.cat", List.of(sorted.get(0), z), 1);
        Value p = b.call("aten.pad", c, new long[] {1, 0}, "constant", -2.5);
        Value s = b.call("aten.slice.Tensor", p, 0, null, Long.MAX_VALUE);
        Value t = b.call("aten.unsqueeze", b.call("aten.select.int", s, 0, -1), 0);
        List<Value> parts = b.callAll("aten.unbind.int", t);
        roundTrip(b.build(parts.getFirst(), sorted.get(1)));
    }

    @Test
    void noInputsNoOutputs() {
        roundTrip(new GraphBuilder().build());
    }

    @Property(tries = 300)
    void numbersAndNames(
            @ForAll double value, @ForAll long integer, @ForAll boolean bool, @ForAll String name) {
        GraphBuilder b = new GraphBuilder();
        Value x = b.input(Input.Role.ARGUMENT, name, MATRIX);
        for (Scalar s : List.of(Scalar.of(value), Scalar.of(integer), Scalar.of(bool))) {
            b.call("aten.constant_pad_nd", x, new long[] {1, 1}, s);
        }
        roundTrip(b.build(x));
    }

    @Test
    void specialNumbers() {
        GraphBuilder b = new GraphBuilder();
        Value x = b.input(Input.Role.ARGUMENT, "a \"quoted\" \\ name\nwith a line", MATRIX);
        for (double d :
                new double[] {
                    Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 1e-300
                }) {
            b.call("aten.constant_pad_nd", x, new long[] {0, 0}, Scalar.of(d));
        }
        roundTrip(b.build(x));
    }

    @Test
    void commentsAndFreeSpacing() {
        Graph g =
                GraphParser.parse(
                        """
                # a comment
                graph(input %7 "x": f32[2,3]) {  # inputs end here
                  %9=aten.t( %7 ):f32[3, 2]
                  # another
                  return(%9)
                }""");
        assertThat(g.nodes().getFirst().result())
                .isEqualTo(new Value(9, TensorType.of(DType.FLOAT32, 3, 2)));
    }

    static Stream<Arguments> errors() {
        return Stream.of(
                Arguments.of(
                        "graph(input %0 \"x\": f33[2]) {\n return () }",
                        "line 1, column 21: unknown dtype 'f33'"),
                Arguments.of(
                        "graph(input %0 \"x\": f32[2]) {\n %1 = aten.nope(%0) : f32[2]\n return () }",
                        "line 2, column 7: unknown op 'aten.nope'"),
                Arguments.of(
                        "graph(input %0 \"x\": f32[2]) {\n %1 = aten.t(%3) : f32[2]\n return () }",
                        "line 2, column 14: %3 is used before it is defined"),
                Arguments.of(
                        "graph(input %0 \"x\": f32[2]) {\n %0 = aten.t(%0) : f32[2]\n return () }",
                        "line 2, column 2: %0 is defined twice"),
                Arguments.of(
                        "graph(input %0 \"x\": f32[2]) {\n %1 = aten.t(%0) : f32[3]\n return () }",
                        "line 2, column 20: aten.t gives [f32[2]], not [f32[3]]"),
                Arguments.of(
                        "graph(input %0 \"x\": f32[2]) {\n %1 = aten.t(%0, 1) : f32[2]\n return () }",
                        "line 2, column 16: expected ')' after the 1 arguments of aten.t"),
                Arguments.of(
                        "graph(input %0 \"x\": f32[2]) {\n %1 = aten.select.int(%0, 0) : f32[]\n return () }",
                        "line 2, column 28: aten.select.int takes 3 arguments, found 2"),
                Arguments.of(
                        "graph(input %0 \"x\": f32[2]) {\n %1 = aten.select.int(%0, 0, 5) : f32[]\n return () }",
                        "line 2, column 7: aten.select.int: index 5 is out of range"),
                Arguments.of(
                        "graph(input %0 \"x\": f32[2]) {\n %1 = aten.select.int(%0, 0, None) : f32[]\n return () }",
                        "line 2, column 30: aten.select.int: argument 'index' must not be None"),
                Arguments.of(
                        "graph(input %0 \"x: f32[2]) { }",
                        "line 1, column 16: the string does not end"),
                Arguments.of(
                        "graph(output %0 \"x\": f32[2]) { }",
                        "line 1, column 7: expected 'input', 'param' or 'const', found 'output'"),
                Arguments.of(
                        "graph() {\n return ()",
                        "line 2, column 11: expected '}', found the end of the text"));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void errorsSayWhere(String text, String message) {
        assertThatThrownBy(() -> GraphParser.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void verifierNamesWhatIsWrong() {
        Value x = new Value(0, MATRIX);
        Input in = new Input(x, Input.Role.ARGUMENT, "x");
        Node wrongType = node("aten.t", new Value(1, MATRIX), x);
        assertThatThrownBy(
                        () ->
                                GraphVerifier.verify(
                                        new Graph(List.of(in), List.of(wrongType), List.of())))
                .hasMessage(
                        "node 0, %1 = aten.t[%0]: results are of type [f32[2, 3]], but the op gives [f32[3, 2]]");
        Node early = node("aten.alias", new Value(2, MATRIX), new Value(5, MATRIX));
        assertThatThrownBy(
                        () ->
                                GraphVerifier.verify(
                                        new Graph(List.of(in), List.of(early), List.of())))
                .hasMessageContaining("%5 is used before it is defined");
        Node again = node("aten.alias", x, x);
        assertThatThrownBy(
                        () ->
                                GraphVerifier.verify(
                                        new Graph(List.of(in), List.of(again), List.of())))
                .hasMessageContaining("%0 is defined twice");
        assertThatThrownBy(
                        () ->
                                GraphVerifier.verify(
                                        new Graph(
                                                List.of(in),
                                                List.of(),
                                                List.of(new Value(4, MATRIX)))))
                .hasMessageStartingWith("output %4");
        Input twin = new Input(new Value(3, MATRIX), Input.Role.ARGUMENT, "x");
        assertThatThrownBy(
                        () ->
                                GraphVerifier.verify(
                                        new Graph(List.of(in, twin), List.of(), List.of())))
                .hasMessage("input %3 \"x\": its name is taken by another input");
        var select = OpCatalog.get("aten.select.int");
        Args<Value> kinds =
                new Args<>(
                        select.schema(),
                        List.of(new Arg.Tensor<>(x), new Arg.Int<>(0), new Arg.Real<>(1)));
        Node badKind = new Node(select, kinds, List.of(new Value(1, MATRIX)), Source.UNKNOWN);
        assertThatThrownBy(
                        () ->
                                GraphVerifier.verify(
                                        new Graph(List.of(in), List.of(badKind), List.of())))
                .hasMessageContaining("argument 'index' should be int");
    }

    private static Node node(String op, Value result, Value operand) {
        var found = OpCatalog.get(op);
        return new Node(found, Args.of(found.schema(), operand), List.of(result), Source.UNKNOWN);
    }
}
