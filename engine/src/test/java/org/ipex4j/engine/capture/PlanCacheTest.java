package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.ParameterStore;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions.FloatMode;
import org.ipex4j.compiler.CompileOptions.Mode;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlanCacheTest {
    private final IpexNDManager manager = IpexNDManager.system().newSubManager();
    private final NDArray input = manager.arange(0f, 6f, 1f).reshape(2, 3);

    @AfterEach
    void close() {
        manager.close();
    }

    /** A block that no earlier test, in whatever process, has compiled. */
    private static Block fresh() {
        double number = System.nanoTime() + Math.random();
        return LambdaBlock.singleton(x -> x.mul(2).add(number).softmax(1));
    }

    private NDArray run(CompiledBlock block) {
        return block.forward(new ParameterStore(manager, false), new NDList(input), false, null)
                .singletonOrThrow();
    }

    private static CompiledBlock compiled(Block block) {
        return new CompiledBlock(block, CompileOptions.defaults(), OptimizeOptions.inference());
    }

    private static Set<String> stages(CompiledBlock block) {
        return block.snapshot().orElseThrow().reports().getFirst().stageSeconds().keySet();
    }

    private static Graph graph(CompiledBlock block) {
        return block.snapshot().orElseThrow().graphs().getFirst();
    }

    private static String key(Graph graph) {
        return PlanCache.key(
                        graph,
                        new org.ipex4j.compiler.CompileOptions(
                                Mode.DEFAULT,
                                FloatMode.FAST_REDUCTIONS,
                                java.util.Optional.empty(),
                                java.util.Optional.empty(),
                                true,
                                Set.of(),
                                java.util.List.of()))
                .orElseThrow();
    }

    @Test
    void whatOneBlockCompiledAnotherFindsOnDisk() {
        Block block = fresh();
        try (CompiledBlock first = compiled(block);
                CompiledBlock second = compiled(block)) {
            float[] computed = run(first).toFloatArray();
            assertThat(stages(first)).contains("decompose", "load").doesNotContain("disk cache");
            assertThat(run(second).toFloatArray()).isEqualTo(computed);
            assertThat(stages(second)).containsExactly("disk cache", "load");
            assertThat(second.snapshot().orElseThrow().reports().getFirst().kernels())
                    .isEqualTo(first.snapshot().orElseThrow().reports().getFirst().kernels())
                    .isNotEmpty();
        }
    }

    @Test
    void whatIsToBeCompiledAnewIs() {
        Block block = fresh();
        try (CompiledBlock first = compiled(block);
                CompiledBlock again = first.anew()) {
            run(first);
            run(again);
            assertThat(stages(again)).contains("decompose").doesNotContain("disk cache");
        }
    }

    @Test
    void aPlanThatCannotBeReadIsCompiledAgainAndReplaced() {
        Block block = fresh();
        try (CompiledBlock first = compiled(block);
                CompiledBlock second = compiled(block);
                CompiledBlock third = compiled(block)) {
            float[] computed = run(first).toFloatArray();
            byte[] nonsense = "no plan".getBytes(StandardCharsets.UTF_8);
            Runtime.instance().diskCache().put("plan", key(graph(first)), nonsense);
            assertThat(run(second).toFloatArray()).isEqualTo(computed);
            assertThat(stages(second)).contains("decompose");
            run(third);
            assertThat(stages(third)).contains("disk cache");
        }
    }

    @Test
    void theKeyTellsGraphsAndTypesApart() {
        Block block = fresh();
        try (CompiledBlock first = compiled(block);
                CompiledBlock other = compiled(fresh());
                CompiledBlock wide = compiled(block)) {
            run(first);
            run(other);
            NDArray zeros = manager.zeros(new Shape(2, 4), DataType.FLOAT32);
            wide.forward(new ParameterStore(manager, false), new NDList(zeros), false, null);
            assertThat(Set.of(key(graph(first)), key(graph(other)), key(graph(wide)))).hasSize(3);
            assertThat(PlanCache.get(key(graph(first)))).isPresent();
        }
    }
}
