package org.ipex4j.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Adam;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.IpexTrainer;
import org.ipex4j.engine.weights.StateDict;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Optimizers in trainers: what is kept, saved and restored, and what is refused. */
class OptimizerStateTest {
    private static final ParameterTracker RATE = (id, t) -> 0.1f / (1 + t);

    private static Supplier<Optimizer> optimizer(String kind) {
        return switch (kind) {
            case "sgd" ->
                    () -> Optimizer.sgd().setLearningRateTracker(RATE).optMomentum(0.9f).build();
            case "adam" -> () -> Adam.builder().optLearningRateTracker(RATE).build();
            case "torch adamw" ->
                    () -> TorchOptimizers.adamW().optLearningRateTracker(RATE).build();
            default ->
                    () ->
                            TorchOptimizers.sgd()
                                    .optMomentum(0.9)
                                    .optDampening(0.5)
                                    .optLearningRateTracker(RATE)
                                    .optClipNorm(0.5)
                                    .build();
        };
    }

    /** A small network under training. */
    private static final class Training implements AutoCloseable {
        final Model model = Model.newInstance("net", "IPEX");
        final IpexTrainer trainer;

        Training(Optimizer optimizer) {
            model.setBlock(
                    new SequentialBlock()
                            .add(Linear.builder().setUnits(13).build())
                            .add(Activation::relu)
                            .add(Linear.builder().setUnits(3).build()));
            trainer =
                    (IpexTrainer)
                            model.newTrainer(
                                    new DefaultTrainingConfig(Loss.l2Loss())
                                            .optOptimizer(optimizer));
            trainer.initialize(new Shape(5, 7));
            int k = 0;
            for (var p : StateDict.of(model.getBlock()).values()) {
                NDArray a = p.getArray();
                float[] values = new float[(int) a.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) Math.sin(i + 100 * k);
                }
                a.set(values);
                k++;
            }
        }

        void steps(int from, int to) {
            for (int t = from; t < to; t++) {
                try (NDManager scope = trainer.getManager().newSubManager()) {
                    NDArray x = scope.arange(35f).add(t).sin().reshape(5, 7);
                    NDArray y = scope.arange(15f).add(t).cos().reshape(5, 3);
                    try (GradientCollector collector = trainer.newGradientCollector()) {
                        NDList out = trainer.forward(new NDList(x));
                        collector.backward(trainer.getLoss().evaluate(new NDList(y), out));
                        out.close();
                    }
                    trainer.step();
                }
            }
        }

        Map<String, float[]> weights() {
            Map<String, float[]> out = new LinkedHashMap<>();
            StateDict.of(model.getBlock())
                    .forEach((name, p) -> out.put(name, p.getArray().toFloatArray()));
            return out;
        }

        void weights(Map<String, float[]> values) {
            StateDict.of(model.getBlock()).forEach((name, p) -> p.getArray().set(values.get(name)));
        }

        @Override
        public void close() {
            trainer.close();
            model.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "adam", "torch adamw", "torch sgd"})
    void aResumedTrainingGoesOnBitForBit(String kind) {
        try (NDManager manager = IpexEngine.instance().newBaseManager();
                Training whole = new Training(optimizer(kind).get());
                Training first = new Training(optimizer(kind).get());
                Training second = new Training(optimizer(kind).get())) {
            whole.steps(0, 7);

            first.steps(0, 4);
            Map<String, NDArray> state = first.trainer.optimizerState().state(manager);
            Map<String, float[]> weights = first.weights();
            assertThat(state).containsKey("0.weight/updates");
            assertThat(state.get("0.weight/updates").toLongArray()).containsExactly(4);
            first.steps(4, 6); // what was saved is a copy

            second.weights(weights);
            second.trainer.optimizerState().restore(state);
            second.steps(4, 7);
            equal(second.weights(), whole.weights());

            // Also into a training under way.
            first.weights(weights);
            Map<String, NDArray> again = new LinkedHashMap<>(state);
            first.trainer.optimizerState().restore(again);
            Map<String, NDArray> now = first.trainer.optimizerState().state(manager);
            state.forEach(
                    (name, value) -> {
                        if (!name.endsWith("/updates")) {
                            assertThat(now.get(name).toFloatArray())
                                    .as(name)
                                    .containsExactly(value.toFloatArray());
                        }
                    });
        }
    }

    private static void equal(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (name, values) -> assertThat(actual.get(name)).as(name).containsExactly(values));
    }

    /** Parameter by parameter or all at once: the same numbers. */
    @Test
    void aBatchComputesWhatSingleUpdatesDo() {
        try (Training together = new Training(optimizer("adam").get());
                NDManager manager = IpexEngine.instance().newBaseManager()) {
            Map<String, NDArray> single = new HashMap<>();
            together.weights().forEach((name, w) -> single.put(name, manager.create(w)));
            Optimizer alone = optimizer("adam").get();
            for (int t = 0; t < 3; t++) {
                try (NDManager scope = together.trainer.getManager().newSubManager()) {
                    NDArray x = scope.arange(35f).add(t).sin().reshape(5, 7);
                    try (GradientCollector collector = together.trainer.newGradientCollector()) {
                        NDArray y = together.trainer.forward(new NDList(x)).head();
                        collector.backward(y.square().sum());
                    }
                    StateDict.of(together.model.getBlock())
                            .forEach(
                                    (name, p) ->
                                            alone.update(
                                                    name,
                                                    single.get(name),
                                                    p.getArray()
                                                            .getGradient()
                                                            .reshape(single.get(name).getShape())));
                    together.trainer.step();
                }
            }
            together.weights()
                    .forEach(
                            (name, w) ->
                                    assertThat(single.get(name).toFloatArray())
                                            .as(name)
                                            .containsExactly(w));
        }
    }

    @Test
    void stridedParametersAndGradients() {
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            NDArray whole = manager.arange(24f).reshape(4, 6);
            NDArray part = whole.get(":, 1:3");
            NDArray grad = manager.ones(new Shape(2, 4)).transpose();
            Optimizer.sgd().setLearningRateTracker((id, t) -> 1).build().update("p", part, grad);
            assertThat(whole.toFloatArray())
                    .startsWith(0, 0, 1, 3, 4, 5, 6, 6, 7, 9)
                    .endsWith(18, 18, 19, 21, 22, 23);
        }
    }

    @Test
    void thousandsOfStepsHoldNoMoreMemory() {
        try (Training training = new Training(optimizer("adam").get());
                NDManager manager = IpexEngine.instance().newBaseManager()) {
            training.steps(0, 3);
            IpexParameterServer server = (IpexParameterServer) training.trainer.optimizerState();
            NDArray w = manager.ones(new Shape(33));
            NDArray g = manager.ones(new Shape(33));
            LiveBytes.assertSteady(
                    () -> {
                        for (int i = 0; i < 1000; i++) {
                            try (UpdateBatch batch = UpdateBatch.open()) {
                                server.update("w", new NDArray[] {g}, new NDArray[] {w});
                                batch.run();
                            }
                        }
                    });
        }
    }

    @Test
    void misuseIsRefusedAndChangesNothing() {
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            Optimizer sgd = optimizer("sgd").get();
            IpexParameterServer server = IpexParameterServer.of(sgd);
            server.nameParameters(Map.of("id-1", "fc.weight"));
            NDArray w = manager.create(new float[] {1, 2, 3});
            NDArray small = manager.create(new float[] {1, 2});
            assertThatThrownBy(
                            () -> server.update("id-1", new NDArray[] {small}, new NDArray[] {w}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "sgdUpdate of 'fc.weight': the gradient is f32[2], the parameter f32[3]");
            NDArray closed = manager.create(new float[] {1, 2, 3});
            closed.close();
            assertThatThrownBy(() -> sgd.update("x", w, closed))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            NDArray whole = manager.create(new int[] {1, 2, 3});
            assertThatThrownBy(() -> sgd.update("y", whole, whole.duplicate()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("floating");
            assertThatThrownBy(
                            () ->
                                    w.getNDArrayInternal()
                                            .sgdUpdate(
                                                    new NDList(w, w.duplicate()),
                                                    new NDList(w),
                                                    1,
                                                    0,
                                                    1,
                                                    -1,
                                                    0.9f,
                                                    false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[momentum]");
            // The gradient in the parameter's own memory.
            assertThatThrownBy(() -> sgd.update("z", w, w))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("shares memory");
            assertThat(w.toFloatArray()).containsExactly(1, 2, 3);
            try (UpdateBatch _ = UpdateBatch.open()) {
                assertThatThrownBy(UpdateBatch::open).isInstanceOf(IllegalStateException.class);
                sgd.update("v", w, manager.ones(new Shape(3)));
            }
            assertThat(w.toFloatArray()).as("a batch that was not run").containsExactly(1, 2, 3);
        }
    }

    @Test
    void aStateOfAnotherModelIsRefused() {
        try (NDManager manager = IpexEngine.instance().newBaseManager();
                Training training = new Training(optimizer("sgd").get())) {
            training.steps(0, 2);
            StatefulOptimizer door = training.trainer.optimizerState();
            Map<String, float[]> before = floats(door.state(manager));
            NDArray two = manager.create(2L);
            NDArray seven = manager.ones(new Shape(7));
            refused(door, Map.of("conv1.weight/momentum", seven), "conv1.weight/momentum");
            refused(door, Map.of("0.bias/momentum", seven), "updates");
            refused(door, Map.of("0.bias/updates", two), "keeps");
            refused(door, Map.of("0.bias/updates", two, "0.bias/momentum", seven), "f32[13]");
            refused(door, Map.of("0.bias/updates", seven), "INT64");
            Map<String, float[]> after = floats(door.state(manager));
            equal(after, before);
            // Of another optimizer, found at the first update.
            try (Training fresh = new Training(optimizer("adam").get())) {
                fresh.trainer.optimizerState().restore(door.state(manager));
                assertThatThrownBy(() -> fresh.steps(0, 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("momentum")
                        .hasMessageContaining("mean");
            }
        }
    }

    private static void refused(StatefulOptimizer door, Map<String, NDArray> state, String why) {
        assertThatThrownBy(() -> door.restore(state))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    private static Map<String, float[]> floats(Map<String, NDArray> state) {
        Map<String, float[]> out = new LinkedHashMap<>();
        state.forEach((k, v) -> out.put(k, v.toType(DataType.FLOAT32, true).toFloatArray()));
        return out;
    }

    /** An optimizer that the engine does not know does its own work. */
    @Test
    void otherOptimizersUpdateByThemselves() {
        Optimizer own =
                new Optimizer(TorchOptimizers.sgd()) {
                    @Override
                    public void update(String parameterId, NDArray weight, NDArray grad) {
                        weight.subi(grad.mul(0.5f));
                    }
                };
        try (Training training = new Training(own);
                NDManager manager = IpexEngine.instance().newBaseManager()) {
            float[] before = training.weights().get("2.bias");
            training.steps(0, 1);
            assertThat(training.weights().get("2.bias")).isNotEqualTo(before);
            assertThat(training.trainer.optimizerState().state(manager)).isEmpty();
        }
    }

    /** NaN gradients reach the parameter, as in DJL; a NaN rate is refused where DJL does. */
    @Test
    void nanIsTreatedAsDjlDoes() {
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            NDArray w = manager.create(new float[] {1, 2});
            NDArray g = manager.create(new float[] {Float.NaN, 1});
            Optimizer.sgd()
                    .setLearningRateTracker((id, t) -> 1)
                    .optClipGrad(5)
                    .build()
                    .update("w", w, g);
            assertThat(w.toFloatArray()).containsExactly(Float.NaN, 1);
            Adam adam = Adam.builder().optLearningRateTracker((id, t) -> Float.NaN).build();
            assertThatThrownBy(() -> adam.update("w", w, g))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("nan");
        }
    }
}
