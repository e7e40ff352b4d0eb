package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.GraphBreakException;
import org.ipex4j.engine.Ipex;
import org.ipex4j.ir.graph.Graph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the tracer records, without running anything. */
class TracingTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("IPEX");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static Block of(Function<NDArray, NDArray> f) {
        return LambdaBlock.singleton(f);
    }

    private Graph capture(Function<NDArray, NDArray> f, long... shape) {
        return Captures.graph(of(f), new NDList(manager.ones(new Shape(shape))));
    }

    @Test
    void inPlaceOpReplacesTheValue() {
        Graph g =
                capture(
                        x -> {
                            NDArray y = x.mul(2);
                            y.addi(1);
                            return y.sub(x);
                        },
                        3);
        assertThat(Captures.ops(g))
                .containsExactly("aten.mul.Scalar", "aten.add.Scalar", "aten.sub.Tensor");
        assertThat(g.nodes().get(2).operands())
                .containsExactly(g.nodes().get(1).result(), g.inputs().getFirst().value());
    }

    @Test
    void writingToAViewReachesItsBaseAndItsSiblings() {
        Graph g =
                capture(
                        x -> {
                            NDArray base = x.mul(2);
                            NDArray row = base.get(new NDIndex("1"));
                            NDArray flat = base.reshape(6);
                            row.addi(1);
                            return flat.neg();
                        },
                        2,
                        3);
        // flat is taken anew from the base that the write has replaced.
        List<String> ops = Captures.ops(g);
        assertThat(ops)
                .containsSubsequence(
                        "aten.mul.Scalar",
                        "aten.select.int",
                        "aten.reshape",
                        "aten.add.Scalar",
                        "aten.select_scatter",
                        "aten.reshape",
                        "aten.neg");
        assertThat(g.nodes().getLast().operands())
                .containsExactly(g.nodes().get(ops.size() - 2).result());
    }

    @Test
    void reshapeOfATransposedArrayIsACopyAndDoesNotSeeWrites() {
        Graph g =
                capture(
                        x -> {
                            NDArray base = x.mul(2);
                            NDArray copy = base.transpose().reshape(6);
                            base.addi(1);
                            return copy.neg();
                        },
                        2,
                        3);
        assertThat(Captures.ops(g).stream().filter(o -> o.contains("reshape"))).hasSize(1);
    }

    @Test
    void writingToAnInputIsCarriedOutOnTheCallersArray() {
        Capture c =
                Captures.run(of(x -> x.addi(1)), true, new NDList(manager.ones(new Shape(3))))
                        .capture();
        assertThat(c.writes()).containsExactly(new Capture.Write(0, 0));
        assertThat(c.results()).containsExactly(new Capture.Result.Given(0));
    }

    @Test
    void resultsKeepIdentityAndNames() {
        Block block =
                new LambdaBlock(
                        l -> {
                            NDArray y = l.head().neg();
                            y.setName("negative");
                            return new NDList(y, l.head(), y);
                        });
        Capture c = Captures.run(block, true, new NDList(manager.ones(new Shape(3)))).capture();
        assertThat(c.results())
                .containsExactly(
                        new Capture.Result.Computed(0, "negative"),
                        new Capture.Result.Given(0),
                        new Capture.Result.Again(0));
    }

    @Test
    void numbersMadeInTheForwardAreConstantsAndSingleNumbersAreCode() {
        Graph g =
                capture(
                        x ->
                                x.mul(x.getManager().create(0.5f))
                                        .add(x.getManager().create(new float[] {1, 2, 3})),
                        3);
        assertThat(Captures.ops(g))
                .containsExactly("aten.full", "aten.mul.Tensor", "aten.add.Tensor");
        assertThat(g.inputs()).extracting(i -> i.role().text()).containsExactly("input", "const");
    }

    @Test
    void recurrentBlocksLeaveTheCallersListAlone() {
        Block lstm = LSTM.builder().setNumLayers(1).setStateSize(4).optBatchFirst(true).build();
        lstm.initialize(manager, DataType.FLOAT32, new Shape(2, 3, 5));
        NDList inputs = new NDList(manager.ones(new Shape(2, 3, 5)));
        Captures.graph(lstm, inputs);
        assertThat(inputs).hasSize(1);
    }

    @Test
    void hostReadNamesBlockAndLineWithFullGraph() {
        Block net =
                new SequentialBlock()
                        .add(Activation.reluBlock())
                        .add(of(x -> x.sum().getFloat() > 0 ? x : x.neg()));
        assertThatThrownBy(() -> Captures.graph(net, new NDList(manager.ones(new Shape(3)))))
                .isInstanceOf(GraphBreakException.class)
                .hasMessageContaining("02LambdaBlock")
                .hasMessageContaining("TracingTest.java:");
    }

    @Test
    void refusedBreakCountsThoughTheForwardCatchesIt() {
        Block net =
                of(
                        x -> {
                            try {
                                return x.sum().getFloat() > 0 ? x : x.neg();
                            } catch (RuntimeException e) {
                                return x;
                            }
                        });
        assertThatThrownBy(() -> Captures.graph(net, new NDList(manager.ones(new Shape(3)))))
                .isInstanceOf(GraphBreakException.class);
    }

    @Test
    void arrayOfAnotherManagerIsRefusedWithFullGraph() {
        NDArray mask = manager.ones(new Shape(3));
        assertThatThrownBy(() -> capture(x -> x.mul(mask), 3))
                .isInstanceOf(GraphBreakException.class)
                .hasMessageContaining("another manager");
    }

    @Test
    void parameterReadPastTheStoreIsStillAParameter() {
        Linear linear = Linear.builder().setUnits(4).build();
        linear.initialize(manager, DataType.FLOAT32, new Shape(2, 3));
        Block net =
                new SequentialBlock()
                        .add(linear)
                        .add(of(x -> x.add(linear.getParameters().get("bias").getArray())));
        Graph g = Captures.graph(net, new NDList(manager.ones(new Shape(2, 3))));
        assertThat(g.inputs())
                .extracting(i -> i.name())
                .containsExactly("data0", "01Linear.weight", "01Linear.bias");
    }

    @Test
    void errorsNameOpBlockAndLine() {
        Linear linear = Linear.builder().setUnits(4).build();
        linear.initialize(manager, DataType.FLOAT32, new Shape(2, 3));
        Block net = new SequentialBlock().add(Activation.reluBlock()).add(linear);
        assertThatThrownBy(() -> Captures.graph(net, new NDList(manager.ones(new Shape(2, 5)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten.linear")
                .hasMessageContaining("[2, 5]")
                .hasMessageContaining("02Linear");
    }

    @Test
    void arrayKeptFromAnEarlierForwardIsRefused() {
        List<NDArray> kept = new ArrayList<>();
        Block net =
                of(
                        x -> {
                            NDArray y = x.mul(2);
                            kept.add(y);
                            return kept.getFirst().add(x);
                        });
        NDList inputs = new NDList(manager.ones(new Shape(3)));
        Captures.graph(net, inputs);
        assertThatThrownBy(() -> Captures.graph(net, inputs))
                .isInstanceOf(IllegalStateException.class);
    }

    /**
     * Adds its input to what a linear layer makes of it, with activations that have no parameters.
     */
    private static final class Residual extends AbstractBlock {
        private final Block linear = addChildBlock("linear", Linear.builder().setUnits(3).build());
        private final Block act = addChildBlock("act", Activation.relu6Block());

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                PairList<String, Object> params) {
            NDArray y = linear.forward(store, inputs, training).head();
            y = act.forward(store, new NDList(y), training).head();
            y = y.add(inputs.head());
            return act.forward(store, new NDList(y), training);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return inputShapes;
        }

        @Override
        protected void initializeChildBlocks(
                NDManager manager, DataType dataType, Shape... inputShapes) {
            linear.initialize(manager, dataType, inputShapes);
        }
    }

    @Test
    void opsAreAttributedToTheirBlocks() {
        Block net =
                new SequentialBlock()
                        .add(new Residual())
                        .add(new Residual())
                        .add(Activation.tanhBlock());
        net.initialize(manager, DataType.FLOAT32, new Shape(2, 3));
        Graph g = Captures.graph(net, new NDList(manager.ones(new Shape(2, 3))));
        List<String> blocks = new ArrayList<>();
        for (String s : Captures.sources(g)) {
            String block = s.substring(s.indexOf(' ') + 1);
            if (blocks.isEmpty() || !blocks.getLast().equals(block)) {
                blocks.add(block);
            }
        }
        assertThat(blocks)
                .containsExactly(
                        "01Residual.linear",
                        "01Residual.act",
                        "01Residual",
                        "01Residual.act",
                        "02Residual.linear",
                        "02Residual.act",
                        "02Residual",
                        "02Residual.act",
                        "03LambdaBlock");
    }

    @Test
    void aGraphCapturedAgainKeepsItsSources() {
        Block net = new SequentialBlock().add(new Residual()).add(Activation.tanhBlock());
        net.initialize(manager, DataType.FLOAT32, new Shape(2, 3));
        CompiledBlock compiled =
                (CompiledBlock) Ipex.compile(net, CompileOptions.defaults().backend("eager"));
        List<List<String>> sources = new ArrayList<>();
        for (int n = 2; n < 4; n++) {
            compiled.forward(
                    new ParameterStore(manager, false),
                    new NDList(manager.ones(new Shape(n, 3))),
                    false);
            sources.add(Captures.sources(compiled.snapshot().orElseThrow().graphs().getFirst()));
        }
        assertThat(sources.get(1)).isEqualTo(sources.get(0)).contains("aten.tanh 02LambdaBlock");
    }

    @Test
    void subManagersMayBeClosedWithinTheForward() {
        Graph g =
                capture(
                        x -> {
                            try (NDManager scope = NDManager.subManagerOf(x)) {
                                scope.tempAttachAll(x);
                                NDArray y = x.mul(2).add(1);
                                return scope.ret(y);
                            }
                        },
                        3);
        assertThat(Captures.ops(g)).containsExactly("aten.mul.Scalar", "aten.add.Scalar");
    }
}
