package org.ipex4j.engine.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.ipex4j.compiler.optimize.Preprocessed;
import org.ipex4j.compiler.optimize.UpdateRule;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;

/**
 * An optimizer of {@code torch.optim}, made by {@link TorchOptimizers}. Learning-rate trackers,
 * update counts and weight decay are DJL's.
 */
public final class TorchOptimizer extends Optimizer {
    /** One of torch's optimizers, for a weight decay that never changes. */
    interface Formula {
        UpdateRule rule();

        /**
         * The rule's numbers.
         *
         * @param step of this parameter, from 1
         */
        float[] numbers(double learningRate, int step);
    }

    private final Formula formula;
    private final UpdateRule rule;
    private final ParameterTracker learningRate;
    private final OptionalDouble maxNorm;
    private final Map<String, List<IpexNDArray>> states = new HashMap<>();

    private TorchOptimizer(Builder<?> builder) {
        super(builder);
        formula = builder.formula(getWeightDecay());
        rule = Preprocessed.of(rescaleGrad, clipGrad, formula.rule());
        learningRate = builder.learningRate;
        maxNorm = builder.maxNorm;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if the learning rate or the weight decay is NaN or infinite
     */
    @Override
    public void update(String parameterId, NDArray weight, NDArray grad) {
        int latest = updateCount(parameterId);
        float rate = learningRate.getNewValue(parameterId, latest);
        if (!Float.isFinite(rate) || !Float.isFinite(getWeightDecay())) {
            throw new IllegalStateException(
                    "learning rate "
                            + rate
                            + " or weight decay "
                            + getWeightDecay()
                            + " is not a finite number (at update "
                            + latest
                            + ")");
        }
        IpexNDArray own = own(weight);
        List<IpexNDArray> arrays = new ArrayList<>(List.of(own, own(grad)));
        arrays.addAll(states.computeIfAbsent(parameterId, k -> initial(own)));
        Updates.submit(
                "update",
                rule,
                maxNorm,
                arrays.toArray(IpexNDArray[]::new),
                formula.numbers(rate, OptimizerCounts.get(this, parameterId)));
    }

    private static IpexNDArray own(NDArray array) {
        if (array instanceof IpexNDArray own) {
            return own;
        }
        throw new IllegalArgumentException(
                "this optimizer updates arrays of the IPEX engine, not " + array.getClass());
    }

    private List<IpexNDArray> initial(IpexNDArray weight) {
        List<IpexNDArray> out = new ArrayList<>();
        for (String slot : rule.state()) {
            IpexNDArray state =
                    (IpexNDArray)
                            IpexNDManager.system()
                                    .full(
                                            weight.getShape(),
                                            (float) rule.initial(slot),
                                            weight.getDataType());
            state.detach(); // lives as long as the optimizer, as DJL's states do
            out.add(state);
        }
        return out;
    }

    /**
     * What all of them take: learning rate (1e-3 if none is set), weight decay, and clipping.
     *
     * @param <T> the builder itself
     */
    public abstract static class Builder<T extends Builder<T>> extends OptimizerBuilder<T> {
        private ParameterTracker learningRate = Tracker.fixed(1e-3f);
        private OptionalDouble maxNorm = OptionalDouble.empty();

        Builder() {}

        abstract Formula formula(double weightDecay);

        public T optLearningRate(float rate) {
            return optLearningRateTracker(Tracker.fixed(rate));
        }

        public T optLearningRateTracker(ParameterTracker tracker) {
            learningRate = tracker;
            return self();
        }

        /**
         * Scales all gradients of a step down together so that their Euclidean norm is at most
         * {@code norm}, as {@code torch.nn.utils.clip_grad_norm_} does. Needs all gradients at
         * once: the engine's trainer gives them.
         */
        public T optClipNorm(double norm) {
            if (!(norm > 0)) {
                throw new IllegalArgumentException("a norm to clip to is positive, not " + norm);
            }
            maxNorm = OptionalDouble.of(norm);
            return self();
        }

        public TorchOptimizer build() {
            return new TorchOptimizer(this);
        }
    }
}
