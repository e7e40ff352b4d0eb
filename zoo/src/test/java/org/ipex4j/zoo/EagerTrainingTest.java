package org.ipex4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.runtime.memory.Pool;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The zoo's models learn by heart what they are shown, op by op, and leave no memory behind. */
class EagerTrainingTest {
    @ParameterizedTest
    @CsvSource({"resnet18, 0.01, 0.5", "mobilenet_v3_small, 0.02, 0.8"})
    void lossFallsAndMemoryStays(String name, float rate, float left) {
        IpexEngine.instance().setRandomSeed(5);
        try (Model model = Model.newInstance(name, "IPEX")) {
            model.setBlock(Classifiers.create(name, 4));
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(
                                    Optimizer.sgd()
                                            .setLearningRateTracker(Tracker.fixed(rate))
                                            .optMomentum(0.9f)
                                            .build());
            try (Trainer trainer = model.newTrainer(config)) {
                Shape shape = new Shape(4, 3, 32, 32);
                trainer.initialize(shape);
                NDManager manager = trainer.getManager();
                NDArray images = manager.randomNormal(shape);
                NDArray labels = manager.create(new long[] {0, 1, 2, 3});
                List<Float> losses = new ArrayList<>();
                List<Long> bytes = new ArrayList<>();
                for (int step = 0; step < 8; step++) {
                    losses.add(step(trainer, images, labels));
                    bytes.add(Pool.shared().statistics().liveBytes());
                }
                assertThat(losses.getLast()).isLessThan(left * losses.getFirst());
                assertThat(bytes.getLast()).isLessThanOrEqualTo(bytes.get(3));
            }
        }
    }

    private static float step(Trainer trainer, NDArray images, NDArray labels) {
        float loss;
        try (NDManager scope = trainer.getManager().newSubManager()) {
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDArray input = images.duplicate();
                input.attach(scope);
                NDList logits = trainer.forward(new NDList(input));
                NDArray value = trainer.getLoss().evaluate(new NDList(labels), logits);
                collector.backward(value);
                loss = value.getFloat();
            }
            trainer.step();
        }
        return loss;
    }
}
