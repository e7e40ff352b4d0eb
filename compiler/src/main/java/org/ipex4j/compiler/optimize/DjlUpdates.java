package org.ipex4j.compiler.optimize;

import java.util.List;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/**
 * The formulas of DJL's optimizers, as its engines compute them: SGD, Adam and AdamW as the PyTorch
 * engine does, the others, which only the MXNet engine has, as MXNet does. {@code optClipGrad}
 * limits both sides, as its documentation says (the PyTorch engine limits the upper one alone).
 *
 * <p>Numbers, here {@code lr}, are run-time values. G is the gradient, rescaled and clipped, with
 * weight decay; w is the parameter.
 */
public final class DjlUpdates {
    private DjlUpdates() {}

    private static final String LEARNING_RATE = "learningRate";

    private static Value sqrt(Emitter e, Value x) {
        return e.call("aten.sqrt", x);
    }

    /** decay · average + (1 − decay) · x, the second factor rounded to a float as DJL has it. */
    private static Value average(Emitter e, Value average, Value x, float decay) {
        return e.add(e.mul(average, (double) decay), e.mul(x, (double) (1 - decay)));
    }

    /** {@code momentum = m·momentum + lr·G; w -= momentum}: the rate is inside the momentum. */
    public record Sgd(float momentum, Gradient gradient) implements UpdateRule {
        @Override
        public List<String> state() {
            return momentum == 0 ? List.of() : List.of("momentum");
        }

        @Override
        public List<String> numbers() {
            return List.of(LEARNING_RATE);
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> lr) {
            Value step = e.mul(gradient.decayedAfter(e, grad, w), lr.getFirst());
            if (momentum == 0) {
                return Updated.of(e.sub(w, step));
            }
            Value next = e.add(e.mul(state.getFirst(), (double) momentum), step);
            return Updated.of(e.sub(w, next), next);
        }
    }

    /** {@code momentum = m·momentum − lr·G; w += m·momentum − lr·G}. */
    public record Nag(float momentum, Gradient gradient) implements UpdateRule {
        @Override
        public List<String> state() {
            return momentum == 0 ? List.of() : List.of("momentum");
        }

        @Override
        public List<String> numbers() {
            return List.of(LEARNING_RATE);
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> lr) {
            Value step = e.mul(gradient.decayedAfter(e, grad, w), lr.getFirst());
            if (momentum == 0) {
                return Updated.of(e.sub(w, step));
            }
            Value next = e.sub(e.mul(state.getFirst(), (double) momentum), step);
            return Updated.of(e.sub(e.add(w, e.mul(next, (double) momentum)), step), next);
        }
    }

    /**
     * {@code mean = β1·mean + (1−β1)·G; variance = β2·variance + (1−β2)·G²; w −= lr'·mean /
     * (√variance + ε)}, where lr' is the learning rate corrected for bias. AdamW first shrinks w by
     * lr·weightDecay instead of adding weight decay to G.
     */
    public record Adam(float beta1, float beta2, float epsilon, boolean adamW, Gradient gradient)
            implements UpdateRule {
        @Override
        public List<String> state() {
            return List.of("mean", "variance");
        }

        @Override
        public List<String> numbers() {
            return List.of(LEARNING_RATE, "learningRateBiasCorrection");
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> lr) {
            Value g = adamW ? gradient.clipped(e, grad) : gradient.decayedAfter(e, grad, w);
            Value shrunk =
                    adamW && gradient.weightDecay() != 0
                            ? e.sub(
                                    w,
                                    e.mul(e.mul(w, lr.getFirst()), (double) gradient.weightDecay()))
                            : w;
            Value mean = average(e, state.get(0), g, beta1);
            Value variance = average(e, state.get(1), e.mul(g, g), beta2);
            Value step = e.div(e.mul(mean, lr.get(1)), e.add(sqrt(e, variance), (double) epsilon));
            return Updated.of(e.sub(shrunk, step), mean, variance);
        }
    }

    /** {@code history += G²; w −= lr·(G / √(history + ε) + weightDecay·w)}; G without decay. */
    public record Adagrad(float epsilon, Gradient gradient) implements UpdateRule {
        @Override
        public List<String> state() {
            return List.of("history");
        }

        @Override
        public List<String> numbers() {
            return List.of(LEARNING_RATE);
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> lr) {
            Value g = gradient.clipped(e, grad);
            Value history = e.add(state.getFirst(), e.mul(g, g));
            Value step = e.div(g, sqrt(e, e.add(history, (double) epsilon)));
            Value decayed =
                    gradient.weightDecay() == 0
                            ? step
                            : e.add(step, e.mul(w, (double) gradient.weightDecay()));
            return Updated.of(e.sub(w, e.mul(decayed, lr.getFirst())), history);
        }
    }

    /**
     * Tieleman and Hinton's: {@code square = ρ·square + (1−ρ)·G²; w −= lr·G / √(square + ε)}. G is
     * clipped after weight decay.
     */
    public record RmsProp(float rho, float epsilon, Gradient gradient) implements UpdateRule {
        @Override
        public List<String> state() {
            return List.of("square");
        }

        @Override
        public List<String> numbers() {
            return List.of(LEARNING_RATE);
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> lr) {
            Value g = gradient.decayedBefore(e, grad, w);
            Value square = average(e, state.getFirst(), e.mul(g, g), rho);
            Value step = e.div(g, sqrt(e, e.add(square, (double) epsilon)));
            return Updated.of(e.sub(w, e.mul(step, lr.getFirst())), square);
        }
    }

    /**
     * Graves': {@code square = ρ·square + (1−ρ)·G²; mean = ρ·mean + (1−ρ)·G; delta = m·delta − lr·G
     * / √(square − mean² + ε); w += delta}. G is clipped after weight decay.
     */
    public record CenteredRmsProp(float rho, float momentum, float epsilon, Gradient gradient)
            implements UpdateRule {
        @Override
        public List<String> state() {
            return List.of("square", "mean", "delta");
        }

        @Override
        public List<String> numbers() {
            return List.of(LEARNING_RATE);
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> lr) {
            Value g = gradient.decayedBefore(e, grad, w);
            Value square = average(e, state.get(0), e.mul(g, g), rho);
            Value mean = average(e, state.get(1), g, rho);
            Value spread = e.add(e.sub(square, e.mul(mean, mean)), (double) epsilon);
            Value step = e.div(e.mul(g, lr.getFirst()), sqrt(e, spread));
            Value delta = e.sub(e.mul(state.get(2), (double) momentum), step);
            return Updated.of(e.add(w, delta), square, mean, delta);
        }
    }

    /**
     * {@code square = ρ·square + (1−ρ)·G²; step = √(delta + ε) / √(square + ε) · G; delta = ρ·delta
     * + (1−ρ)·step²; w −= step}.
     */
    public record Adadelta(float rho, float epsilon, Gradient gradient) implements UpdateRule {
        @Override
        public List<String> state() {
            return List.of("square", "delta");
        }

        @Override
        public List<String> numbers() {
            return List.of();
        }

        @Override
        public Updated apply(Emitter e, Value w, Value grad, List<Value> state, List<Value> none) {
            Value g = gradient.decayedAfter(e, grad, w);
            Value square = average(e, state.get(0), e.mul(g, g), rho);
            Value ratio =
                    e.div(
                            sqrt(e, e.add(state.get(1), (double) epsilon)),
                            sqrt(e, e.add(square, (double) epsilon)));
            Value step = e.mul(ratio, g);
            Value delta = average(e, state.get(1), e.mul(step, step), rho);
            return Updated.of(e.sub(w, step), square, delta);
        }
    }
}
