package org.ipex4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.ipex4j.engine.dispatch.OpWatch;
import org.ipex4j.runtime.memory.Pool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutocastTest {
    private static final DataType BF16 = DataType.BFLOAT16;
    private static final DataType FP32 = DataType.FLOAT32;

    private NDManager m;

    @BeforeEach
    void open() {
        m = IpexEngine.instance().newBaseManager();
    }

    @AfterEach
    void close() {
        m.close();
    }

    private NDArray ones(DataType type, long... shape) {
        return m.ones(new Shape(shape), type);
    }

    private DataType product() {
        return ones(FP32, 2, 2).matMul(ones(FP32, 2, 2)).getDataType();
    }

    @Test
    void castsInsideOnly() {
        assertThat(product()).isEqualTo(FP32);
        assertThat(Autocast.isEnabled()).isFalse();
        try (Autocast ac = Autocast.cpu(BF16)) {
            assertThat(Autocast.isEnabled()).isTrue();
            assertThat(product()).isEqualTo(BF16);
            assertThat(ones(FP32, 2).add(ones(BF16, 2)).getDataType()).isEqualTo(FP32);
        }
        assertThat(product()).isEqualTo(FP32);
    }

    @Test
    void nests() {
        try (Autocast outer = Autocast.cpu(BF16)) {
            try (Autocast off = Autocast.cpu(BF16, false)) {
                assertThat(Autocast.isEnabled()).isFalse();
                assertThat(product()).isEqualTo(FP32);
                try (Autocast inner = Autocast.cpu(DataType.FLOAT16)) {
                    assertThat(product()).isEqualTo(DataType.FLOAT16);
                }
                assertThat(product()).isEqualTo(FP32);
            }
            assertThat(product()).isEqualTo(BF16);
        }
        assertThat(product()).isEqualTo(FP32);
    }

    @Test
    void refusesOtherTypes() {
        assertThatThrownBy(() -> Autocast.cpu(FP32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Autocast.cpu: dtype BFLOAT16 or FLOAT16 expected, got float32");
        assertThat(Autocast.isEnabled()).isFalse();
    }

    @Test
    void refusesToCloseOutOfOrder() {
        Autocast outer = Autocast.cpu(BF16);
        Autocast inner = Autocast.cpu(BF16, false);
        assertThatThrownBy(outer::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("opened inside of this one is still open");
        inner.close();
        inner.close();
        assertThat(product()).isEqualTo(BF16);
        outer.close();
        outer.close();
        assertThat(product()).isEqualTo(FP32);
    }

    @Test
    void belongsToItsThread() throws InterruptedException {
        try (Autocast ac = Autocast.cpu(BF16)) {
            AtomicReference<DataType> elsewhere = new AtomicReference<>();
            AtomicReference<Throwable> refused = new AtomicReference<>();
            Thread other =
                    new Thread(
                            () -> {
                                elsewhere.set(product());
                                try {
                                    ac.close();
                                } catch (IllegalStateException e) {
                                    refused.set(e);
                                }
                            },
                            "other");
            other.start();
            other.join();
            assertThat(elsewhere.get()).isEqualTo(FP32);
            assertThat(refused.get())
                    .hasMessageContaining("which opened it, and is closed in thread 'other'");
            assertThat(product()).isEqualTo(BF16);
        }
    }

    /** The casts that run in an action. */
    private static List<String> casts(Runnable action) {
        List<String> casts = new ArrayList<>();
        try (OpWatch watch =
                OpWatch.open(
                        (op, args, results) -> {
                            if (op.name().equals("aten._to_copy")) {
                                casts.add(
                                        args.tensor("self").type()
                                                + " "
                                                + results.getFirst().type());
                            }
                        })) {
            action.run();
        }
        return casts;
    }

    private NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return x.getNDArrayInternal().linear(x, weight, bias).head();
    }

    @Test
    void castsWeightsOnce() {
        NDArray x = ones(BF16, 2, 3);
        NDArray weight = ones(FP32, 4, 3);
        NDArray bias = ones(FP32, 4);
        weight.setName("weight");
        bias.setName("bias");
        List<String> casts =
                casts(
                        () -> {
                            try (Autocast ac = Autocast.cpu(BF16)) {
                                linear(x, weight, bias);
                                try (Autocast inner = Autocast.cpu(BF16)) {
                                    linear(x, weight, bias);
                                }
                                linear(x, weight, bias);
                            }
                        });
        assertThat(casts).containsExactly("f32[4, 3] bf16[4, 3]", "f32[4] bf16[4]");
        assertThat(
                        casts(
                                () -> {
                                    try (Autocast ac = Autocast.cpu(BF16)) {
                                        linear(x, weight, bias);
                                    }
                                }))
                .as("a new scope casts anew")
                .hasSize(2);
    }

    /** DJL's scopes close what is made inside of them, kept casts too. */
    @Test
    void outlivesScopesOfDjl() {
        NDArray x = ones(FP32, 1, 3);
        NDArray weight = ones(FP32, 2, 3);
        weight.setRequiresGradient(true);
        try (Autocast ac = Autocast.cpu(BF16)) {
            for (int i = 0; i < 2; i++) {
                try (NDScope scope = new NDScope()) {
                    assertThat(linear(x, weight, null).toFloatArray()).containsExactly(3, 3);
                }
            }
        }
        assertThat(weight.isReleased()).isFalse();
    }

    @Test
    void keptCastsGoWithTheScope() {
        NDArray x = ones(BF16, 1, 64);
        NDArray weight = ones(FP32, 512, 64);
        weight.setRequiresGradient(true);
        long before = 0;
        for (int i = 0; i < 20; i++) {
            try (Autocast ac = Autocast.cpu(BF16)) {
                linear(x, weight, null).close();
            }
            long now = Pool.shared().statistics().liveBytes();
            before = i == 2 ? now : before;
        }
        assertThat(Pool.shared().statistics().liveBytes()).isLessThan(before + 512 * 64 * 2);
    }

    @Test
    void castsAWeightAgainAfterAChange() {
        NDArray x = ones(FP32, 1, 3);
        NDArray weight = ones(FP32, 2, 3);
        weight.setRequiresGradient(true);
        try (Autocast ac = Autocast.cpu(BF16)) {
            assertThat(linear(x, weight, null).toFloatArray()).containsExactly(3, 3);
            weight.muli(2);
            assertThat(linear(x, weight, null).toFloatArray()).containsExactly(6, 6);
            weight.set(new float[6]);
            assertThat(linear(x, weight, null).toFloatArray()).containsExactly(0, 0);
            weight.intern(ones(FP32, 2, 3));
            assertThat(linear(x, weight, null).toFloatArray()).containsExactly(3, 3);
        }
    }

    @Test
    void gradientsFlowThroughTheKeptCast() {
        NDArray x = ones(FP32, 1, 3);
        NDArray weight = ones(FP32, 2, 3);
        weight.setRequiresGradient(true);
        try (Autocast ac = Autocast.cpu(BF16)) {
            linear(x, weight, null); // kept without a tape
            for (int i = 0; i < 2; i++) {
                List<String> casts;
                try (GradientCollector collector = IpexEngine.instance().newGradientCollector()) {
                    NDArray[] y = new NDArray[1];
                    casts =
                            casts(
                                    () ->
                                            y[0] =
                                                    linear(x, weight, null)
                                                            .add(linear(x, weight, null)));
                    collector.backward(y[0].sum());
                }
                assertThat(casts).filteredOn(c -> c.startsWith("f32[2, 3]")).hasSize(1);
                NDArray gradient = weight.getGradient();
                assertThat(gradient.getDataType()).isEqualTo(FP32);
                assertThat(gradient.toFloatArray()).containsOnly(2);
            }
        }
    }

    @Test
    void backwardMayRunOutside() {
        NDArray weight = ones(FP32, 2, 3);
        weight.setRequiresGradient(true);
        try (GradientCollector collector = IpexEngine.instance().newGradientCollector()) {
            NDArray y;
            try (Autocast ac = Autocast.cpu(BF16)) {
                y = linear(ones(FP32, 5, 3), weight, null).square().mean();
            }
            assertThat(y.getDataType()).isEqualTo(BF16);
            collector.backward(y);
        }
        assertThat(weight.getGradient().getDataType()).isEqualTo(FP32);
        assertThat(weight.getGradient().toFloatArray()).containsOnly(3);
    }

    @Test
    void doublesAndIntegersStay() {
        try (Autocast ac = Autocast.cpu(BF16)) {
            DataType wide = DataType.FLOAT64;
            assertThat(ones(wide, 2, 2).matMul(ones(wide, 2, 2)).getDataType()).isEqualTo(wide);
            NDArray whole = ones(DataType.INT32, 2, 2);
            assertThat(whole.matMul(whole).getDataType()).isEqualTo(DataType.INT32);
            assertThat(whole.concat(whole).getDataType()).isEqualTo(DataType.INT32);
        }
    }

    @Test
    void writesInPlaceAreLeftAlone() {
        NDArray out = ones(FP32, 2);
        try (Autocast ac = Autocast.cpu(BF16)) {
            out.addi(ones(BF16, 2));
        }
        assertThat(out.getDataType()).isEqualTo(FP32);
        assertThat(out.toFloatArray()).containsExactly(2, 2);
    }

    @Test
    void specialNumbersPassThroughCasts() {
        float tiny = Float.MIN_VALUE;
        float[] special = {
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            tiny,
            -tiny,
            Float.MAX_VALUE,
            1e-40f,
            -0f
        };
        NDArray x = m.create(special).reshape(8, 1);
        try (Autocast ac = Autocast.cpu(BF16)) {
            NDArray y = x.concat(x.toType(BF16, false), 1);
            assertThat(y.getDataType()).as("the widest").isEqualTo(FP32);
            float[] narrow = x.toType(BF16, false).toFloatArray();
            assertThat(narrow[0]).isNaN();
            assertThat(narrow[1]).isEqualTo(Float.POSITIVE_INFINITY);
            assertThat(narrow[2]).isEqualTo(Float.NEGATIVE_INFINITY);
            assertThat(narrow[3]).isEqualTo(0f);
            assertThat(narrow[5]).as("rounds up").isEqualTo(Float.POSITIVE_INFINITY);
            // The processor's conversion takes denormals for zeros; another one keeps them.
            assertThat(narrow[6]).isBetween(0f, 1.01e-40f);
            float[] products = x.matMul(ones(FP32, 1, 1)).toFloatArray();
            assertThat(products[0]).isNaN();
            assertThat(products[1]).isEqualTo(Float.POSITIVE_INFINITY);
            assertThat(products[2]).isEqualTo(Float.NEGATIVE_INFINITY);
            assertThat(products[5]).isEqualTo(Float.POSITIVE_INFINITY);
        }
    }

    @Test
    void recurrentLayersAreLowered() {
        LSTM lstm = LSTM.builder().setStateSize(4).setNumLayers(2).optReturnState(true).build();
        lstm.initialize(m, FP32, new Shape(2, 3, 5));
        NDArray x = m.randomNormal(new Shape(2, 3, 5));
        ParameterStore store = new ParameterStore(m, false);
        NDList plain = lstm.forward(store, new NDList(x), false);
        try (Autocast ac = Autocast.cpu(BF16)) {
            NDList lowered = lstm.forward(store, new NDList(x), false);
            for (int i = 0; i < plain.size(); i++) {
                assertThat(lowered.get(i).getDataType()).isEqualTo(BF16);
                assertThat(lowered.get(i).allClose(plain.get(i), 0.02, 0.02, false)).isTrue();
            }
            List<String> casts = casts(() -> lstm.forward(store, new NDList(x), false));
            assertThat(casts).as("states, as weights are kept").hasSizeLessThan(7);
        }
    }

    @Test
    void methodsThatStandForListedOps() {
        NDArray volume = m.randomNormal(new Shape(1, 2, 3, 3, 3)).toType(BF16, false);
        NDArray matrix = m.eye(3).mul(2).toType(BF16, false);
        assertThat(matrix.inverse().getDataType()).isEqualTo(BF16);
        try (Autocast ac = Autocast.cpu(BF16)) {
            assertThat(volume.getNDArrayInternal().globalAvgPool().getDataType()).isEqualTo(FP32);
            assertThat(volume.getNDArrayInternal().globalMaxPool().getDataType()).isEqualTo(FP32);
            assertThat(volume.percentile(50).getDataType()).isEqualTo(FP32);
            assertThat(matrix.inverse().getDataType()).isEqualTo(FP32);
            assertThat(matrix.prod().getDataType()).isEqualTo(FP32);
            assertThat(matrix.trace().getDataType()).isEqualTo(FP32);
            NDArray image = ones(BF16, 1, 2, 3, 3);
            assertThat(image.getNDArrayInternal().globalAvgPool().getDataType()).isEqualTo(BF16);
        }
    }

    @Test
    void lossesAreWidened() {
        NDArray logits =
                m.create(new float[] {8, 1.0078125f, 1}, new Shape(1, 3)).toType(BF16, false);
        NDList labels = new NDList(m.create(new float[] {1}));
        Loss loss = Loss.softmaxCrossEntropyLoss();
        try (Autocast ac = Autocast.cpu(BF16)) {
            NDArray value = Autocast.evaluate(loss, labels, new NDList(logits));
            assertThat(value.getDataType()).isEqualTo(FP32);
            assertThat(value.getFloat())
                    .isEqualTo(
                            loss.evaluate(labels, new NDList(logits.toType(FP32, false)))
                                    .getFloat());
        }
        assertThat(Autocast.evaluate(loss, labels, new NDList(logits)).getDataType())
                .isEqualTo(BF16);
    }

    @Test
    void batchNormTakesNarrowActivations() {
        NDArray x = m.randomNormal(new Shape(4, 3, 5, 5));
        NDArray narrow = x.toType(BF16, false);
        NDArray gamma = ones(FP32, 3);
        NDArray beta = ones(FP32, 3);
        narrow.setRequiresGradient(true);
        gamma.setRequiresGradient(true);
        beta.setRequiresGradient(true);
        for (boolean training : new boolean[] {true, false}) {
            NDArray mean = m.zeros(new Shape(3));
            NDArray variance = ones(FP32, 3);
            try (GradientCollector collector = IpexEngine.instance().newGradientCollector();
                    Autocast ac = Autocast.cpu(BF16)) {
                NDArray y =
                        narrow.getNDArrayInternal()
                                .batchNorm(
                                        narrow, mean, variance, gamma, beta, 1, 0.9f, 1e-5f,
                                        training)
                                .head();
                assertThat(y.getDataType()).isEqualTo(BF16);
                NDArray wide =
                        x.getNDArrayInternal()
                                .batchNorm(
                                        narrow.toType(FP32, false),
                                        m.zeros(new Shape(3)),
                                        ones(FP32, 3),
                                        gamma,
                                        beta,
                                        1,
                                        0.9f,
                                        1e-5f,
                                        training)
                                .head();
                assertThat(y.allClose(wide, 0.01, 0.01, false)).isTrue();
                assertThat(mean.getDataType()).isEqualTo(FP32);
                collector.backward(y.mul(y).toType(FP32, false).mean());
            }
            assertThat(narrow.getGradient().getDataType()).isEqualTo(BF16);
            assertThat(gamma.getGradient().getDataType()).isEqualTo(FP32);
            assertThat(Math.abs(gamma.getGradient().sum().getFloat())).isGreaterThan(0.1f);
        }
    }

    @Test
    void rnnKindsGiveTheScopesType() {
        for (RNN.Activation activation : RNN.Activation.values()) {
            RNN rnn =
                    RNN.builder().setStateSize(4).setNumLayers(1).setActivation(activation).build();
            rnn.initialize(m, FP32, new Shape(2, 3, 5));
            try (Autocast ac = Autocast.cpu(BF16)) {
                NDList out =
                        rnn.forward(
                                new ParameterStore(m, false),
                                new NDList(ones(FP32, 2, 3, 5)),
                                false);
                assertThat(out.head().getDataType()).isEqualTo(BF16);
            }
        }
    }
}
