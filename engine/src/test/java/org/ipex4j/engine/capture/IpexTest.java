package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.ParameterStore;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Explanation;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The calls of {@link Ipex} with the compiler behind them. */
class IpexTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("IPEX");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Block convNet() {
        Block net = DjlBlocks.convNet();
        net.initialize(manager, DataType.FLOAT32, new Shape(2, 3, 8, 8));
        return net;
    }

    private NDList image() {
        return new NDList(manager.randomNormal(0, 1, new Shape(2, 3, 8, 8), DataType.FLOAT32));
    }

    private NDList run(Block block, NDList in) {
        return block.forward(new ParameterStore(manager, false), in, false);
    }

    @Test
    void explainTellsWhatBecameOfTheForward() {
        Explanation e = Ipex.explain(convNet(), image());
        assertThat(e.graphs()).hasSize(1);
        assertThat(e.breaks()).isEmpty();
        assertThat(e.guards()).contains("input 'data0' is f32[2, 3, 8, 8]", "training is false");
        assertThat(e.reports().getFirst().libraryCalls())
                .anySatisfy(c -> assertThat(c).contains("convolution"));
        assertThat(e.flops()).isGreaterThan(2.0 * 2 * 8 * 8 * 8 * 27);
        assertThat(e.bytes()).isPositive();
        assertThat(e.reports().getFirst().stageSeconds())
                .containsKeys("decompose", "layout", "load");
        assertThat(e.toString())
                .contains("aten.convolution", "01Conv2d.weight", "Predicted", "Graph 1");
    }

    @Test
    void explainLeavesInputsAndCachesAlone() {
        CompiledBlock compiled =
                (CompiledBlock) Ipex.compile(LambdaBlock.singleton(x -> x.addi(1)));
        NDList in = image();
        float before = in.head().getFloat(0, 0, 0, 0);
        Ipex.explain(compiled, in);
        assertThat(in.head().getFloat(0, 0, 0, 0)).isEqualTo(before);
        assertThat(compiled.cachedGraphs()).isZero();
    }

    @Test
    void batchNormFoldingFollowsTheChoiceAndKeepsTheResult() {
        Block net = convNet();
        NDList in = image();
        NDList expected = run(net, in);
        Block folded = Ipex.optimize(net, OptimizeOptions.inference());
        Block apart = Ipex.optimize(net, OptimizeOptions.inference().convBnFolding(false));
        // Left apart, the norm is a multiplication and an addition after the convolution.
        assertThat(convolution(folded, in)).doesNotContain("mul");
        assertThat(convolution(apart, in)).contains("mul");
        StandardBlocksTest.same(run(Ipex.compile(folded), in), expected);
        StandardBlocksTest.same(run(Ipex.compile(apart), in), expected);
    }

    private static String convolution(Block block, NDList in) {
        return Ipex.explain(block, in).reports().getFirst().libraryCalls().stream()
                .filter(c -> c.contains(": convolution"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void maxAutotuneAndStrictFloatsComputeTheSame() {
        Block net = convNet();
        NDList in = image();
        NDList expected = run(net, in);
        StandardBlocksTest.same(
                run(Ipex.compile(net, CompileOptions.defaults().mode("max-autotune")), in),
                expected);
        StandardBlocksTest.same(
                run(Ipex.compile(net, CompileOptions.defaults().strictFloats(true)), in), expected);
        assertThatThrownBy(() -> CompileOptions.defaults().mode("fastest"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("max-autotune");
    }

    @Test
    void versionNamesTheProcessor() {
        assertThat(Ipex.isAvailable()).isTrue();
        assertThat(Ipex.version()).contains(Runtime.instance().target().cpu());
    }

    @Test
    void packedWeightsAreFreedByReset() {
        Block net = convNet();
        NDList in = image();
        LiveBytes.assertSteady(
                () -> {
                    run((CompiledBlock) Ipex.compile(net), in).close();
                    Ipex.reset();
                });
        long before = LiveBytes.now();
        run((CompiledBlock) Ipex.compile(net), in).close();
        assertThat(LiveBytes.now()).isGreaterThan(before);
    }

    /** Thousands of calls, and hundreds of compilations, leave native memory as it was. */
    @Test
    @Tag("slow")
    void nothingLeaks() {
        Block net = convNet();
        NDList in = image();
        LiveBytes.assertSteady(
                () -> {
                    for (int i = 0; i < 100; i++) {
                        // Compiled, or found on disk, in turns.
                        try (CompiledBlock found = (CompiledBlock) Ipex.compile(net);
                                CompiledBlock compiled = found.anew()) {
                            for (int call = 0; call < 20; call++) {
                                run(i % 2 == 0 ? compiled : found, in).close();
                            }
                        }
                    }
                });
    }
}
