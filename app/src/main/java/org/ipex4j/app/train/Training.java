package org.ipex4j.app.train;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.training.tracker.WarmUpTracker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.checkpoint.Checkpoint;
import org.ipex4j.engine.weights.StateDict;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.ImageClassifier;
import org.ipex4j.zoo.ResNet;

/** A model that learns: block, optimizer and DJL's trainer of them. */
final class Training implements AutoCloseable {
    private final ImageClassifier block;
    private final Model model;
    private final Optimizer optimizer;
    private final Trainer trainer;
    private final Shape input;

    /** What evaluation runs: the block itself, or its compiled form. */
    private final Block inference;

    /** Of the last batch. */
    private Score score;

    /**
     * @param steps of the whole run: the learning rate falls to zero over them
     * @param compiled whether to compile, or to run op by op
     */
    Training(Settings settings, int classes, int steps, boolean compiled) {
        IpexEngine.instance().setRandomSeed(Long.hashCode(settings.seed()));
        block = Classifiers.create(settings.model(), classes);
        if (block instanceof ResNet resnet) {
            resnet.zeroInitResidual();
        }
        input = new Shape(settings.batchSize(), 3, settings.imageSize(), settings.imageSize());
        model = Model.newInstance(settings.model(), IpexEngine.NAME);
        model.setBlock(block);
        optimizer =
                Optimizer.sgd()
                        .setLearningRateTracker(rate(settings, steps))
                        .optMomentum(settings.momentum())
                        .optWeightDecays(settings.weightDecay())
                        .build();
        trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(optimizer)
                                .optDevices(new Device[] {Device.cpu()})
                                .addTrainingListeners(new Scoring()));
        trainer.initialize(input);
        if (compiled) {
            Ipex.optimize(trainer);
            Ipex.compile(trainer);
        }
        inference =
                compiled ? Ipex.compile(Ipex.optimize(block, OptimizeOptions.inference())) : block;
    }

    private static Tracker rate(Settings s, int steps) {
        int falling = Math.max(1, steps - s.warmUp());
        return WarmUpTracker.builder()
                .optWarmUpSteps(s.warmUp())
                .setMainTracker(
                        Tracker.cosine()
                                .setBaseValue(s.rate())
                                .optFinalValue(0)
                                .setMaxUpdates(falling)
                                .build())
                .build();
    }

    /** Keeps the score of each batch; the trainer closes its logits afterwards. */
    private final class Scoring extends TrainingListenerAdapter {
        @Override
        public void onTrainingBatch(Trainer source, BatchData data) {
            NDArray labels = data.getLabels().get(Device.cpu()).singletonOrThrow();
            score = Score.of(data.getPredictions().get(Device.cpu()).singletonOrThrow(), labels);
        }
    }

    NDManager manager() {
        return trainer.getManager();
    }

    /**
     * Learns from a batch, which stays the caller's to close. Its score is from before the step.
     */
    Score step(Batch batch) {
        EasyTrain.trainBatch(trainer, batch);
        trainer.step();
        return score;
    }

    /**
     * The logits of a batch, as at inference.
     *
     * @return the batch's manager owns them
     */
    NDArray infer(Batch batch) {
        try (NDManager scope = manager().newSubManager()) {
            NDList logits =
                    inference.forward(new ParameterStore(scope, false), batch.getData(), false);
            logits.attach(batch.getManager());
            return logits.singletonOrThrow();
        }
    }

    /** The first parameter with a number that is not finite. */
    Optional<String> brokenParameter() {
        return StateDict.of(block).entrySet().stream()
                .filter(e -> !isFinite(e.getValue().getArray()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static boolean isFinite(NDArray array) {
        for (float v : array.toFloatArray()) {
            if (!Float.isFinite(v)) {
                return false;
            }
        }
        return true;
    }

    void save(Path checkpoint, Map<String, String> notes) throws IOException {
        Checkpoint.save(checkpoint, trainer, notes);
    }

    void restore(Checkpoint checkpoint) throws IOException {
        checkpoint.restore(trainer, input);
    }

    /** Writes the parameters alone, under torchvision's names. */
    void saveWeights(Path path) throws IOException {
        Weights.save(block, path);
    }

    @Override
    public void close() {
        trainer.close();
        model.close();
    }
}
