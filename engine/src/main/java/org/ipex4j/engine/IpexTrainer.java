package org.ipex4j.engine;

import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import java.util.Objects;

/**
 * DJL's trainer, whose steps can be replaced by a compiled form of them. Model, loss and evaluators
 * are those of {@link Trainer}.
 */
public final class IpexTrainer extends Trainer {
    private final TrainingConfig config;
    private final TrainingSteps eager = new Eager();
    private TrainingSteps steps = eager;

    IpexTrainer(IpexModel model, TrainingConfig config) {
        super(model, config);
        this.config = config;
    }

    /** What {@link Trainer} itself does. */
    private final class Eager implements TrainingSteps {
        @Override
        public GradientCollector newGradientCollector() {
            return IpexTrainer.super.newGradientCollector();
        }

        @Override
        public NDList forward(NDList data) {
            return IpexTrainer.super.forward(data);
        }

        @Override
        public NDList forward(NDList data, NDList labels) {
            return IpexTrainer.super.forward(data, labels);
        }

        @Override
        public void step() {
            IpexTrainer.super.step();
        }
    }

    /** What the trainer was made with: optimizer, initializers, listeners, devices. */
    public TrainingConfig config() {
        return config;
    }

    /** The steps as DJL's trainer does them. */
    public TrainingSteps eagerSteps() {
        return eager;
    }

    /** Does the steps another way from here on. */
    public void replaceSteps(TrainingSteps replacement) {
        steps = Objects.requireNonNull(replacement, "steps");
    }

    @Override
    public GradientCollector newGradientCollector() {
        return steps.newGradientCollector();
    }

    @Override
    public NDList forward(NDList input) {
        return steps.forward(input);
    }

    @Override
    public NDList forward(NDList data, NDList labels) {
        return steps.forward(data, labels);
    }

    @Override
    public void step() {
        steps.step();
    }
}
