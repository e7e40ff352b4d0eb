package org.ipex4j.compiler.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions.FloatMode;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.Target;
import org.junit.jupiter.api.Test;

/**
 * The text of a few kernels, compared with files. After a wanted change, run with {@code
 * GOLDEN_WRITE=true} in the environment and read the difference.
 */
class KernelTextTest {
    private static final Target TARGET =
            new Target("znver4", "", 64, Set.of("avx512f", "fma"), 2, 32 << 10, 1 << 20, 32 << 20);

    private static final Target HALVES =
            new Target(
                    "znver4",
                    "",
                    64,
                    Set.of("avx512f", "avx512_bf16", "fma"),
                    2,
                    32 << 10,
                    1 << 20,
                    32 << 20);

    private static LoopKernel compile(Graph graph, Map<Value, Layout> layouts) {
        return compile(graph, layouts, TARGET);
    }

    private static LoopKernel compile(Graph graph, Map<Value, Layout> layouts, Target target) {
        Set<Node> loops = new HashSet<>(graph.nodes());
        List<LoopGroup> groups = Fusion.group(graph, loops, Phases.ONE);
        assertThat(groups).hasSize(1);
        Map<Value, BufferType> types = new HashMap<>();
        for (List<Value> side : List.of(groups.getFirst().inputs(), groups.getFirst().outputs())) {
            for (Value v : side) {
                Layout l = layouts.getOrDefault(v, Layout.contiguous(v.type().sizes()));
                types.put(v, new BufferType(v.type().dtype(), v.type().sizes(), l));
            }
        }
        return LoopCompiler.compile(groups.getFirst(), types, target, FloatMode.FAST_REDUCTIONS);
    }

    private static Graph scaledRelu(long n, long c) {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, n, c, 50));
        Value w = g.input(Input.Role.PARAMETER, "w", TensorType.of(DType.FLOAT32, c, 1));
        return g.build(g.call("aten.relu", g.call("aten.mul.Tensor", x, w)));
    }

    private static Graph rowSum(long rows, long columns, DType type) {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", TensorType.of(type, rows, columns));
        return g.build(g.call("aten.sum.dim_IntList", x, new long[] {1}, true));
    }

    @Test
    void pointwiseWithAChannelOperand() throws IOException {
        golden("scaled_relu.ll", compile(scaledRelu(2, 7), Map.of()));
    }

    @Test
    void sumOfRowsInHalfPrecision() throws IOException {
        golden("row_sum_bf16.ll", compile(rowSum(7, 207, DType.BFLOAT16), Map.of()));
    }

    private static Graph halfChain() {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.BFLOAT16, 7, 207));
        Value y = g.input(Input.Role.ARGUMENT, "y", TensorType.of(DType.FLOAT32, 207));
        Value z = g.call("aten.add.Tensor", g.call("aten.relu", x), y);
        return g.build(g.call("aten._to_copy", z, DType.BFLOAT16));
    }

    @Test
    void halvesAreConvertedInVectors() throws IOException {
        LoopKernel kernel = compile(halfChain(), Map.of(), HALVES);
        golden("half_chain.ll", kernel);
        String text = kernel.unit().llvm();
        // Once per store, and nothing lane by lane.
        assertThat(text).contains("fptrunc <16 x float> %x to <16 x bfloat>");
        assertThat(text).doesNotContain("extractelement", "fpext");
        assertThat(text.split("call <16 x i16> @ipex.bf16.v16f32")).hasSize(6);
    }

    @Test
    void withoutInstructionsHalvesAreRoundedInIntegers() {
        String text = compile(halfChain(), Map.of(), TARGET).unit().llvm();
        assertThat(text)
                .contains("trunc <16 x i32> %shifted to <16 x i16>")
                .doesNotContain("bfloat", "extractelement");
    }

    @Test
    void sizesAreNotInTheText() {
        LoopKernel small = compile(scaledRelu(1, 7), Map.of());
        LoopKernel large = compile(scaledRelu(64, 33), Map.of());
        assertThat(small.unit()).isEqualTo(large.unit());
        assertThat(small.params()).isNotEqualTo(large.params());
        assertThat(small.maxThreads()).isEqualTo(1);
    }

    @Test
    void kindsOfStrideAreInTheText() {
        Graph graph = rowSum(7, 33, DType.FLOAT32);
        Value x = graph.inputs().getFirst().value();
        assertThat(compile(graph, Map.of()).unit())
                .isNotEqualTo(compile(graph, Map.of(x, Layout.strided(1, 7))).unit());
    }

    @Test
    void aBlockedLayoutThatDoesNotFitIsRefused() {
        Graph graph = scaledRelu(2, 7);
        Value x = graph.inputs().getFirst().value();
        assertThatThrownBy(
                        () ->
                                compile(
                                        graph,
                                        Map.of(x, Layout.blockedChannels(x.type().sizes(), 16))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("blocks of 16 must divide 7");
    }

    @Test
    void anOpWithoutLoweringIsNamed() {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, 3, 3));
        Graph graph = g.build(g.call("aten.mm", x, x));
        assertThatThrownBy(() -> compile(graph, Map.of()))
                .hasMessageContaining("aten.mm has no loop lowering");
    }

    private static void golden(String name, LoopKernel kernel) throws IOException {
        String text = kernel.unit().llvm().replace(kernel.unit().symbol(), "KERNEL");
        if ("true".equals(System.getenv("GOLDEN_WRITE"))) {
            Files.writeString(Path.of("src/test/resources/org/ipex4j/compiler/loop", name), text);
        }
        try (InputStream in = KernelTextTest.class.getResourceAsStream(name)) {
            assertThat(in).as("golden file " + name).isNotNull();
            assertThat(text).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
