package org.ipex4j.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.Adadelta;
import ai.djl.training.optimizer.Adagrad;
import ai.djl.training.optimizer.Adam;
import ai.djl.training.optimizer.AdamW;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.optimizer.RmsProp;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DJL's optimizers on this engine against their formulas written out in FP64. */
class DjlFormulasTest {
    private static final float RATE = 0.05f;
    private static final float RESCALE = 0.5f;
    private static final float CLIP = 0.4f;
    private static final float DECAY = 0.02f;

    /** One element's step: w and state in, w out; state changed. */
    interface Formula {
        double step(double w, double g, double[] state, double lr, int t);
    }

    record Case(String name, Optimizer.OptimizerBuilder<?> builder, Build build, Formula formula) {
        @Override
        public String toString() {
            return name;
        }
    }

    interface Build {
        Optimizer build();
    }

    private static double clip(double g) {
        return Math.clamp(g, -CLIP, CLIP);
    }

    /** Clipped, then decayed. */
    private static double g(double w, double g) {
        return clip(RESCALE * g) + DECAY * w;
    }

    private static <T extends Optimizer.OptimizerBuilder<?>> T with(T b) {
        b.setRescaleGrad(RESCALE);
        b.optClipGrad(CLIP);
        b.optWeightDecays(DECAY);
        return b;
    }

    /** The rate falls with the step. */
    private static Tracker rate() {
        return t -> RATE / (1 + t);
    }

    static Stream<Case> cases() {
        List<Case> out = new ArrayList<>();
        var sgd = with(Optimizer.sgd().setLearningRateTracker(rate()));
        out.add(new Case("sgd", sgd, sgd::build, (w, g, s, lr, t) -> w - lr * g(w, g)));
        var momentum = with(Optimizer.sgd().setLearningRateTracker(rate()).optMomentum(0.9f));
        out.add(
                new Case(
                        "sgd with momentum",
                        momentum,
                        momentum::build,
                        (w, g, s, lr, t) -> w - (s[0] = 0.9f * s[0] + lr * g(w, g))));
        var nag = with(Optimizer.nag().setLearningRateTracker(rate()).setMomentum(0.8f));
        out.add(
                new Case(
                        "nag",
                        nag,
                        nag::build,
                        (w, g, s, lr, t) -> {
                            s[0] = 0.8f * s[0] - lr * g(w, g);
                            return w + 0.8f * s[0] - lr * g(w, g);
                        }));
        Adam.Builder adam = with(Adam.builder().optLearningRateTracker(rate()));
        out.add(
                new Case(
                        "adam",
                        adam,
                        adam::build,
                        (w, g, s, lr, t) -> w - adam(g(w, g), s, lr, t)));
        AdamW.Builder adamw = with(AdamW.builder().optLearningRateTracker(rate()));
        out.add(
                new Case(
                        "adamw",
                        adamw,
                        adamw::build,
                        (w, g, s, lr, t) ->
                                w - lr * DECAY * w - adam(clip(RESCALE * g), s, lr, t)));
        Adagrad.Builder adagrad = with(Adagrad.builder().optLearningRateTracker(rate()));
        out.add(
                new Case(
                        "adagrad",
                        adagrad,
                        adagrad::build,
                        (w, g, s, lr, t) -> {
                            double c = clip(RESCALE * g);
                            s[0] += c * c;
                            return w - lr * (c / Math.sqrt(s[0] + 1e-8f) + DECAY * w);
                        }));
        RmsProp.Builder rms = with(RmsProp.builder().optLearningRateTracker(rate()));
        out.add(
                new Case(
                        "rmsprop",
                        rms,
                        rms::build,
                        (w, g, s, lr, t) -> {
                            double c = clip(RESCALE * g + DECAY * w);
                            s[0] = 0.9f * s[0] + (1 - 0.9f) * c * c;
                            return w - lr * c / Math.sqrt(s[0] + 1e-8f);
                        }));
        RmsProp.Builder centered =
                with(RmsProp.builder().optLearningRateTracker(rate()).optCentered(true));
        centered.optEpsilon(1e-4f);
        out.add(
                new Case(
                        "centered rmsprop",
                        centered,
                        centered::build,
                        (w, g, s, lr, t) -> {
                            double c = clip(RESCALE * g + DECAY * w);
                            s[0] = 0.9f * s[0] + (1 - 0.9f) * c * c;
                            s[1] = 0.9f * s[1] + (1 - 0.9f) * c;
                            s[2] = 0.9f * s[2] - lr * c / Math.sqrt(s[0] - s[1] * s[1] + 1e-4f);
                            return w + s[2];
                        }));
        Adadelta.Builder adadelta = with(Optimizer.adadelta());
        out.add(
                new Case(
                        "adadelta",
                        adadelta,
                        adadelta::build,
                        (w, g, s, lr, t) -> {
                            double c = g(w, g);
                            s[0] = 0.9f * s[0] + (1 - 0.9f) * c * c;
                            double d = Math.sqrt(s[1] + 1e-8f) / Math.sqrt(s[0] + 1e-8f) * c;
                            s[1] = 0.9f * s[1] + (1 - 0.9f) * d * d;
                            return w - d;
                        }));
        return out.stream();
    }

    private static double adam(double g, double[] s, double lr, int t) {
        s[0] = 0.9f * s[0] + (1 - 0.9f) * g;
        s[1] = 0.999f * s[1] + (1 - 0.999f) * g * g;
        double corrected = lr * Math.sqrt(1 - Math.pow(0.999f, t)) / (1 - Math.pow(0.9f, t));
        return corrected * s[0] / (Math.sqrt(s[1]) + 1e-8f);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aRateThatChangesAndAwkwardSizes(Case c) {
        check(c, false);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void allParametersInOneBatch(Case c) {
        check(c, true);
    }

    private static void check(Case c, boolean together) {
        Optimizer optimizer = c.build.build();
        IpexParameterServer server = IpexParameterServer.of(optimizer);
        Random random = new Random(5);
        long[][] shapes = {{1}, {7}, {13, 33}, {3, 2, 5, 1}, {}, {0, 4}, {207}};
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            List<NDArray> weights = new ArrayList<>();
            List<double[]> expected = new ArrayList<>();
            List<double[][]> states = new ArrayList<>();
            for (long[] shape : shapes) {
                NDArray w = random(manager, random, new Shape(shape));
                weights.add(w);
                double[] start = doubles(w);
                expected.add(start);
                states.add(new double[start.length][3]);
            }
            for (int t = 1; t <= 5; t++) {
                UpdateBatch batch = together ? UpdateBatch.open() : null;
                for (int i = 0; i < shapes.length; i++) {
                    NDArray w = weights.get(i);
                    NDArray grad = random(manager, random, w.getShape());
                    double[] gradient = doubles(grad);
                    for (int k = 0; k < gradient.length; k++) {
                        expected.get(i)[k] =
                                c.formula.step(
                                        expected.get(i)[k],
                                        gradient[k],
                                        states.get(i)[k],
                                        RATE / (1 + t),
                                        t);
                    }
                    server.update("p" + i, new NDArray[] {grad}, new NDArray[] {w});
                    grad.close();
                }
                if (batch != null) {
                    assertThat(batch.updates()).hasSize(shapes.length);
                    batch.run();
                    batch.close();
                }
            }
            for (int i = 0; i < shapes.length; i++) {
                double[] actual = doubles(weights.get(i));
                for (int k = 0; k < actual.length; k++) {
                    assertThat(actual[k])
                            .as("parameter %d, element %d", i, k)
                            .isCloseTo(
                                    expected.get(i)[k], within(2e-6 + 1e-5 * Math.abs(actual[k])));
                }
            }
        }
    }

    private static NDArray random(NDManager manager, Random random, Shape shape) {
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, shape);
    }

    private static double[] doubles(NDArray a) {
        float[] values = a.toFloatArray();
        double[] out = new double[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[i];
        }
        return out;
    }
}
