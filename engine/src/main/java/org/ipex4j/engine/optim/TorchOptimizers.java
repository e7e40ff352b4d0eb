package org.ipex4j.engine.optim;

import org.ipex4j.compiler.optimize.TorchUpdates;
import org.ipex4j.compiler.optimize.UpdateRule;

/**
 * The optimizers of {@code torch.optim} with torch's formulas and defaults, for programs that must
 * agree with PyTorch. Where DJL's of the same name differ:
 *
 * <ul>
 *   <li>SGD: DJL's momentum contains the learning rate, so that a changed rate acts on new
 *       gradients only; there is no dampening, and Nesterov's is an optimizer of its own.
 *   <li>Adam: DJL adds ε to √v without bias correction ({@code ε·√(1−β2ᵗ)} larger than torch's).
 *   <li>Adagrad and RMSProp: DJL's ε is inside the root; DJL's RMSProp has momentum in the centered
 *       form only, multiplied into the step, and clips after weight decay.
 *   <li>Adadelta: DJL has no learning rate.
 * </ul>
 */
public final class TorchOptimizers {
    private TorchOptimizers() {}

    /** {@code torch.optim.SGD}. */
    public static Sgd sgd() {
        return new Sgd();
    }

    /** {@code torch.optim.Adam}. */
    public static Adam adam() {
        return new Adam(false);
    }

    /** {@code torch.optim.AdamW}; weight decay 0.01 if none is set. */
    public static Adam adamW() {
        Adam builder = new Adam(true);
        builder.optWeightDecays(0.01f);
        return builder;
    }

    /** {@code torch.optim.Adagrad}; learning rate 0.01 if none is set. */
    public static Adagrad adagrad() {
        return new Adagrad().optLearningRate(0.01f);
    }

    /** {@code torch.optim.RMSprop}; learning rate 0.01 if none is set. */
    public static RmsProp rmsProp() {
        return new RmsProp().optLearningRate(0.01f);
    }

    /** {@code torch.optim.Adadelta}; learning rate 1 if none is set. */
    public static Adadelta adadelta() {
        return new Adadelta().optLearningRate(1);
    }

    /** Numbers of rules that take the learning rate alone. */
    private record WithRate(UpdateRule rule) implements TorchOptimizer.Formula {
        @Override
        public float[] numbers(double learningRate, int step) {
            return new float[] {(float) learningRate};
        }
    }

    /** Builds {@code torch.optim.SGD}. */
    public static final class Sgd extends TorchOptimizer.Builder<Sgd> {
        private double momentum;
        private double dampening;
        private boolean nesterov;

        private Sgd() {}

        public Sgd optMomentum(double value) {
            momentum = value;
            return this;
        }

        public Sgd optDampening(double value) {
            dampening = value;
            return this;
        }

        /** Needs momentum and no dampening. */
        public Sgd optNesterov(boolean value) {
            nesterov = value;
            return this;
        }

        private record Formula(UpdateRule rule, double momentum, double dampening)
                implements TorchOptimizer.Formula {
            @Override
            public float[] numbers(double learningRate, int step) {
                float rate = (float) learningRate;
                float gain = step <= 1 ? 1 : (float) (1 - dampening);
                return momentum == 0 ? new float[] {rate} : new float[] {rate, gain};
            }
        }

        @Override
        TorchOptimizer.Formula formula(double weightDecay) {
            if (nesterov && (momentum <= 0 || dampening != 0)) {
                throw new IllegalArgumentException(
                        "Nesterov momentum needs a momentum and no dampening, got "
                                + momentum
                                + " and "
                                + dampening);
            }
            return new Formula(
                    new TorchUpdates.Sgd(momentum, nesterov, weightDecay), momentum, dampening);
        }

        @Override
        protected Sgd self() {
            return this;
        }
    }

    /** Builds {@code torch.optim.Adam} and {@code AdamW}. */
    public static final class Adam extends TorchOptimizer.Builder<Adam> {
        private final boolean decoupled;
        private double beta1 = 0.9;
        private double beta2 = 0.999;
        private double epsilon = 1e-8;
        private boolean amsgrad;

        private Adam(boolean decoupled) {
            this.decoupled = decoupled;
        }

        public Adam optBetas(double first, double second) {
            beta1 = first;
            beta2 = second;
            return this;
        }

        public Adam optEpsilon(double value) {
            epsilon = value;
            return this;
        }

        public Adam optAmsgrad(boolean value) {
            amsgrad = value;
            return this;
        }

        private record Formula(UpdateRule rule, double beta1, double beta2, double weightDecay)
                implements TorchOptimizer.Formula {
            @Override
            public float[] numbers(double learningRate, int step) {
                return new float[] {
                    (float) (learningRate / (1 - Math.pow(beta1, step))),
                    (float) Math.sqrt(1 - Math.pow(beta2, step)),
                    (float) (learningRate * weightDecay)
                };
            }
        }

        @Override
        TorchOptimizer.Formula formula(double weightDecay) {
            return new Formula(
                    new TorchUpdates.Adam(beta1, beta2, epsilon, weightDecay, decoupled, amsgrad),
                    beta1,
                    beta2,
                    weightDecay);
        }

        @Override
        protected Adam self() {
            return this;
        }
    }

    /** Builds {@code torch.optim.Adagrad}. */
    public static final class Adagrad extends TorchOptimizer.Builder<Adagrad> {
        private double epsilon = 1e-10;
        private double rateDecay;
        private double initialAccumulator;

        private Adagrad() {}

        public Adagrad optEpsilon(double value) {
            epsilon = value;
            return this;
        }

        /** The rate at step t is lr / (1 + (t − 1)·decay). */
        public Adagrad optLearningRateDecay(double decay) {
            rateDecay = decay;
            return this;
        }

        public Adagrad optInitialAccumulator(double value) {
            initialAccumulator = value;
            return this;
        }

        private record Formula(UpdateRule rule, double rateDecay)
                implements TorchOptimizer.Formula {
            @Override
            public float[] numbers(double learningRate, int step) {
                return new float[] {(float) (learningRate / (1 + (step - 1) * rateDecay))};
            }
        }

        @Override
        TorchOptimizer.Formula formula(double weightDecay) {
            return new Formula(
                    new TorchUpdates.Adagrad(epsilon, weightDecay, initialAccumulator), rateDecay);
        }

        @Override
        protected Adagrad self() {
            return this;
        }
    }

    /** Builds {@code torch.optim.RMSprop}. */
    public static final class RmsProp extends TorchOptimizer.Builder<RmsProp> {
        private double alpha = 0.99;
        private double epsilon = 1e-8;
        private double momentum;
        private boolean centered;

        private RmsProp() {}

        public RmsProp optAlpha(double value) {
            alpha = value;
            return this;
        }

        public RmsProp optEpsilon(double value) {
            epsilon = value;
            return this;
        }

        public RmsProp optMomentum(double value) {
            momentum = value;
            return this;
        }

        public RmsProp optCentered(boolean value) {
            centered = value;
            return this;
        }

        @Override
        TorchOptimizer.Formula formula(double weightDecay) {
            return new WithRate(
                    new TorchUpdates.RmsProp(alpha, epsilon, weightDecay, momentum, centered));
        }

        @Override
        protected RmsProp self() {
            return this;
        }
    }

    /** Builds {@code torch.optim.Adadelta}. */
    public static final class Adadelta extends TorchOptimizer.Builder<Adadelta> {
        private double rho = 0.9;
        private double epsilon = 1e-6;

        private Adadelta() {}

        public Adadelta optRho(double value) {
            rho = value;
            return this;
        }

        public Adadelta optEpsilon(double value) {
            epsilon = value;
            return this;
        }

        @Override
        TorchOptimizer.Formula formula(double weightDecay) {
            return new WithRate(new TorchUpdates.Adadelta(rho, epsilon, weightDecay));
        }

        @Override
        protected Adadelta self() {
            return this;
        }
    }
}
