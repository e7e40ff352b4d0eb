package org.ipex4j.app.train;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
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
import org.ipex4j.app.Precision;
import org.ipex4j.engine.Autocast;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.IpexTrainer;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.checkpoint.Checkpoint;
import org.ipex4j.engine.dispatch.OpWatch;
import org.ipex4j.engine.ndarray.RandomSource;
import org.ipex4j.engine.weights.StateDict;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.ImageClassifier;
import org.ipex4j.zoo.ResNet;

/**
 * A model that learns: block, optimizer and DJL's trainer of them. In BF16 the trainer is optimized
 * for it, forward and loss run under autocast, and evaluation runs the block optimized likewise.
 */
final class Training implements TrainingLoop.Learner, AutoCloseable {
    private final ImageClassifier block;
    private final Model model;
    private final IpexTrainer trainer;
    private final Shape input;
    private final Precision precision;

    /** What evaluation runs: the block itself, or its compiled form. */
    private final Block inference;

    /** Of the last batch. */
    private Score score;

    /** Random numbers before the last batch. */
    private RandomSource.State before;

    /**
     * @param steps of the whole run: the learning rate falls to zero over them
     * @param compiled whether to compile, or to run op by op
     */
    Training(Settings settings, int classes, int steps, boolean compiled) {
        precision = settings.dtype();
        IpexEngine.instance().setRandomSeed(Long.hashCode(settings.seed()));
        block = Classifiers.create(settings.model(), classes);
        if (block instanceof ResNet resnet) {
            resnet.zeroInitResidual();
        }
        input = new Shape(settings.batchSize(), 3, settings.imageSize(), settings.imageSize());
        model = Model.newInstance(settings.model(), IpexEngine.NAME);
        model.setBlock(block);
        Optimizer optimizer =
                Optimizer.sgd()
                        .setLearningRateTracker(rate(settings, steps))
                        .optMomentum(settings.momentum())
                        .optWeightDecays(settings.weightDecay())
                        .build();
        trainer =
                (IpexTrainer)
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .optOptimizer(optimizer)
                                        .optDevices(new Device[] {Device.cpu()})
                                        .addTrainingListeners(new Scoring()));
        trainer.initialize(input);
        if (compiled || precision == Precision.BF16) {
            Ipex.optimize(trainer, OptimizeOptions.training().dtype(precision.type()));
        }
        if (compiled) {
            Ipex.compile(trainer);
        }
        // The trainer's parameters are BF16 already, so that the block itself computes in it.
        inference =
                compiled
                        ? Ipex.compile(
                                Ipex.optimize(
                                        block, OptimizeOptions.inference().dtype(precision.type())))
                        : block;
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

    @Override
    public Score gradients(Batch batch) {
        before = RandomSource.state();
        try (Autocast _ = precision.autocast()) {
            EasyTrain.trainBatch(trainer, batch);
        }
        return score;
    }

    @Override
    public void update() {
        trainer.step();
    }

    /** Runs forward and loss again, op by op, with the same random numbers. */
    @Override
    public String firstNotFinite(Batch batch) {
        FirstNotFinite first = new FirstNotFinite(StateDict.of(block));
        RandomSource.restore(before);
        try (OpWatch _ = OpWatch.open(first);
                Autocast _ = precision.autocast()) {
            NDList logits = trainer.eagerSteps().forward(batch.getData(), batch.getLabels());
            Autocast.evaluate(trainer.ownLoss(), batch.getLabels(), logits).close();
            logits.close();
        }
        return first.found() == null
                ? "op by op, all numbers of this step are finite"
                : "op by op, the first result that is not finite is " + first.found();
    }

    /**
     * The logits of a batch, as at inference.
     *
     * @return FP32; the batch's manager owns them
     */
    NDArray infer(Batch batch) {
        try (NDManager scope = manager().newSubManager()) {
            NDArray logits =
                    inference
                            .forward(new ParameterStore(scope, false), batch.getData(), false)
                            .singletonOrThrow()
                            .toType(DataType.FLOAT32, false);
            logits.attach(batch.getManager());
            return logits;
        }
    }

    /** The first parameter with a number that is not finite. */
    Optional<String> brokenParameter() {
        return StateDict.of(block).entrySet().stream()
                .filter(e -> !FirstNotFinite.isFinite(e.getValue().getArray()))
                .map(Map.Entry::getKey)
                .findFirst();
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
