package org.ipex4j.app.bench;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.io.IOException;
import org.ipex4j.engine.Autocast;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.runtime.memory.Pool;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.ImageClassifier;

/**
 * Trains a model by DJL's trainer, compiled or op by op on this engine, in BF16 under autocast.
 * Arguments: those of {@link Setting}, a mode of {@link CompileOptions} or {@code eager}.
 */
final class IpexTrainWorker implements AutoCloseable {
    private final Setting setting;
    private final int batches;
    private final Model model;
    private final Trainer trainer;
    private final NDArray[] pictures = new NDArray[TrainRecipe.HELD];
    private final NDArray[] labels = new NDArray[TrainRecipe.HELD];
    private int steps;

    IpexTrainWorker(Setting setting, String mode) throws Exception {
        this.setting = setting;
        batches = setting.batches();
        model = Model.newInstance(setting.model(), IpexEngine.NAME);
        ImageClassifier block = Classifiers.create(setting.model(), TrainRecipe.CLASSES);
        Weights.from(setting.weights()).load(block, model.getNDManager(), block.inputShape());
        model.setBlock(block);
        Optimizer sgd =
                Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed(TrainRecipe.RATE))
                        .optMomentum(TrainRecipe.MOMENTUM)
                        .build();
        trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(sgd)
                                .optDevices(new Device[] {Device.cpu()}));
        for (int i = 0; i < Math.min(batches, TrainRecipe.HELD); i++) {
            load(i);
        }
        trainer.initialize(pictures[0].getShape());
        if (setting.isBf16()) {
            Ipex.optimize(trainer, OptimizeOptions.training().dtype(DataType.BFLOAT16));
        } else if (!mode.equals("eager")) {
            Ipex.optimize(trainer);
        }
        if (!mode.equals("eager")) {
            Ipex.compile(trainer, CompileOptions.defaults().mode(mode));
        }
    }

    /** The entry of the worker's process. */
    public static void main(String[] args) throws Exception {
        WorkerProtocol protocol = new WorkerProtocol(System.out);
        try (IpexTrainWorker worker =
                new IpexTrainWorker(Setting.of(args), args[Setting.ARGUMENTS])) {
            protocol.train(worker::step, () -> Pool.shared().statistics().liveBytes());
        }
    }

    private void load(int number) throws IOException {
        int i = number % TrainRecipe.HELD;
        if (pictures[i] != null) {
            pictures[i].close();
            labels[i].close();
        }
        Setting.Values p = setting.readInput(number);
        pictures[i] = trainer.getManager().create(p.values(), new Shape(p.sizes()));
        labels[i] = trainer.getManager().create(setting.readLabels(number));
    }

    /**
     * Learns from the next batch, as DJL's training loop does.
     *
     * @return the loss before the step
     */
    double step() throws IOException {
        if (steps >= TrainRecipe.HELD && steps < batches) {
            load(steps);
        }
        int i = steps++ % Math.min(batches, TrainRecipe.HELD);
        double value;
        // What the step leaves behind goes with a scope, as with a batch.
        try (NDManager scope = trainer.getManager().newSubManager()) {
            scope.tempAttachAll(pictures[i], labels[i]);
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList known = new NDList(labels[i]);
                NDArray loss;
                try (Autocast _ = Autocast.cpu(DataType.BFLOAT16, setting.isBf16())) {
                    NDList predictions = trainer.forward(new NDList(pictures[i]), known);
                    loss = trainer.getLoss().evaluate(known, predictions);
                }
                collector.backward(loss);
                value = loss.getFloat();
            }
            trainer.step();
        }
        return value;
    }

    @Override
    public void close() {
        trainer.close();
        model.close();
    }
}
