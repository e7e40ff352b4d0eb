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
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.plan.PlanCache;
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

    /** Waits for the plan on disk, which is written in the background. */
    private static void written(CompiledBlock block) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (PlanCache.get(key(graph(block))).isEmpty()) {
            assertThat(System.nanoTime()).as("the plan was not written").isLessThan(deadline);
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    private static String key(Graph graph) {
        return PlanCache.key(graph, org.ipex4j.compiler.CompileOptions.DEFAULT).orElseThrow();
    }

    @Test
    void whatOneBlockCompiledAnotherFindsOnDisk() {
        Block block = fresh();
        try (CompiledBlock first = compiled(block);
                CompiledBlock second = compiled(block)) {
            float[] computed = run(first).toFloatArray();
            written(first);
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
            written(first);
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
            written(first);
            byte[] nonsense = "no plan".getBytes(StandardCharsets.UTF_8);
            Runtime.instance().diskCache().put("plan", key(graph(first)), nonsense);
            assertThat(run(second).toFloatArray()).isEqualTo(computed);
            assertThat(stages(second)).contains("decompose");
            written(second);
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
            written(first);
        }
    }
}
