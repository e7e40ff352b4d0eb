package org.ipex4j.compiler.optimize;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/**
 * The formulas of {@code torch.optim}, where G is the gradient plus weightDecay·w. Numbers, such as
 * {@code lr}, are run-time values.
 */
public final class TorchUpdates {
    private TorchUpdates() {}

    private static final String LEARNING_RATE = "lr";

    private static Value sqrt(Emitter e, Value x) {
        return e.call("aten.sqrt", x);
    }

    private static Value decayed(Emitter e, Value grad, Value w, double weightDecay) {
        return weightDecay == 0 ? grad : e.add(grad, e.mul(w, weightDecay));
    }

    private static Value average(Emitter e, Value average, Value x, double decay) {
        return e.add(e.mul(average, decay), e.mul(x, 1 - decay));
    }

    /**
     * {@code buffer = m·buffer + gain·G; w −= lr·buffer}, or with Nesterov {@code w −= lr·(G +
     * m·buffer)}. The number {@code gain} is 1 at a parameter's first step and 1 − dampening after.
     */
    public record Sgd(double momentum, boolean nesterov, double weightDecay) implements UpdateRule {
        @Override
        public List<String> state() {
            return momentum == 0 ? List.of() : List.of("momentum_buffer");
        }

        @Override
        public List<String> numbers() {
            return momentum == 0 ? List.of(LEARNING_RATE) : List.of(LEARNING_RATE, "gain");
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> n) {
            Value g = decayed(e, grad, w, weightDecay);
            if (momentum == 0) {
                return Updated.of(e.sub(w, e.mul(g, n.get(0))));
            }
            Value buffer = e.add(e.mul(state.getFirst(), momentum), e.mul(g, n.get(1)));
            Value step = nesterov ? e.add(g, e.mul(buffer, momentum)) : buffer;
            return Updated.of(e.sub(w, e.mul(step, n.get(0))), buffer);
        }
    }

    /**
     * Adam: {@code m = β1·m + (1−β1)·G; v = β2·v + (1−β2)·G²; w −= stepSize·m / (√v / root + ε)},
     * where the numbers are stepSize = lr/(1−β1ᵗ) and root = √(1−β2ᵗ). With {@code decoupled} decay
     * (AdamW) w is first shrunk by {@code decay} = lr·weightDecay. AMSGrad takes the greatest v so
     * far.
     */
    public record Adam(
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            boolean decoupled,
            boolean amsgrad)
            implements UpdateRule {
        @Override
        public List<String> state() {
            return amsgrad
                    ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
                    : List.of("exp_avg", "exp_avg_sq");
        }

        @Override
        public List<String> numbers() {
            return List.of("stepSize", "root", "decay");
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> n) {
            Value g = decoupled ? grad : decayed(e, grad, w, weightDecay);
            Value shrunk = decoupled && weightDecay != 0 ? e.sub(w, e.mul(w, n.get(2))) : w;
            Value m = average(e, state.get(0), g, beta1);
            Value v = average(e, state.get(1), e.mul(g, g), beta2);
            Value most = amsgrad ? e.call("aten.maximum", state.get(2), v) : v;
            Value denominator = e.add(e.div(sqrt(e, most), n.get(1)), epsilon);
            Value next = e.sub(shrunk, e.div(e.mul(m, n.get(0)), denominator));
            return amsgrad ? Updated.of(next, m, v, most) : Updated.of(next, m, v);
        }
    }

    /** {@code sum += G²; w −= lr·G / (√sum + ε)}; lr as decayed by the caller. */
    public record Adagrad(double epsilon, double weightDecay, double initialAccumulator)
            implements UpdateRule {
        @Override
        public List<String> state() {
            return List.of("sum");
        }

        @Override
        public double initial(String slot) {
            return initialAccumulator;
        }

        @Override
        public List<String> numbers() {
            return List.of(LEARNING_RATE);
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> n) {
            Value g = decayed(e, grad, w, weightDecay);
            Value sum = e.add(state.getFirst(), e.mul(g, g));
            Value step = e.div(e.mul(g, n.getFirst()), e.add(sqrt(e, sum), epsilon));
            return Updated.of(e.sub(w, step), sum);
        }
    }

    /**
     * {@code square = α·square + (1−α)·G²; x = G / (√square + ε); w −= lr·x}. Centered: √(square −
     * average²) with {@code average = α·average + (1−α)·G}. With momentum: {@code buffer = m·buffer
     * + x; w −= lr·buffer}.
     */
    public record RmsProp(
            double alpha, double epsilon, double weightDecay, double momentum, boolean centered)
            implements UpdateRule {
        @Override
        public List<String> state() {
            List<String> names = new ArrayList<>(List.of("square_avg"));
            if (centered) {
                names.add("grad_avg");
            }
            if (momentum != 0) {
                names.add("momentum_buffer");
            }
            return names;
        }

        @Override
        public List<String> numbers() {
            return List.of(LEARNING_RATE);
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> n) {
            Value g = decayed(e, grad, w, weightDecay);
            List<Value> next = new ArrayList<>();
            Value square = average(e, state.getFirst(), e.mul(g, g), alpha);
            next.add(square);
            Value spread = square;
            if (centered) {
                Value mean = average(e, state.get(1), g, alpha);
                next.add(mean);
                spread = e.sub(square, e.mul(mean, mean));
            }
            Value step = e.div(g, e.add(sqrt(e, spread), epsilon));
            if (momentum != 0) {
                step = e.add(e.mul(state.getLast(), momentum), step);
                next.add(step);
            }
            return new Updated(e.sub(w, e.mul(step, n.getFirst())), next);
        }
    }

    /**
     * {@code square = ρ·square + (1−ρ)·G²; step = √(delta + ε) / √(square + ε) · G; delta = ρ·delta
     * + (1−ρ)·step²; w −= lr·step}.
     */
    public record Adadelta(double rho, double epsilon, double weightDecay) implements UpdateRule {
        @Override
        public List<String> state() {
            return List.of("square_avg", "acc_delta");
        }

        @Override
        public List<String> numbers() {
            return List.of(LEARNING_RATE);
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> n) {
            Value g = decayed(e, grad, w, weightDecay);
            Value square = average(e, state.get(0), e.mul(g, g), rho);
            Value ratio =
                    e.div(sqrt(e, e.add(state.get(1), epsilon)), sqrt(e, e.add(square, epsilon)));
            Value step = e.mul(ratio, g);
            Value delta = average(e, state.get(1), e.mul(step, step), rho);
            return Updated.of(e.sub(w, e.mul(step, n.getFirst())), square, delta);
        }
    }
}
