package org.ipex4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.listener.LoggingTrainingListener;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SimpleCompositeLoss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.optimizer.Sgd;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.ipex4j.runtime.memory.Pool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DJL's training API on this engine. */
class IpexTrainerTest {
    private final IpexEngine engine = IpexEngine.instance();
    private NDManager manager;

    @BeforeEach
    void open() {
        engine.setRandomSeed(3);
        manager = engine.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static DefaultTrainingConfig config(Loss loss, float rate) {
        return new DefaultTrainingConfig(loss)
                .optOptimizer(Optimizer.sgd().setLearningRateTracker(Tracker.fixed(rate)).build())
                .addTrainingListeners(TrainingListener.Defaults.basic());
    }

    private ArrayDataset lines(int count, int batch) {
        NDArray weight = manager.create(new float[] {2f, -3.4f}, new Shape(2, 1));
        NDArray data = manager.randomNormal(new Shape(count, 2));
        NDArray label = data.dot(weight).add(4.2f);
        label.addi(manager.randomNormal(0, 0.01f, label.getShape(), DataType.FLOAT32));
        return new ArrayDataset.Builder()
                .setData(data)
                .optLabels(label)
                .setSampling(batch, false)
                .build();
    }

    @Test
    void linearRegressionConverges() throws IOException, TranslateException {
        try (Model model = Model.newInstance("linear", "IPEX")) {
            Linear block = Linear.builder().setUnits(1).build();
            model.setBlock(block);
            try (Trainer trainer =
                    model.newTrainer(
                            config(Loss.l2Loss(), 0.03f)
                                    .optInitializer(Initializer.ONES, Parameter.Type.WEIGHT))) {
                trainer.setMetrics(new Metrics());
                trainer.initialize(new Shape(10, 2));
                EasyTrain.fit(trainer, 4, lines(1000, 10), null);
                assertThat(trainer.getTrainingResult().getTrainLoss()).isLessThan(1e-3f);
                assertThat(trainer.getMetrics().hasMetric("backward")).isTrue();
            }
            float[] weight = block.getParameters().valueAt(0).getArray().toFloatArray();
            assertThat(weight[0]).isCloseTo(2f, Offset.offset(0.01f));
            assertThat(weight[1]).isCloseTo(-3.4f, Offset.offset(0.01f));
        }
    }

    /** Points in the plane, whose class is their quadrant. */
    private ArrayDataset quadrants(int count) {
        NDArray data = manager.randomUniform(-1, 1, new Shape(count, 2));
        NDArray label =
                data.get(":, 0")
                        .gt(0)
                        .toType(DataType.INT64, false)
                        .mul(2)
                        .add(data.get(":, 1").gt(0).toType(DataType.INT64, false));
        return new ArrayDataset.Builder()
                .setData(data)
                .optLabels(label)
                .setSampling(25, false)
                .build();
    }

    private static Block classifier() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(16).build())
                .add(Activation::relu)
                .add(Linear.builder().setUnits(4).build());
    }

    @Test
    void classifierIsTrainedEvaluatedSavedAndLoaded(@TempDir Path dir) throws Exception {
        float[] trained;
        NDArray probe = manager.randomUniform(-1, 1, new Shape(5, 2));
        try (Model model = Model.newInstance("quadrants", "IPEX")) {
            model.setBlock(classifier());
            try (Trainer trainer =
                    model.newTrainer(
                            config(Loss.softmaxCrossEntropyLoss(), 0.5f)
                                    .addTrainingListeners(new LoggingTrainingListener())
                                    .addEvaluator(new Accuracy()))) {
                trainer.setMetrics(new Metrics());
                trainer.initialize(new Shape(25, 2));
                EasyTrain.fit(trainer, 10, quadrants(300), quadrants(50));
                assertThat(trainer.getTrainingResult().getTrainEvaluation("Accuracy"))
                        .isGreaterThan(0.9f);
                assertThat(trainer.getTrainingResult().getValidateEvaluation("Accuracy"))
                        .isGreaterThan(0.9f);
                trained = trainer.evaluate(new NDList(probe)).singletonOrThrow().toFloatArray();
            }
            model.setProperty("Epoch", "6");
            model.save(dir, "quadrants");
        }
        try (Model model = Model.newInstance("quadrants", "IPEX")) {
            model.setBlock(classifier());
            model.load(dir, "quadrants");
            try (Trainer trainer = model.newTrainer(config(Loss.softmaxCrossEntropyLoss(), 0.1f))) {
                assertThat(trainer.evaluate(new NDList(probe)).singletonOrThrow().toFloatArray())
                        .containsExactly(trained);
                // It trains on from there.
                trainer.initialize(new Shape(25, 2));
                trainer.setMetrics(new Metrics());
                EasyTrain.fit(trainer, 1, quadrants(100), null);
                assertThat(trainer.getTrainingResult().getTrainLoss()).isLessThan(0.5f);
            }
        }
    }

    @Test
    void frozenParametersStayAndGetNoGradient() {
        Linear frozen = Linear.builder().setUnits(3).build();
        Linear free = Linear.builder().setUnits(1).build();
        try (Model model = Model.newInstance("frozen", "IPEX")) {
            model.setBlock(new SequentialBlock().add(frozen).add(free));
            frozen.freezeParameters(true);
            try (Trainer trainer = model.newTrainer(config(Loss.l2Loss(), 0.1f))) {
                trainer.initialize(new Shape(4, 2));
                NDArray weight = frozen.getParameters().valueAt(0).getArray();
                NDArray before = weight.duplicate();
                NDArray other = free.getParameters().valueAt(0).getArray();
                NDArray otherBefore = other.duplicate();
                step(trainer, manager.ones(new Shape(4, 2)), manager.zeros(new Shape(4, 1)));
                assertThat(weight.hasGradient()).isFalse();
                assertThat(weight.contentEquals(before)).isTrue();
                assertThat(other.contentEquals(otherBefore)).isFalse();
            }
        }
    }

    private static float step(Trainer trainer, NDArray data, NDArray labels) {
        float loss;
        try (NDManager scope = trainer.getManager().newSubManager()) {
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDArray input = data.duplicate();
                input.attach(scope);
                NDList predictions = trainer.forward(new NDList(input));
                NDArray value = trainer.getLoss().evaluate(new NDList(labels), predictions);
                collector.backward(value);
                loss = value.getFloat();
            }
            trainer.step();
        }
        return loss;
    }

    @Test
    void stepWithoutBackwardIsRefused() {
        try (Model model = Model.newInstance("none", "IPEX")) {
            model.setBlock(Linear.builder().setUnits(1).build());
            try (Trainer trainer = model.newTrainer(config(Loss.l2Loss(), 0.1f))) {
                trainer.initialize(new Shape(4, 2));
                assertThatThrownBy(trainer::step)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Gradient values are all zeros");
            }
            Model empty = Model.newInstance("empty", "IPEX");
            assertThatThrownBy(() -> empty.newTrainer(config(Loss.l2Loss(), 1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("setBlock");
            empty.close();
        }
    }

    @Test
    void severalLossesAddUp() {
        try (Model model = Model.newInstance("two", "IPEX")) {
            Linear block = Linear.builder().setUnits(2).optBias(false).build();
            model.setBlock(block);
            SimpleCompositeLoss loss =
                    new SimpleCompositeLoss()
                            .addLoss(Loss.l2Loss("a", 1f))
                            .addLoss(Loss.l1Loss("b"));
            try (Trainer trainer = model.newTrainer(config(loss, 0.1f))) {
                trainer.initialize(new Shape(4, 2));
                NDArray weight = block.getParameters().valueAt(0).getArray();
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDArray out =
                            trainer.forward(new NDList(manager.ones(new Shape(4, 2))))
                                    .singletonOrThrow();
                    collector.backward(
                            loss.evaluate(
                                    new NDList(manager.full(new Shape(4, 2), 50f)),
                                    new NDList(out)));
                }
                float[] gradient = weight.getGradient().toFloatArray();
                float[] value = weight.toFloatArray();
                for (int i = 0; i < 2; i++) {
                    // Means of squares and of distances over two columns.
                    float out = value[2 * i] + value[2 * i + 1];
                    assertThat(gradient[2 * i]).isCloseTo((out - 50) - 0.5f, Offset.offset(1e-4f));
                }
            }
        }
    }

    private static Block convolutional() {
        return new SequentialBlock()
                .add(Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(8).build())
                .add(BatchNorm.builder().build())
                .add(Activation::relu)
                .add(Dropout.builder().optRate(0.3f).build())
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(3).build());
    }

    @Test
    void trainingIsReproducibleAndMovesRunningStatistics() {
        List<List<Float>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            engine.setRandomSeed(11);
            try (Model model = Model.newInstance("conv", "IPEX")) {
                Block block = convolutional();
                model.setBlock(block);
                try (Trainer trainer =
                        model.newTrainer(config(Loss.softmaxCrossEntropyLoss(), 0.1f))) {
                    trainer.initialize(new Shape(6, 3, 9, 9));
                    NDArray data = manager.randomNormal(new Shape(6, 3, 9, 9)).add(1);
                    NDArray labels = manager.create(new long[] {0, 1, 2, 0, 1, 2});
                    List<Float> losses = new ArrayList<>();
                    for (int i = 0; i < 12; i++) {
                        losses.add(step(trainer, data, labels));
                    }
                    assertThat(losses.getLast()).isLessThan(losses.getFirst() / 2);
                    runs.add(losses);
                    NDArray mean = block.getParameters().get("02BatchNorm_runningMean").getArray();
                    assertThat(mean.abs().sum().getFloat()).isPositive();
                    assertThat(mean.hasGradient()).isFalse();
                }
            }
        }
        assertThat(runs.get(0)).isEqualTo(runs.get(1));
    }

    @Test
    void memoryDoesNotGrowFromStepToStep() throws IOException, TranslateException {
        try (Model model = Model.newInstance("leak", "IPEX")) {
            model.setBlock(convolutional());
            try (Trainer trainer =
                    model.newTrainer(config(Loss.softmaxCrossEntropyLoss(), 0.01f))) {
                trainer.setMetrics(new Metrics());
                trainer.initialize(new Shape(6, 3, 9, 9));
                ArrayDataset data =
                        new ArrayDataset.Builder()
                                .setData(manager.randomNormal(new Shape(240, 3, 9, 9)))
                                .optLabels(
                                        manager.randomInteger(0, 3, new Shape(240), DataType.INT64))
                                .setSampling(6, false)
                                .build();
                List<Long> bytes = new ArrayList<>();
                for (Batch batch : trainer.iterateDataset(data)) {
                    EasyTrain.trainBatch(trainer, batch);
                    trainer.step();
                    batch.close();
                    bytes.add(Pool.shared().statistics().liveBytes());
                }
                assertThat(bytes).hasSize(40);
                assertThat(bytes.getLast()).isLessThanOrEqualTo(bytes.get(5));
            }
        }
    }

    @Test
    void stepsCanBeReplaced() {
        try (Model model = Model.newInstance("steps", "IPEX")) {
            model.setBlock(Linear.builder().setUnits(1).build());
            try (Trainer made = model.newTrainer(config(Loss.l2Loss(), 0.1f))) {
                IpexTrainer trainer = (IpexTrainer) made;
                trainer.initialize(new Shape(4, 2));
                assertThat(trainer.config().getOptimizer()).isInstanceOf(Sgd.class);
                int[] steps = {0};
                TrainingSteps eager = trainer.eagerSteps();
                trainer.replaceSteps(
                        new TrainingSteps() {
                            @Override
                            public GradientCollector newGradientCollector() {
                                return eager.newGradientCollector();
                            }

                            @Override
                            public NDList forward(NDList data) {
                                return eager.forward(data);
                            }

                            @Override
                            public NDList forward(NDList data, NDList labels) {
                                return eager.forward(data, labels);
                            }

                            @Override
                            public NDList evaluate(NDList data) {
                                return trainer.eagerSteps().evaluate(data);
                            }

                            @Override
                            public void step() {
                                steps[0]++;
                                eager.step();
                            }
                        });
                NDArray ones = manager.ones(new Shape(4, 2));
                step(trainer, ones, manager.full(new Shape(4, 1), 9f));
                assertThat(steps[0]).isEqualTo(1);
            }
        }
    }
}
