package org.ipex4j.engine.capture;

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
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.capture.Trained.Way;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Trainers whose steps are compiled learn as eager ones do. */
class CompiledStepsTest {
    private static final Shape IMAGES = new Shape(6, 3, 17, 17);

    static Conv2d conv(int filters, int stride) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .optStride(new Shape(stride, stride))
                .optPadding(new Shape(1, 1))
                .optBias(false)
                .setFilters(filters)
                .build();
    }

    /** Convolutions, BatchNorm, ReLU, a residual sum, both kinds of pool, a linear layer. */
    static Block residual() {
        SequentialBlock branch =
                new SequentialBlock()
                        .add(conv(16, 1))
                        .add(BatchNorm.builder().build())
                        .add(Activation::relu)
                        .add(conv(16, 1))
                        .add(BatchNorm.builder().build());
        Function<List<NDList>, NDList> sum =
                l -> new NDList(l.get(0).singletonOrThrow().add(l.get(1).singletonOrThrow()));
        return new SequentialBlock()
                .add(conv(16, 2))
                .add(BatchNorm.builder().build())
                .add(Activation::relu)
                .add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)))
                .add(new ParallelBlock(sum, List.of(branch, Blocks.identityBlock())))
                .add(Activation::relu)
                .add(Pool.globalAvgPool2dBlock())
                .add(Linear.builder().setUnits(4).build());
    }

    private static Trained residual(Way way) {
        return new Trained(
                way, CompiledStepsTest::residual, Loss.softmaxCrossEntropyLoss(), IMAGES);
    }

    private static List<Float> losses(Trained t, int steps) {
        List<Float> out = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            out.add(t.step(t.draw(i, 6, 3, 17, 17), t.classes(6, 4)));
        }
        return out;
    }

    @ParameterizedTest
    @EnumSource(names = {"BLOCK", "TRAINER"})
    void stepsAreThoseOfEagerTraining(Way way) {
        try (Trained eager = residual(Way.EAGER);
                Trained compiled = residual(way)) {
            List<Float> expected = losses(eager, 5);
            List<Float> actual = losses(compiled, 5);
            for (int i = 0; i < 5; i++) {
                assertThat(actual.get(i) / expected.get(i))
                        .as("loss %d", i)
                        .isBetween(0.999f, 1.001f);
            }
            Trained.assertClose(compiled.parameters(), eager.parameters(), 1e-3);
        }
    }

    private static NDArray runningMean(Trained t) {
        return t.block.getParameters().get("02BatchNorm_runningMean").getArray();
    }

    @Test
    void statisticsAreWrittenOncePerForward() {
        try (Trained eager = residual(Way.EAGER);
                Trained compiled = residual(Way.TRAINER)) {
            for (Trained t : List.of(eager, compiled)) {
                long before = ((IpexNDArray) runningMean(t)).tensor().version();
                try (GradientCollector collector = t.trainer.newGradientCollector()) {
                    NDArray loss = t.loss(t.draw(1, 6, 3, 17, 17), t.classes(6, 4));
                    assertThat(((IpexNDArray) runningMean(t)).tensor().version())
                            .isEqualTo(before + 1);
                    collector.backward(loss);
                }
                assertThat(((IpexNDArray) runningMean(t)).tensor().version()).isEqualTo(before + 1);
            }
            Trained.assertClose(compiled.parameters(), eager.parameters(), 1e-5);
        }
    }

    @Test
    void aLabelOutOfRangeIsNamedAndLeavesStatisticsAsEager() {
        try (Trained eager = residual(Way.EAGER);
                Trained compiled = residual(Way.TRAINER)) {
            losses(compiled, 1); // compiled and warm
            losses(eager, 1);
            for (Trained t : List.of(eager, compiled)) {
                NDArray wrong = t.manager.create(new long[] {0, 1, 2, 9, 1, 0});
                try (GradientCollector collector = t.trainer.newGradientCollector()) {
                    assertThatThrownBy(() -> t.loss(t.draw(1, 6, 3, 17, 17), wrong))
                            .isInstanceOf(IndexOutOfBoundsException.class)
                            .hasMessageContaining("9");
                }
            }
            Trained.assertClose(compiled.parameters(), eager.parameters(), 1e-3);
            // Both train on.
            float expected = losses(eager, 1).getFirst();
            assertThat(losses(compiled, 1).getFirst() / expected).isBetween(0.999f, 1.001f);
        }
    }

    @Test
    void gradientsOfSeveralBatchesAddUpInOneCollector() {
        try (Trained eager = residual(Way.EAGER);
                Trained compiled = residual(Way.TRAINER)) {
            List<Map<String, float[]>> both = new ArrayList<>();
            for (Trained t : List.of(eager, compiled)) {
                try (GradientCollector collector = t.trainer.newGradientCollector()) {
                    for (int i = 0; i < 3; i++) {
                        collector.backward(t.loss(t.draw(i, 6, 3, 17, 17), t.classes(6, 4)));
                    }
                }
                both.add(t.gradients());
                t.trainer.step();
            }
            Trained.assertClose(both.get(1), both.get(0), 1e-3);
            Trained.assertClose(compiled.parameters(), eager.parameters(), 1e-3);
        }
    }

    /** Predictions are used beside the loss: an auxiliary term flows back too. */
    @Test
    void aTermBesideTheLoss() {
        try (Trained eager = residual(Way.EAGER);
                Trained compiled = residual(Way.TRAINER)) {
            List<Map<String, float[]>> both = new ArrayList<>();
            for (Trained t : List.of(eager, compiled)) {
                try (GradientCollector collector = t.trainer.newGradientCollector()) {
                    NDList labels = new NDList(t.classes(6, 4));
                    NDList out = t.trainer.forward(new NDList(t.draw(1, 6, 3, 17, 17)), labels);
                    NDArray loss = t.trainer.getLoss().evaluate(labels, out);
                    collector.backward(loss.add(out.head().square().mean().mul(0.1f)));
                }
                both.add(t.gradients());
            }
            Trained.assertClose(both.get(1), both.get(0), 1e-3);
        }
    }

    @Test
    void theLastBatchIsSmaller() {
        try (Trained eager = residual(Way.EAGER);
                Trained compiled = residual(Way.TRAINER)) {
            for (int batch : new int[] {6, 5, 6, 1, 5}) {
                float expected =
                        eager.step(eager.draw(batch, batch, 3, 17, 17), eager.classes(batch, 4));
                float actual =
                        compiled.step(
                                compiled.draw(batch, batch, 3, 17, 17), compiled.classes(batch, 4));
                assertThat(actual / expected).as("batch of %d", batch).isBetween(0.995f, 1.005f);
            }
        }
    }

    @Test
    void dropoutEqualsEagers() {
        List<List<Float>> all = new ArrayList<>();
        for (Way way : Way.values()) {
            try (Trained t =
                    new Trained(
                            way,
                            () ->
                                    new SequentialBlock()
                                            .add(Linear.builder().setUnits(33).build())
                                            .add(Activation::relu)
                                            .add(Dropout.builder().optRate(0.3f).build())
                                            .add(Linear.builder().setUnits(17).build())
                                            .add(Dropout.builder().optRate(0.5f).build())
                                            .add(Linear.builder().setUnits(4).build()),
                            Loss.softmaxCrossEntropyLoss(),
                            new Shape(6, 13))) {
                List<Float> losses = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    losses.add(t.step(t.draw(i, 6, 13), t.classes(6, 4)));
                }
                all.add(losses);
            }
        }
        for (int way = 1; way < 3; way++) {
            for (int i = 0; i < 6; i++) {
                assertThat(all.get(way).get(i) / all.get(0).get(i))
                        .as("%s, step %d", Way.values()[way], i)
                        .isBetween(0.9995f, 1.0005f);
            }
        }
    }

    /** Reads numbers on the host: no graph holds it. */
    private static final class HostLoss extends Loss {
        HostLoss() {
            super("HostLoss");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDArray l = predictions.head().sub(labels.head()).square().mean();
            return l.getFloat() > 1e9 ? l.mul(2) : l;
        }
    }

    @Test
    void aLossThatNoGraphHoldsLeavesTheModelCompiled() {
        List<List<Float>> both = new ArrayList<>();
        for (Way way : List.of(Way.EAGER, Way.TRAINER)) {
            String said =
                    Trained.warnings(
                            () -> {
                                try (Trained t =
                                        new Trained(
                                                way,
                                                () ->
                                                        new SequentialBlock()
                                                                .add(
                                                                        Linear.builder()
                                                                                .setUnits(5)
                                                                                .build())
                                                                .add(Activation::tanh),
                                                new HostLoss(),
                                                new Shape(6, 13))) {
                                    List<Float> losses = new ArrayList<>();
                                    for (int i = 0; i < 4; i++) {
                                        losses.add(t.step(t.draw(i, 6, 13), t.draw(9, 6, 5)));
                                    }
                                    both.add(losses);
                                }
                            });
            assertThat(said.lines().filter(l -> l.contains("training step of SequentialBlock")))
                    .hasSize(way == Way.EAGER ? 0 : 1);
        }
        for (int i = 0; i < 4; i++) {
            assertThat(both.get(1).get(i) / both.get(0).get(i)).isBetween(0.9999f, 1.0001f);
        }
    }

    @Test
    void evaluationBetweenStepsSeesTheNewWeights() {
        try (Trained eager = residual(Way.EAGER);
                Trained compiled = residual(Way.TRAINER)) {
            for (int i = 0; i < 3; i++) {
                List<float[]> outputs = new ArrayList<>();
                for (Trained t : List.of(eager, compiled)) {
                    losses(t, 1);
                    outputs.add(
                            t.trainer
                                    .evaluate(new NDList(t.draw(7, 6, 3, 17, 17)))
                                    .head()
                                    .toFloatArray());
                }
                Trained.assertClose("logits", outputs.get(1), outputs.get(0), 2e-3);
            }
        }
    }

    @Test
    void easyTrainFitsWithListenersAndValidation() throws Exception {
        List<Float> trained = new ArrayList<>();
        List<Float> validated = new ArrayList<>();
        List<Float> accuracies = new ArrayList<>();
        for (boolean compile : new boolean[] {false, true}) {
            IpexEngine.instance().setRandomSeed(31);
            try (Model model = Model.newInstance("fit", "IPEX");
                    NDManager manager = NDManager.newBaseManager("IPEX")) {
                model.setBlock(
                        new SequentialBlock()
                                .add(Linear.builder().setUnits(16).build())
                                .add(BatchNorm.builder().build())
                                .add(Activation::relu)
                                .add(Linear.builder().setUnits(4).build()));
                try (Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .addEvaluator(new Accuracy())
                                        .addTrainingListeners(
                                                TrainingListener.Defaults.logging()))) {
                    if (compile) {
                        Ipex.compile(trainer);
                    }
                    trainer.setMetrics(new Metrics());
                    trainer.initialize(new Shape(25, 2));
                    // 310 points: the last batch has 10.
                    EasyTrain.fit(trainer, 6, quadrants(manager, 310), quadrants(manager, 60));
                    accuracies.add(trainer.getTrainingResult().getValidateEvaluation("Accuracy"));
                    trained.add(trainer.getTrainingResult().getTrainLoss());
                    validated.add(trainer.getTrainingResult().getValidateLoss());
                    for (String metric : List.of("forward", "backward", "step")) {
                        assertThat(trainer.getMetrics().hasMetric(metric)).as(metric).isTrue();
                    }
                }
            }
        }
        assertThat(trained.get(1) / trained.get(0)).isBetween(0.99f, 1.01f);
        assertThat(validated.get(1) / validated.get(0)).isBetween(0.99f, 1.01f);
        // Of 60 points, one may lie on the border.
        assertThat(accuracies.get(1)).isCloseTo(accuracies.get(0), Offset.offset(0.02f));
    }

    /** Points in the plane, whose class is their quadrant. */
    private static ArrayDataset quadrants(NDManager manager, int count) {
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

    @Test
    void warmStepsLeaveNothing() {
        warmSteps(40);
    }

    @Tag("slow")
    @Test
    void manyWarmStepsLeaveNothing() {
        warmSteps(500);
    }

    private static void warmSteps(int count) {
        try (Trained t = residual(Way.TRAINER)) {
            NDArray data = t.draw(1, 6, 3, 17, 17);
            NDArray labels = t.classes(6, 4);
            LiveBytes.assertSteady(() -> t.step(data, labels));
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long native0 = LiveBytes.settled();
            long heap0 = threads.getTotalThreadAllocatedBytes();
            for (int i = 0; i < count; i++) {
                t.step(data, labels);
            }
            long garbage = (threads.getTotalThreadAllocatedBytes() - heap0) / count;
            assertThat(garbage).as("bytes of Java garbage a step").isLessThan(1 << 20);
            assertThat(LiveBytes.now()).isEqualTo(native0);
        }
    }
}
