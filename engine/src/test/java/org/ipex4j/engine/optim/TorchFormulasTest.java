package org.ipex4j.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.stream.Stream;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Torch's optimizers against numbers that {@code torch.optim} 2.13 computed in FP64: two parameters
 * of 3 and 2 elements, {@code w[i] = sin(1 + i + 10k)}, five steps with gradients {@code cos(3i + t
 * + k)} and the learning rate 0.1/(1 + t), for parameter k and step t from 1.
 */
class TorchFormulasTest {
    record Case(String name, TorchOptimizer.Builder<?> builder, double... expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "sgd",
                        TorchOptimizers.sgd(),
                        0.8614224124739573,
                        0.8958668999971064,
                        0.14776082196516757,
                        -0.9515181061351785,
                        -0.5835137548129408),
                new Case(
                        "sgd, decay",
                        TorchOptimizers.sgd().optWeightDecays(0.02f),
                        0.8589965440749897,
                        0.8932050957850668,
                        0.14739532523549237,
                        -0.9487116348511362,
                        -0.5818801855292588),
                new Case(
                        "sgd, momentum, dampening",
                        TorchOptimizers.sgd()
                                .optMomentum(0.9)
                                .optDampening(0.3)
                                .optWeightDecays(0.02f),
                        0.8455926013855884,
                        0.9152103680331558,
                        0.11081132817468906,
                        -0.8765527259131408,
                        -0.6415445782000122),
                new Case(
                        "sgd, nesterov",
                        TorchOptimizers.sgd()
                                .optMomentum(0.9)
                                .optNesterov(true)
                                .optWeightDecays(0.02f),
                        0.8913662139333302,
                        0.8699036863187136,
                        0.1452726995845167,
                        -0.8114589883488544,
                        -0.7033583505268518),
                new Case(
                        "sgd, clipped by norm 0.5",
                        TorchOptimizers.sgd().optMomentum(0.9).optClipNorm(0.5),
                        0.8472473540235461,
                        0.9113251587336928,
                        0.1313287600961209,
                        -0.9506795855734584,
                        -0.5818906567692143),
                new Case(
                        "sgd, clipped by value 0.3",
                        TorchOptimizers.sgd()
                                .optMomentum(0.9)
                                .optWeightDecays(0.02f)
                                .optClipGrad(0.3f),
                        0.8464152868107409,
                        0.8923000143239149,
                        0.1421774231955749,
                        -0.9287528258944567,
                        -0.6008318451860041),
                new Case(
                        "adam",
                        TorchOptimizers.adam().optWeightDecays(0.02f),
                        0.8184883123634433,
                        0.9399733618759546,
                        0.09608972507271846,
                        -0.8791877744840814,
                        -0.6562614459936261),
                new Case(
                        "adam, large epsilon",
                        TorchOptimizers.adam().optBetas(0.8, 0.95).optEpsilon(0.1),
                        0.8294815478826985,
                        0.9323232307604065,
                        0.10780740094652447,
                        -0.900834235677026,
                        -0.6332676132463284),
                new Case(
                        "adam, amsgrad",
                        TorchOptimizers.adam().optBetas(0.8, 0.5).optAmsgrad(true),
                        0.8212932924856556,
                        0.9391875093587756,
                        0.10203423199774835,
                        -0.8892928557954136,
                        -0.647997919393724),
                new Case(
                        "adamw",
                        TorchOptimizers.adamW(),
                        0.8195770973465625,
                        0.9411183085859913,
                        0.09619291862636152,
                        -0.8787115201616847,
                        -0.6560359565136252),
                new Case(
                        "adagrad",
                        TorchOptimizers.adagrad()
                                .optLearningRateDecay(0.1)
                                .optInitialAccumulator(0.3)
                                .optWeightDecays(0.02f),
                        0.8394196425396085,
                        0.9147219547152999,
                        0.1278809041566415,
                        -0.943361790927476,
                        -0.5873189314631084),
                new Case(
                        "rmsprop",
                        TorchOptimizers.rmsProp().optWeightDecays(0.02f),
                        0.8025116046690156,
                        0.9646393577661414,
                        0.014426838040125884,
                        -0.2078082725856749,
                        -1.375601735764231),
                new Case(
                        "rmsprop, centered, momentum",
                        TorchOptimizers.rmsProp()
                                .optAlpha(0.9)
                                .optEpsilon(1e-3)
                                .optMomentum(0.7)
                                .optCentered(true),
                        0.825537913490139,
                        0.9622776860411802,
                        0.04663168353391421,
                        -0.4361144199583901,
                        -1.1308083531069342),
                new Case(
                        "adadelta",
                        TorchOptimizers.adadelta().optWeightDecays(0.02f),
                        0.8415475395578548,
                        0.9092294784528921,
                        0.14114691856730044,
                        -0.9997109412272264,
                        -0.5368775367790035));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsAsTorchDoes(Case c) {
        IpexParameterServer server =
                IpexParameterServer.of(
                        c.builder.optLearningRateTracker((id, t) -> 0.1f / (1 + t)).build());
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            NDArray[] weights = {manager.create(new float[3]), manager.create(new float[2])};
            for (int k = 0; k < 2; k++) {
                int at = 1 + 10 * k;
                weights[k].set(floats((int) weights[k].size(), i -> Math.sin(at + i)));
            }
            for (int t = 1; t <= 5; t++) {
                try (UpdateBatch batch = UpdateBatch.open()) {
                    for (int k = 0; k < 2; k++) {
                        int at = t + k;
                        NDArray grad =
                                manager.create(
                                        floats((int) weights[k].size(), i -> Math.cos(3 * i + at)));
                        server.update("p" + k, new NDArray[] {grad}, new NDArray[] {weights[k]});
                        grad.close();
                    }
                    batch.run();
                }
            }
            int at = 0;
            for (NDArray w : weights) {
                for (float actual : w.toFloatArray()) {
                    assertThat((double) actual)
                            .as("element %d", at)
                            .isCloseTo(c.expected[at++], within(1e-6));
                }
            }
            assertThat(at).isEqualTo(c.expected.length);
        }
    }

    private static float[] floats(int n, java.util.function.IntToDoubleFunction f) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++) {
            out[i] = (float) f.applyAsDouble(i);
        }
        return out;
    }

    @Test
    void misuseIsRefused() {
        assertThatThrownBy(() -> TorchOptimizers.sgd().optNesterov(true).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Nesterov");
        assertThatThrownBy(() -> TorchOptimizers.sgd().optClipNorm(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("positive");
        TorchOptimizer clipping = TorchOptimizers.sgd().optClipNorm(1).build();
        TorchOptimizer wild = TorchOptimizers.sgd().optLearningRate(Float.NaN).build();
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            NDArray w = manager.create(new float[] {1, 2});
            assertThatThrownBy(() -> clipping.update("w", w, w.duplicate()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("all gradients");
            assertThatThrownBy(() -> wild.update("w", w, w.duplicate()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("NaN");
            assertThat(w.toFloatArray()).containsExactly(1, 2);
        }
    }

    /** The norm is over all gradients, also those of several dimensions, and shrinks nothing. */
    @Test
    void aNormBelowTheLimitChangesNothing() {
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            for (double norm : new double[] {6, 2.5}) {
                IpexParameterServer server =
                        IpexParameterServer.of(
                                TorchOptimizers.sgd().optLearningRate(1).optClipNorm(norm).build());
                NDArray a = manager.zeros(new ai.djl.ndarray.types.Shape(2, 1, 2));
                NDArray b = manager.zeros(new ai.djl.ndarray.types.Shape());
                NDArray empty = manager.zeros(new ai.djl.ndarray.types.Shape(0, 3));
                try (UpdateBatch batch = UpdateBatch.open()) {
                    // Norm: sqrt(4 * 4 + 9) = 5.
                    server.update("a", new NDArray[] {a.add(2)}, new NDArray[] {a});
                    server.update("b", new NDArray[] {b.add(3)}, new NDArray[] {b});
                    server.update("e", new NDArray[] {empty.duplicate()}, new NDArray[] {empty});
                    batch.run();
                }
                float scale = norm > 5 ? 1 : 0.5f;
                assertThat(a.toFloatArray())
                        .usingComparatorWithPrecision(1e-6f)
                        .containsOnly(-2 * scale);
                assertThat(b.toFloatArray())
                        .usingComparatorWithPrecision(1e-6f)
                        .containsOnly(-3 * scale);
            }
        }
    }
}
