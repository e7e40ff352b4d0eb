package org.ipex4j.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.loss.Loss;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.ipex4j.engine.capture.CompiledSteps;
import org.ipex4j.engine.ndarray.DataTypes;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.MasterWeight;
import org.ipex4j.engine.optim.IpexParameterServer;
import org.ipex4j.engine.optim.StatefulOptimizer;
import org.ipex4j.engine.optim.UpdateBatch;
import org.ipex4j.engine.prepare.CastParameters;
import org.ipex4j.engine.weights.StateDict;

/**
 * DJL's trainer, whose steps can be replaced by a compiled form of them. Model, loss and evaluators
 * are those of {@link Trainer}.
 */
public final class IpexTrainer extends Trainer {
    private final TrainingConfig config;
    private final IpexParameterServer server;
    private final TrainingSteps eager = new Eager();
    private final Loss loss;
    private TrainingSteps steps = eager;
    private OptimizeOptions prepared = OptimizeOptions.training();

    /** Parameters that are to be cast. */
    private Set<Parameter> cast = Set.of();

    IpexTrainer(IpexModel model, TrainingConfig config) {
        super(model, config);
        this.config = config;
        this.loss = new KnownLoss(config.getLossFunction(), this);
        // Listeners know the loss among the evaluators by its identity with getLoss().
        getEvaluators().replaceAll(e -> e == config.getLossFunction() ? loss : e);
        server = IpexParameterServer.of(config.getOptimizer());
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
        public NDList evaluate(NDList data) {
            return IpexTrainer.super.evaluate(data);
        }

        @Override
        public void step() {
            try (UpdateBatch batch = UpdateBatch.open(prepared.fuseUpdateStep())) {
                IpexTrainer.super.step();
                batch.run(); // all parameters at once
            }
        }
    }

    /** What the trainer was made with: optimizer, initializers, listeners, devices. */
    public TrainingConfig config() {
        return config;
    }

    /**
     * What the optimizer remembers, under the names of {@link StateDict}. Parameters are named when
     * this is called: the block must be initialized.
     */
    public StatefulOptimizer optimizerState() {
        Map<String, String> names = new HashMap<>();
        StateDict.of(getModel().getBlock()).forEach((name, p) -> names.put(p.getId(), name));
        server.nameParameters(names);
        return server;
    }

    /** What {@code Ipex.optimize} was given, or its defaults. */
    public OptimizeOptions prepared() {
        return prepared;
    }

    /** See {@link Ipex#optimize(Trainer, OptimizeOptions)}, which has checked the options. */
    void prepare(OptimizeOptions options) {
        for (Parameter p : cast) {
            if (p.isInitialized() && p.getArray() instanceof IpexNDArray array) {
                array.raise();
            }
        }
        prepared = options;
        cast =
                options.dtype() == DataType.FLOAT32
                        ? Set.of()
                        : CastParameters.of(getModel().getBlock(), options.purpose());
        castParameters();
    }

    /**
     * Casts the parameters that {@code Ipex.optimize} was to cast and that have been initialized or
     * loaded since.
     */
    public void castParameters() {
        MasterWeight.Form form =
                prepared.splitMasterWeightForBf16()
                        ? MasterWeight.Form.SPLIT
                        : MasterWeight.Form.COPY;
        for (Parameter p : cast) {
            if (p.isInitialized()
                    && p.getArray() instanceof IpexNDArray array
                    && array.getDataType() == DataType.FLOAT32) {
                array.lower(DataTypes.toIr(prepared.dtype()), form);
            }
        }
    }

    @Override
    public void initialize(Shape... shapes) {
        super.initialize(shapes);
        castParameters();
    }

    /** The steps as DJL's trainer does them. */
    public TrainingSteps eagerSteps() {
        return eager;
    }

    /** Does the steps another way from here on; compiled steps that were used so far are freed. */
    public void replaceSteps(TrainingSteps replacement) {
        TrainingSteps before = steps;
        steps = Objects.requireNonNull(replacement, "steps");
        if (before instanceof CompiledSteps c && before != replacement) {
            c.close();
        }
    }

    /** The loss, which hands out what a compiled step has computed already. */
    @Override
    public Loss getLoss() {
        return loss;
    }

    /** The loss as the configuration has it. */
    public Loss ownLoss() {
        return config.getLossFunction();
    }

    NDArray knownLoss(NDList labels, NDList predictions) {
        return steps.loss(labels, predictions);
    }

    @Override
    public void close() {
        replaceSteps(eager);
        super.close();
    }

    @Override
    public GradientCollector newGradientCollector() {
        return steps.newGradientCollector();
    }

    @Override
    public NDList forward(NDList input) {
        castParameters();
        return steps.forward(input);
    }

    @Override
    public NDList forward(NDList data, NDList labels) {
        castParameters();
        return steps.forward(data, labels);
    }

    @Override
    public NDList evaluate(NDList input) {
        castParameters();
        return steps.evaluate(input);
    }

    @Override
    public void step() {
        steps.step();
    }
}
