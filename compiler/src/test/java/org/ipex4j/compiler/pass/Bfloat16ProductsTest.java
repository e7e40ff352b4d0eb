package org.ipex4j.compiler.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Bfloat16ProductsTest {
    private static TensorType type(DType dtype, long... sizes) {
        return TensorType.of(dtype, sizes);
    }

    /** A linear layer, a pointwise op, and a product with itself. */
    private static Graph graph(DType dtype) {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", type(dtype, 3, 8));
        Value w = g.input(Input.Role.PARAMETER, "w", type(dtype, 5, 8));
        Value b = g.input(Input.Role.PARAMETER, "b", type(dtype, 5));
        Value y = g.call("aten.relu", g.call("aten.linear", x, w, b));
        return g.build(List.of(g.call("aten.mm", g.call("aten.t", y), y)));
    }

    private static List<String> ops(Graph graph) {
        return graph.nodes().stream().map(n -> n.op().name() + n.result().type().dtype()).toList();
    }

    @Test
    void castsAroundProductsAlone() {
        Graph after = new Bfloat16Products(true).run(graph(DType.FLOAT32));
        String cast = "aten._to_copybfloat16";
        assertThat(ops(after))
                .containsExactly(
                        cast,
                        cast,
                        cast,
                        "aten.linearbfloat16",
                        "aten._to_copyfloat32",
                        "aten.relufloat32",
                        "aten.tfloat32",
                        cast,
                        cast,
                        "aten.mmbfloat16",
                        "aten._to_copyfloat32");
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT64", "BFLOAT16", "FLOAT16"})
    void otherTypesStay(DType dtype) {
        Graph before = graph(dtype);
        assertThat(new Bfloat16Products(true).run(before)).hasToString(before.toString());
    }

    @Test
    void nothingHappensUnlessWanted() {
        Graph before = graph(DType.FLOAT32);
        assertThat(new Bfloat16Products(false).run(before)).isSameAs(before);
    }

    @Test
    void computesTheSameUpToRounding() {
        Random random = new Random(3);
        Graph before = graph(DType.FLOAT32);
        List<RefTensor> inputs =
                before.inputs().stream()
                        .map(i -> RefTensor.build(i.value().type(), n -> random.nextGaussian()))
                        .toList();
        RefTensor exact = Interpreter.run(before, inputs).getFirst();
        RefTensor rounded =
                Interpreter.run(new Bfloat16Products(true).run(before), inputs).getFirst();
        double greatest = 0;
        double difference = 0;
        for (int i = 0; i < exact.numel(); i++) {
            greatest = Math.max(greatest, Math.abs(exact.real(i)));
            difference = Math.max(difference, Math.abs(exact.real(i) - rounded.real(i)));
        }
        assertThat(difference / greatest).isBetween(0x1p-14, 0x1p-6);
    }
}
