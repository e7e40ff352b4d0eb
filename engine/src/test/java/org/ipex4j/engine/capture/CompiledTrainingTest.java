package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.GraphBreakException;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients through compiled blocks are those of eager ones, and misuse is told. */
class CompiledTrainingTest {
    private final IpexEngine engine = IpexEngine.instance();
    private NDManager manager;
    private ParameterStore store;

    @BeforeEach
    void open() {
        engine.setRandomSeed(3);
        manager = engine.newBaseManager();
        store = new ParameterStore(manager, false);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Block initialized(Block block, long... sizes) {
        block.setInitializer(Initializer.ONES, Parameter.Type.BETA);
        block.initialize(manager, DataType.FLOAT32, new Shape(sizes));
        return block;
    }

    private static Block mlp() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(13).build())
                .add(Activation::tanh)
                .add(Linear.builder().setUnits(7).build());
    }

    private static Block normalized() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(13).build())
                .add(BatchNorm.builder().build())
                .add(Activation::relu)
                .add(Linear.builder().setUnits(5).build());
    }

    private static Block of(Function<NDArray, NDArray> f) {
        return LambdaBlock.singleton(f);
    }

    private NDArray leaf(long... sizes) {
        NDArray x = manager.randomNormal(new Shape(sizes));
        x.setRequiresGradient(true);
        return x;
    }

    private NDArray forward(Block block, NDArray x) {
        return block.forward(store, new NDList(x), true).singletonOrThrow();
    }

    /** Gradients of the inputs and of all parameters for a loss that differs in every element. */
    private List<float[]> gradients(Block block, Block parameters, NDArray... inputs) {
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = block.forward(store, new NDList(inputs), true).head();
            collector.backward(y.mul(y).add(y).sum());
        }
        return read(parameters, inputs);
    }

    private static List<float[]> read(Block parameters, NDArray... inputs) {
        List<float[]> out = new ArrayList<>();
        List<NDArray> all = new ArrayList<>(List.of(inputs));
        parameters.getParameters().forEach(p -> all.add(p.getValue().getArray()));
        for (NDArray a : all) {
            if (a.hasGradient()) {
                try (NDArray g = a.getGradient()) {
                    out.add(g.toFloatArray());
                }
            }
        }
        return out;
    }

    private static void assertSame(List<float[]> actual, List<float[]> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            Trained.assertClose("gradient " + i, actual.get(i), expected.get(i), 1e-4);
        }
    }

    private void sameAsEager(Block block, NDArray... inputs) {
        List<float[]> expected = gradients(block, block, inputs);
        assertThat(expected).isNotEmpty();
        Block compiled = Ipex.compile(block, CompileOptions.defaults().fullGraph(true));
        for (int round = 0; round < 2; round++) {
            assertSame(gradients(compiled, block, inputs), expected);
        }
    }

    @Test
    void inputsAndParametersGetGradients() {
        sameAsEager(initialized(mlp(), 9, 11), leaf(9, 11));
    }

    @Test
    void onlyTheInputThatWantsOneGetsAGradient() {
        Block product =
                new LambdaBlock(
                        l -> new NDList(l.get(0).mul(l.get(1)).add(l.get(1).exp())), "product");
        NDArray a = leaf(3, 5);
        NDArray b = manager.randomNormal(new Shape(3, 5));
        sameAsEager(product, a, b);
        assertThat(b.hasGradient()).isFalse();
        // Now the other one: another graph.
        b.setRequiresGradient(true);
        a.setRequiresGradient(false);
        sameAsEager(product, a, b);
    }

    /** The gradient of a sum is the gradient that comes in. */
    @Test
    void aGradientThatIsTheTangentItself() {
        Block sum = new LambdaBlock(l -> new NDList(l.get(0).add(l.get(1))), "sum");
        NDArray a = leaf(3, 5);
        NDArray b = leaf(3, 5);
        sameAsEager(sum, a, b);
        sameAsEager(of(x -> x.reshape(5, 3)), a);
    }

    /** Zero gradients are there before backward begins. */
    @Test
    void aGradientThatDependsOnNoTangent() {
        Block steps =
                new LambdaBlock(
                        l -> new NDList(l.get(0).mul(3).add(l.get(1).sign().mul(2))), "steps");
        NDArray x = leaf(3, 5);
        NDArray y = leaf(3, 5);
        sameAsEager(steps, x, y);
        Block compiled = Ipex.compile(steps);
        LiveBytes.assertSteady(
                () -> {
                    try (GradientCollector collector = engine.newGradientCollector();
                            NDArray z = compiled.forward(store, new NDList(x, y), true).head();
                            NDArray loss = z.sum()) {
                        collector.backward(loss);
                    }
                });
    }

    @Test
    void severalOutputsOneOfThemOfIntegers() {
        Block block =
                new LambdaBlock(
                        l -> {
                            NDArray x = l.head();
                            NDArray y = x.tanh();
                            return new NDList(y, x.argMax(1), y.mul(x), y);
                        },
                        "several");
        NDArray x = leaf(4, 7);
        List<float[]> expected = null;
        for (Block b : List.of(block, Ipex.compile(block))) {
            try (GradientCollector collector = engine.newGradientCollector()) {
                NDList out = b.forward(store, new NDList(x), true);
                assertThat(out.get(1).getDataType()).isEqualTo(DataType.INT64);
                collector.backward(out.get(2).sum().add(out.get(3).mul(3).sum()));
            }
            List<float[]> actual = read(block, x);
            if (expected == null) {
                expected = actual;
            } else {
                assertSame(actual, expected);
            }
        }
    }

    @Test
    void compiledInsideEagerAndEagerAround() {
        Block inner = mlp();
        Block outer =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(11).build())
                        .add(inner)
                        .add(Activation::sigmoid)
                        .add(Linear.builder().setUnits(3).build());
        initialized(outer, 6, 5);
        NDArray x = leaf(6, 5);
        List<float[]> expected = gradients(outer, outer, x);
        SequentialBlock mixed = new SequentialBlock();
        Block compiled = Ipex.compile(inner);
        for (var child : outer.getChildren()) {
            mixed.add(child.getValue() == inner ? compiled : child.getValue());
        }
        assertSame(gradients(mixed, outer, x), expected);
        // And the whole, with a compiled block within, as one graph.
        Block whole = Ipex.compile(mixed, CompileOptions.defaults().fullGraph(true));
        assertSame(gradients(whole, outer, x), expected);
    }

    @Test
    void severalForwardsBeforeOneBackward() {
        Block block = initialized(normalized(), 9, 11);
        NDArray a = leaf(9, 11);
        NDArray b = leaf(9, 11);
        List<List<float[]>> both = new ArrayList<>();
        for (Block run : List.of(block, Ipex.compile(block))) {
            try (GradientCollector collector = engine.newGradientCollector()) {
                NDArray first = forward(run, a);
                NDArray second = forward(run, b);
                collector.backward(first.mul(second).sum());
            }
            both.add(read(block, a, b));
        }
        assertSame(both.get(1), both.get(0));
    }

    @Test
    void gradientsOfSeveralBackwardsAddUp() {
        Block block = initialized(normalized(), 9, 11);
        NDArray a = leaf(9, 11);
        NDArray b = leaf(9, 11);
        List<List<float[]>> both = new ArrayList<>();
        for (Block run : List.of(block, Ipex.compile(block))) {
            try (GradientCollector collector = engine.newGradientCollector()) {
                collector.backward(forward(run, a).square().sum());
                collector.backward(forward(run, b).square().sum());
                collector.backward(forward(run, a).sum());
            }
            both.add(read(block, a, b));
        }
        assertSame(both.get(1), both.get(0));
    }

    @Test
    void aSecondBackwardIsRefused() {
        Block block = initialized(mlp(), 9, 11);
        Block compiled = Ipex.compile(block);
        NDArray x = leaf(9, 11);
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = forward(compiled, x);
            collector.backward(y.sum());
            assertThatThrownBy(() -> collector.backward(y.mul(2).sum()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("second time")
                    .hasMessageContaining("compiled SequentialBlock");
        }
        assertThat(gradients(compiled, block, x)).isNotEmpty();
    }

    /** Backward reads tanh's result, which lies in the array that the forward returned. */
    @Test
    void aResultThatBackwardReadsMayNotBeChanged() {
        Block block = of(x -> x.mul(2).tanh());
        NDArray x = leaf(207, 113);
        for (Block run : List.of(block, Ipex.compile(block))) {
            try (GradientCollector collector = engine.newGradientCollector()) {
                NDArray y = forward(run, x);
                NDArray z = y.mul(3);
                y.set(new float[207 * 113]);
                assertThatThrownBy(() -> collector.backward(z.sum()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("changed in place");
            }
        }
        sameAsEager(block, x);
    }

    @Test
    void aResultThatBackwardDoesNotReadMayBeChanged() {
        Block block = of(x -> x.mul(2));
        NDArray x = leaf(9, 11);
        List<List<float[]>> both = new ArrayList<>();
        for (Block run : List.of(block, Ipex.compile(block))) {
            try (GradientCollector collector = engine.newGradientCollector()) {
                NDArray y = forward(run, x);
                y.addi(1);
                collector.backward(y.square().sum());
            }
            both.add(read(block, x));
        }
        assertSame(both.get(1), both.get(0));
    }

    @Test
    void anInputThatBackwardReadsMayNotBeChanged() {
        Block block = initialized(mlp(), 9, 11);
        NDArray x = leaf(9, 11);
        for (Block run : List.of(block, Ipex.compile(block))) {
            try (GradientCollector collector = engine.newGradientCollector()) {
                NDArray h = x.mul(0.5f);
                NDArray y = forward(run, h);
                h.addi(1);
                assertThatThrownBy(() -> collector.backward(y.sum()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("changed in place");
            }
        }
        sameAsEager(block, x);
    }

    /** What the block changes of its input is a change on the tape too. */
    @Test
    void anInputThatTheBlockChangesInPlace() {
        List<Block> blocks =
                List.of(
                        of(
                                x -> {
                                    x.muli(3);
                                    return x.tanh();
                                }),
                        // The old numbers are needed, and the array itself comes back.
                        of(x -> x.muli(x.tanh())),
                        of(
                                x -> {
                                    NDArray y = x.duplicate().square();
                                    x.set(new float[15]);
                                    return y;
                                }));
        NDArray x = leaf(3, 5);
        for (Block block : blocks) {
            List<List<float[]>> both = new ArrayList<>();
            Block compiled = Ipex.compile(block, CompileOptions.defaults().fullGraph(true));
            for (Block run : List.of(block, compiled)) {
                try (GradientCollector collector = engine.newGradientCollector()) {
                    NDArray h = x.mul(0.5f);
                    NDArray y = forward(run, h);
                    collector.backward(y.square().add(h.square()).sum());
                }
                both.add(read(block, x));
            }
            assertSame(both.get(1), both.get(0));
            try (GradientCollector collector = engine.newGradientCollector()) {
                assertThatThrownBy(() -> forward(compiled, x))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("compiled")
                        .hasMessageContaining("cannot be changed in place");
            }
        }
    }

    @Test
    void frozenParametersAreSkippedUntilTheyAreNot() {
        Block block = initialized(mlp(), 9, 11);
        Block compiled = Ipex.compile(block);
        NDArray x = manager.randomNormal(new Shape(9, 11));
        Block first = block.getChildren().valueAt(0);
        for (int round = 0; round < 2; round++) {
            first.freezeParameters(true);
            List<float[]> frozen = gradients(block, block, x);
            assertThat(frozen).hasSize(2);
            assertSame(gradients(compiled, block, x), frozen);
            first.freezeParameters(false);
            List<float[]> all = gradients(block, block, x);
            assertThat(all).hasSize(4);
            assertSame(gradients(compiled, block, x), all);
        }
    }

    @Test
    void allParametersFrozenAndNoInputsLeaveNothingToDo() {
        Block block = initialized(mlp(), 9, 11);
        block.freezeParameters(true);
        Block compiled = Ipex.compile(block);
        NDArray x = manager.randomNormal(new Shape(9, 11));
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = forward(compiled, x);
            Trained.assertClose("output", y.toFloatArray(), forward(block, x).toFloatArray(), 1e-5);
            assertThatThrownBy(() -> collector.backward(y.sum()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("depends on no array");
        }
    }

    @Test
    void inferenceInsideACollectorGivesGradients() {
        Block block = initialized(normalized(), 9, 11);
        gradients(block, block, leaf(9, 11)); // running statistics that are not their initial ones
        Block compiled = Ipex.compile(block);
        NDArray x = leaf(9, 11);
        List<List<float[]>> both = new ArrayList<>();
        for (Block run : List.of(block, compiled)) {
            try (GradientCollector collector = engine.newGradientCollector()) {
                NDArray y = run.forward(store, new NDList(x), false).singletonOrThrow();
                collector.backward(y.square().sum());
            }
            both.add(read(block, x));
        }
        assertThat(both.get(0)).hasSize(7);
        assertSame(both.get(1), both.get(0));
        // Outside of one the ordinary graph serves.
        Trained.assertClose(
                "output",
                compiled.forward(store, new NDList(x), false).head().toFloatArray(),
                block.forward(store, new NDList(x), false).head().toFloatArray(),
                1e-5);
    }

    @Test
    void trainingForwardWithoutACollectorMovesStatisticsOnly() {
        Block block = initialized(normalized(), 9, 11);
        Block compiled = Ipex.compile(block);
        NDArray x = manager.randomNormal(new Shape(9, 11)).add(2);
        NDArray mean = block.getParameters().get("02BatchNorm_runningMean").getArray();
        float[] start = mean.toFloatArray();
        float[] expected = forward(block, x).toFloatArray();
        float[] moved = mean.toFloatArray();
        mean.set(start);
        long version = ((IpexNDArray) mean).tensor().version();
        Trained.assertClose("output", forward(compiled, x).toFloatArray(), expected, 1e-5);
        Trained.assertClose("mean", mean.toFloatArray(), moved, 1e-5);
        assertThat(((IpexNDArray) mean).tensor().version()).isEqualTo(version + 1);
    }

    @ParameterizedTest
    @ValueSource(floats = {0.3f, 0.5f})
    void dropoutDropsWhatEagerDrops(float rate) {
        Block block =
                initialized(
                        new SequentialBlock()
                                .add(Linear.builder().setUnits(33).build())
                                .add(Dropout.builder().optRate(rate).build())
                                .add(Activation::relu)
                                .add(Dropout.builder().optRate(rate).build())
                                .add(Linear.builder().setUnits(7).build()),
                        9,
                        11);
        Block compiled = Ipex.compile(block);
        NDArray x = leaf(9, 11);
        List<List<float[]>> all = new ArrayList<>();
        for (Block run : List.of(block, compiled)) {
            engine.setRandomSeed(23);
            List<float[]> twice = new ArrayList<>(gradients(run, block, x));
            twice.addAll(gradients(run, block, x)); // draws on
            all.add(twice);
        }
        assertSame(all.get(1), all.get(0));
    }

    @ParameterizedTest
    @ValueSource(floats = {0.3f, 0.5f})
    void dropoutInBfloat16DropsWhatEagerDropsBitForBit(float rate) {
        // Between two of them eager execution rounds, a kernel does not.
        Block dropout =
                new SequentialBlock()
                        .add(Dropout.builder().optRate(rate).build())
                        .add(Activation::relu);
        dropout.initialize(manager, DataType.FLOAT32, new Shape(9, 211));
        Block noisy =
                of(
                        a ->
                                a.add(
                                        a.getManager()
                                                .randomUniform(
                                                        -0.1f,
                                                        0.3f,
                                                        a.getShape(),
                                                        DataType.BFLOAT16)));
        NDArray x = manager.randomNormal(new Shape(9, 211)).toType(DataType.BFLOAT16, false);
        x.setRequiresGradient(true);
        for (Block block : List.of(dropout, noisy)) {
            Block compiled = Ipex.compile(block);
            List<List<float[]>> all = new ArrayList<>();
            for (Block run : List.of(block, compiled)) {
                engine.setRandomSeed(23);
                List<float[]> outputs = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    try (GradientCollector collector = engine.newGradientCollector()) {
                        NDArray y = run.forward(store, new NDList(x), true).head();
                        outputs.add(y.toType(DataType.FLOAT32, true).toFloatArray());
                        collector.backward(y);
                    }
                    outputs.add(x.getGradient().toType(DataType.FLOAT32, true).toFloatArray());
                }
                all.add(outputs);
            }
            for (int i = 0; i < all.getFirst().size(); i++) {
                assertThat(all.get(1).get(i)).isEqualTo(all.get(0).get(i));
            }
            assertThat(all.get(0).get(0)).isNotEqualTo(all.get(0).get(2));
        }
    }

    @Test
    void aGraphBreakIsWarnedOfOnceAndRunsEagerly() {
        Block block =
                initialized(
                        new SequentialBlock()
                                .add(Linear.builder().setUnits(13).build())
                                .add(
                                        (Function<NDList, NDList>)
                                                l ->
                                                        l.head().sum().getFloat() > 0
                                                                ? new NDList(l.head().mul(2))
                                                                : l)
                                .add(Linear.builder().setUnits(3).build()),
                        9,
                        11);
        NDArray x = leaf(9, 11);
        Block compiled = Ipex.compile(block);
        List<float[]> expected = gradients(block, block, x);
        String said =
                Trained.warnings(
                        () -> {
                            for (int i = 0; i < 3; i++) {
                                assertSame(gradients(compiled, block, x), expected);
                            }
                        });
        assertThat(said.lines().filter(l -> l.contains("op by op in training"))).hasSize(1);
        assertThat(said).contains("CompiledTrainingTest.java");
        Block strict = Ipex.compile(block, CompileOptions.defaults().fullGraph(true));
        assertThatThrownBy(() -> gradients(strict, block, x))
                .isInstanceOf(GraphBreakException.class)
                .hasMessageContaining("CompiledTrainingTest.java");
        // The collector was closed by the error: training goes on.
        assertSame(gradients(compiled, block, x), expected);
    }

    /** Adds what it has seen to a parameter without gradient, and may use that before. */
    private static final class Remembering extends AbstractBlock {
        private final Parameter seen;
        private final Parameter weight;
        private final BiFunction<NDArray, NDArray, NDArray> use;

        Remembering(BiFunction<NDArray, NDArray, NDArray> use) {
            this.use = use;
            seen =
                    addParameter(
                            Parameter.builder()
                                    .setName("seen")
                                    .setType(Parameter.Type.RUNNING_MEAN)
                                    .optRequiresGrad(false)
                                    .optShape(new Shape(5))
                                    .build());
            weight =
                    addParameter(
                            Parameter.builder()
                                    .setName("weight")
                                    .setType(Parameter.Type.WEIGHT)
                                    .optShape(new Shape(5))
                                    .build());
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                PairList<String, Object> params) {
            NDArray s = store.getValue(seen, inputs.head().getDevice(), training);
            NDArray w = store.getValue(weight, inputs.head().getDevice(), training);
            NDArray y = use.apply(inputs.head().mul(w), s);
            s.muli(0.5f).addi(inputs.head().stopGradient().sum(new int[] {0}).mul(0.1f));
            return new NDList(y);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return inputShapes;
        }
    }

    /** Backward wants the number that forward has replaced. */
    @Test
    void aStatisticThatBackwardReads() {
        for (BiFunction<NDArray, NDArray, NDArray> use :
                List.<BiFunction<NDArray, NDArray, NDArray>>of(
                        (x, s) -> x.mul(s.duplicate()), // op by op, the old number must be kept
                        NDArray::add,
                        (x, s) -> x.add(s).tanh())) {
            Block block = new Remembering(use);
            block.setInitializer(Initializer.ONES, Parameter.Type.WEIGHT);
            initialized(block, 3, 5);
            NDArray seen = block.getParameters().get("seen").getArray();
            NDArray x = leaf(3, 5);
            List<List<float[]>> both = new ArrayList<>();
            for (Block run :
                    List.of(
                            block,
                            Ipex.compile(block, CompileOptions.defaults().fullGraph(true)))) {
                seen.set(new float[] {1, 2, 3, 4, 5});
                List<float[]> got = new ArrayList<>();
                for (int round = 0; round < 2; round++) {
                    got.addAll(gradients(run, block, x));
                    got.add(seen.toFloatArray());
                }
                both.add(got);
            }
            assertSame(both.get(1), both.get(0));
        }
    }

    @Test
    void anotherBatchSizeFindsTheKernels() {
        Block block = initialized(normalized(), 9, 11);
        Set<String> known = new HashSet<>();
        try (CompiledTraining training =
                new CompiledTraining(
                        block, "test", CompileOptions.defaults(), OptimizeOptions.training())) {
            for (int batch : new int[] {37, 64, 50}) {
                NDArray x = leaf(batch, 11);
                try (GradientCollector collector = engine.newGradientCollector()) {
                    NDList out =
                            training.forward(
                                    (s, in) -> block.forward(s, in, true),
                                    store,
                                    new NDList(x),
                                    null,
                                    (IpexNDManager) manager);
                    collector.backward(out.head().square().sum());
                }
                List<float[]> actual = read(block, x);
                try (GradientCollector collector = engine.newGradientCollector()) {
                    collector.backward(forward(block, x).square().sum());
                }
                assertSame(actual, read(block, x));
                Set<String> symbols = new HashSet<>();
                for (CodeUnit u :
                        training.latest().function().executable().graph().main().units()) {
                    symbols.add(u.symbol());
                }
                assertThat(symbols).isNotEmpty();
                if (!known.isEmpty()) {
                    assertThat(known).containsAll(symbols);
                }
                known.addAll(symbols);
            }
        }
    }

    @Test
    void closingWhileBackwardIsToComeIsNoMatter() {
        Block block = initialized(mlp(), 9, 11);
        CompiledBlock compiled = (CompiledBlock) Ipex.compile(block);
        NDArray x = leaf(9, 11);
        List<float[]> expected = gradients(block, block, x);
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = forward(compiled, x);
            compiled.close();
            collector.backward(y.mul(y).add(y).sum());
        }
        assertSame(read(block, x), expected);
        assertSame(gradients(compiled, block, x), expected);
        compiled.close();
    }

    @Test
    void aForwardWithoutBackwardLeavesNothing() {
        Block block = initialized(normalized(), 9, 11);
        Block compiled = Ipex.compile(block);
        NDArray x = manager.randomNormal(new Shape(9, 11));
        LiveBytes.assertSteady(
                () -> {
                    try (GradientCollector collector = engine.newGradientCollector();
                            NDArray y = forward(compiled, x);
                            NDArray loss = y.sum()) {
                        collector.backward(loss);
                    }
                    try (GradientCollector collector = engine.newGradientCollector();
                            NDArray y = forward(compiled, x)) {
                        assertThat(y.getShape().get(0)).isEqualTo(9);
                    }
                });
    }
}
