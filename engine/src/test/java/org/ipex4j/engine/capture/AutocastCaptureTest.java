package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.pass.CommonSubexpressions;
import org.ipex4j.engine.Autocast;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Explanation;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.capture.Trained.Way;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Autocast in captured graphs and compiled training. */
class AutocastCaptureTest {
    private static final DataType BF16 = DataType.BFLOAT16;
    private static final Shape IMAGES = new Shape(6, 3, 17, 17);

    private NDManager m;

    @BeforeEach
    void open() {
        m = IpexEngine.instance().newBaseManager();
        IpexEngine.instance().setRandomSeed(3);
    }

    @AfterEach
    void close() {
        m.close();
    }

    private NDArray draw(long... sizes) {
        return m.randomNormal(new Shape(sizes));
    }

    private NDList run(Block block, NDArray x) {
        return block.forward(new ParameterStore(m, false), new NDList(x), false);
    }

    private Block net() {
        Block net =
                new SequentialBlock()
                        .add(CompiledStepsTest.conv(8, 1))
                        .add(BatchNorm.builder().build())
                        .add(Activation::relu)
                        .add(CompiledStepsTest.conv(8, 2));
        net.initialize(m, DataType.FLOAT32, new Shape(2, 3, 9, 9));
        return net;
    }

    private static long casts(Graph graph) {
        return graph.nodes().stream().filter(n -> n.op().name().equals("aten._to_copy")).count();
    }

    @Test
    void graphsHoldTheCasts() {
        Block net = net();
        NDArray x = draw(2, 3, 9, 9);
        assertThat(casts(Captures.graph(net, new NDList(x)))).isZero();
        try (Autocast ac = Autocast.cpu(BF16)) {
            Graph graph = Captures.graph(net, new NDList(x));
            assertThat(casts(graph)).as("input and two weights").isEqualTo(3);
            assertThat(graph.outputs().getFirst().type().dtype()).isEqualTo(DType.BFLOAT16);
            try (Autocast off = Autocast.cpu(BF16, false)) {
                assertThat(casts(Captures.graph(net, new NDList(x)))).isZero();
            }
        }
    }

    @Test
    void compiledForwardsAreThoseOfEagerOnes() {
        Block net = net();
        Block compiled = Ipex.compile(net);
        NDArray x = draw(2, 3, 9, 9);
        NDArray plain = run(net, x).head();
        try (Autocast ac = Autocast.cpu(BF16)) {
            NDArray eager = run(net, x).head();
            NDArray fast = run(compiled, x).head();
            assertThat(fast.getDataType()).isEqualTo(BF16);
            assertThat(eager.getDataType()).isEqualTo(BF16);
            assertThat(fast.allClose(eager, 0.02, 0.02, false)).isTrue();
            assertThat(fast.allClose(plain, 0.02, 0.02, false)).isTrue();
            assertThat(fast.toType(DataType.FLOAT32, false).contentEquals(plain)).isFalse();
        }
    }

    @Test
    void anotherStateCompilesAnew() {
        Block net = net();
        CompiledBlock compiled = (CompiledBlock) Ipex.compile(net);
        NDArray x = draw(2, 3, 9, 9);
        List<DataType> types = new ArrayList<>();
        types.add(run(compiled, x).head().getDataType());
        for (int i = 0; i < 2; i++) {
            try (Autocast ac = Autocast.cpu(BF16)) {
                types.add(run(compiled, x).head().getDataType());
                try (Autocast off = Autocast.cpu(BF16, false)) {
                    types.add(run(compiled, x).head().getDataType());
                }
                try (Autocast half = Autocast.cpu(DataType.FLOAT16)) {
                    types.add(run(compiled, x).head().getDataType());
                }
            }
        }
        DataType fp32 = DataType.FLOAT32;
        DataType fp16 = DataType.FLOAT16;
        assertThat(types).containsExactly(fp32, BF16, fp32, fp16, BF16, fp32, fp16);
        assertThat(compiled.misses())
                .containsExactly(
                        "autocast: expected off, got bfloat16",
                        "autocast: expected bfloat16, got float16");
        try (Autocast ac = Autocast.cpu(BF16)) {
            Explanation explained = Ipex.explain(compiled, new NDList(x));
            assertThat(explained.guards()).contains("autocast is bfloat16");
        }
    }

    /** Two layers that share a weight cast it once. */
    @Test
    void aSharedParameterIsCastOnce() {
        Linear shared = Linear.builder().setUnits(4).build();
        Block net = new SequentialBlock().add(shared).add(Activation::relu).add(shared);
        net.initialize(m, DataType.FLOAT32, new Shape(2, 4));
        try (Autocast ac = Autocast.cpu(BF16)) {
            Explanation explained = Ipex.explain(net, new NDList(draw(2, 4)));
            assertThat(casts(explained.graphs().getFirst())).as("as recorded").isEqualTo(5);
            Graph merged = new CommonSubexpressions().run(explained.graphs().getFirst());
            assertThat(casts(merged)).as("input, weight, bias").isEqualTo(3);
        }
    }

    /** In inference a weight is cast before the first run, and again after a change. */
    @Test
    void weightsAreCastInPrologues() {
        Block net = net();
        NDArray x = draw(2, 3, 9, 9);
        CompiledBlock compiled = (CompiledBlock) Ipex.compile(net);
        try (Autocast ac = Autocast.cpu(BF16)) {
            Explanation explained = Ipex.explain(compiled, new NDList(x));
            assertThat(explained.reports().getFirst().prologues()).isNotEmpty();
            NDArray before = run(compiled, x).head();
            net.getParameters().get(0).getValue().getArray().muli(-2);
            NDArray after = run(compiled, x).head();
            assertThat(after.allClose(before, 0.02, 0.02, false)).isFalse();
            assertThat(after.allClose(run(net, x).head(), 0.02, 0.02, false)).isTrue();
        }
    }

    /** What was recorded in a region without casts runs without them, even if it runs later. */
    @Test
    void graphBreaksKeepTheState() {
        Block net =
                new LambdaBlock(
                        l -> {
                            NDArray x = l.head();
                            NDArray exact;
                            try (Autocast off = Autocast.cpu(BF16, false)) {
                                exact = x.matMul(x);
                            }
                            NDArray lowered = x.matMul(x);
                            boolean positive = lowered.sum().getFloat() > 0; // breaks the graph
                            return new NDList(exact.mul(positive ? 1 : -1), lowered);
                        });
        Block compiled = Ipex.compile(net);
        NDArray x = draw(3, 3);
        try (Autocast ac = Autocast.cpu(BF16)) {
            NDList expected = run(net, x);
            for (int i = 0; i < 2; i++) {
                NDList actual = run(compiled, x);
                assertThat(actual.get(0).getDataType()).isEqualTo(DataType.FLOAT32);
                assertThat(actual.get(0).allClose(expected.get(0), 1e-5, 1e-6, false)).isTrue();
                assertThat(actual.get(1).getDataType()).isEqualTo(BF16);
                assertThat(actual.get(1).allClose(expected.get(1), 0.01, 0.01, false)).isTrue();
            }
        }
    }

    private static Trained trained(Way way) {
        return new Trained(
                way,
                CompiledStepsTest::residual,
                Loss.softmaxCrossEntropyLoss(),
                CompileOptions.defaults(),
                IMAGES);
    }

    private static float step(Trained t, int i) {
        try (Autocast ac = Autocast.cpu(BF16)) {
            return t.step(t.draw(i, 6, 3, 17, 17), t.classes(6, 4));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BLOCK", "TRAINER"})
    void compiledTrainingIsThatOfEagerTraining(Way way) {
        try (Trained eager = trained(Way.EAGER);
                Trained compiled = trained(way)) {
            for (int i = 0; i < 5; i++) {
                float expected = step(eager, i);
                assertThat(step(compiled, i) / expected).as("loss %d", i).isBetween(0.97f, 1.03f);
            }
            // Shifts begin at 0 and are small sums of gradients, whose roundings add up.
            Trained.assertClose(compiled.parameters(), eager.parameters(), 0.1);
        }
    }

    /** Forward under autocast, loss and backward outside of it or inside: FP32 gradients. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void gradientsArriveInFp32(Way way) {
        try (Trained t = trained(way)) {
            NDArray x = t.draw(0, 6, 3, 17, 17);
            NDArray labels = t.classes(6, 4);
            try (GradientCollector collector = t.trainer.newGradientCollector()) {
                NDArray loss;
                try (Autocast ac = Autocast.cpu(BF16)) {
                    loss = t.loss(x, labels);
                }
                assertThat(loss.getDataType()).isEqualTo(DataType.FLOAT32);
                collector.backward(loss);
            }
            t.block.getParameters().values().stream()
                    .filter(p -> p.requiresGradient())
                    .forEach(
                            p -> {
                                NDArray g = p.getArray().getGradient();
                                assertThat(g.getDataType()).isEqualTo(DataType.FLOAT32);
                                float norm = g.norm().getFloat();
                                assertThat(norm).as(p.getName()).isBetween(1e-9f, 100f);
                            });
        }
    }

    @Test
    void trainingGuardsTheState() {
        try (Trained t = trained(Way.TRAINER)) {
            float first = t.step(t.draw(0, 6, 3, 17, 17), t.classes(6, 4));
            float lowered = step(t, 0);
            float again = t.step(t.draw(0, 6, 3, 17, 17), t.classes(6, 4));
            assertThat(List.of(first, lowered, again)).allMatch(Float::isFinite);
            assertThat(lowered).isLessThan(first);
            assertThat(again).isLessThan(lowered);
        }
    }

    /** A BatchNorm in inference within a forward that gradients flow through. */
    @ParameterizedTest
    @EnumSource(names = {"EAGER", "BLOCK"})
    void frozenBatchNorm(Way way) {
        Block net = net();
        Block block = way == Way.BLOCK ? Ipex.compile(net) : net;
        NDArray x = draw(2, 3, 9, 9);
        x.setRequiresGradient(true);
        NDArray[] gradients = new NDArray[2];
        for (int i = 0; i < 2; i++) {
            try (GradientCollector collector = IpexEngine.instance().newGradientCollector();
                    Autocast ac = Autocast.cpu(BF16, i == 0)) {
                NDArray y = run(i == 0 ? block : net, x).head();
                collector.backward(y.toType(DataType.FLOAT32, false).square().sum());
            }
            gradients[i] = x.getGradient().duplicate();
        }
        assertThat(gradients[0].getDataType()).isEqualTo(DataType.FLOAT32);
        float difference = gradients[0].sub(gradients[1]).norm().getFloat();
        assertThat(difference / gradients[1].norm().getFloat()).isBetween(1e-6f, 0.02f);
    }
}
