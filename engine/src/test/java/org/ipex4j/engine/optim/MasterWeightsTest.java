package org.ipex4j.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.Optimizer;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.CompileReport;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.ndarray.MasterWeight.Form;
import org.ipex4j.ir.DType;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Updates of parameters that were cast to BF16: they are those of the FP32 numbers behind. */
class MasterWeightsTest {
    private static final int STEPS = 4;

    /** More than a vector, and a remainder. */
    private static final Shape[] SHAPES = {new Shape(5, 7, 3), new Shape(33), new Shape(1)};

    private IpexNDManager manager;

    @BeforeEach
    void open() {
        manager = IpexNDManager.of(IpexEngine.instance().newBaseManager());
    }

    @AfterEach
    void close() {
        manager.close();
    }

    record Case(String name, Supplier<Optimizer> optimizer) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.concat(
                DjlFormulasTest.cases().map(c -> new Case("DJL's " + c.name(), c.build()::build)),
                TorchFormulasTest.cases().map(c -> new Case(c.name(), c.builder()::build)));
    }

    /** Numbers that BF16 holds, as gradients are that BF16 layers compute. */
    private IpexNDArray gradient(Random random, Shape shape) {
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    Float.intBitsToFloat(
                            Float.floatToIntBits((float) random.nextGaussian()) & 0xFFFF0000);
        }
        return (IpexNDArray) manager.create(values, shape);
    }

    private IpexNDArray random(Random random, Shape shape) {
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return (IpexNDArray) manager.create(values, shape);
    }

    private int[] bits(IpexNDArray array) {
        try (IpexNDArray full = array.full(manager)) {
            assertThat(full.getDataType()).isEqualTo(DataType.FLOAT32);
            float[] values = full.toFloatArray();
            int[] out = new int[values.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = Float.floatToRawIntBits(values[i]);
            }
            return out;
        }
    }

    private IpexNDArray[] train(Case c, Form form, boolean fused) {
        Random random = new Random(7);
        IpexNDArray[] weights = new IpexNDArray[SHAPES.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random(random, SHAPES[i]);
            if (form != null) {
                weights[i].lower(DType.BFLOAT16, form);
                assertThat(weights[i].getDataType()).isEqualTo(DataType.BFLOAT16);
            }
        }
        IpexParameterServer server = IpexParameterServer.of(c.optimizer.get());
        for (int t = 0; t < STEPS; t++) {
            try (UpdateBatch batch = UpdateBatch.open(fused)) {
                for (int i = 0; i < weights.length; i++) {
                    IpexNDArray full = gradient(random, SHAPES[i]);
                    NDArray grad = full.toType(weights[i].getDataType(), false);
                    server.update("p" + i, new NDArray[] {grad}, new NDArray[] {weights[i]});
                }
                assertThat(batch.updates()).hasSize(SHAPES.length);
                batch.run();
            }
        }
        server.state(manager)
                .forEach(
                        (name, state) -> {
                            if (!name.endsWith("/updates")) {
                                assertThat(state.getDataType())
                                        .as(name)
                                        .isEqualTo(DataType.FLOAT32);
                            }
                        });
        server.close();
        return weights;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void updatesAreThoseOfTheFp32Numbers(Case c) {
        IpexNDArray[] plain = train(c, null, true);
        IpexNDArray[] split = train(c, Form.SPLIT, true);
        IpexNDArray[] copied = train(c, Form.COPY, true);
        for (int i = 0; i < plain.length; i++) {
            int[] expected = bits(plain[i]);
            assertThat(bits(split[i])).as("split").isEqualTo(expected);
            assertThat(bits(copied[i])).as("copy").isEqualTo(expected);
            float[] top = split[i].toFloatArray();
            try (NDArray rounded = plain[i].toType(DataType.BFLOAT16, false)) {
                assertThat(copied[i].toFloatArray()).isEqualTo(rounded.toFloatArray());
            }
            for (int k = 0; k < top.length; k++) {
                assertThat(Float.floatToRawIntBits(top[k])).isEqualTo(expected[k] & 0xFFFF0000);
            }
        }
    }

    /** Op by op, each result is rounded and stored; so it is in a kernel. */
    @ParameterizedTest
    @MethodSource("cases")
    void fusedAndUnfusedUpdatesAreTheSame(Case c) {
        for (Form form : new Form[] {null, Form.SPLIT, Form.COPY}) {
            IpexNDArray[] fused = train(c, form, true);
            IpexNDArray[] apart = train(c, form, false);
            for (int i = 0; i < fused.length; i++) {
                assertThat(bits(fused[i]))
                        .as("%s, parameter %d", form, i)
                        .isEqualTo(bits(apart[i]));
            }
        }
    }

    /** In place: no kernel but the update's own, and no arena. */
    @ParameterizedTest
    @EnumSource(
            value = Form.class,
            names = {"SPLIT", "COPY"})
    void anUpdateIsOneKernelAParameter(Form form) {
        IpexParameterServer server =
                IpexParameterServer.of(TorchOptimizers.adamW().optLearningRate(0.1f).build());
        try (UpdateBatch batch = UpdateBatch.open()) {
            for (int i = 0; i < SHAPES.length; i++) {
                IpexNDArray weight = random(new Random(i), SHAPES[i]);
                weight.lower(DType.BFLOAT16, form);
                NDArray grad = weight.duplicate();
                server.update("p" + i, new NDArray[] {grad}, new NDArray[] {weight});
            }
            UpdateGraphs.Made made =
                    UpdateGraphs.shared().get(batch.updates(), OptionalDouble.empty());
            CompileReport report =
                    new Compiler(Runtime.instance().target(), Runtime.instance().oracle())
                            .compileWithReport(
                                    made.graph(),
                                    CompileOptions.DEFAULT
                                            .withFloatMode(CompileOptions.FloatMode.STRICT)
                                            .withOutputsInto(made.writes()));
            assertThat(report.groups()).hasSize(SHAPES.length);
            assertThat(report.compiled().main().arenaBytes()).isZero();
            batch.run();
        }
    }

    private static final int[] AWKWARD = {
        0,
        0x80000000,
        0x7F800000,
        0xFF800000,
        0x7FC00000,
        0x7FC12345,
        0x7F800001, // a signalling NaN, whose upper half is infinity
        0xFFFFFFFF,
        1,
        0x80000001,
        0x007FFFFF,
        0x00010000,
        0x0000FFFF,
        0x00800000,
        0x7F7FFFFF,
        0x3F808000,
        0x3F80FFFF,
        0x3F7FFFFF
    };

    private IpexNDArray awkward() {
        float[] values = new float[AWKWARD.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(AWKWARD[i]);
        }
        return (IpexNDArray) manager.create(values);
    }

    @Test
    void everyNumberComesBackFromItsHalves() {
        IpexNDArray a = awkward();
        a.lower(DType.BFLOAT16, Form.SPLIT);
        assertThat(a.master().byteSize()).isEqualTo(2 * AWKWARD.length);
        assertThat(bits(a)).isEqualTo(AWKWARD);
        a.raise();
        assertThat(a.master()).isNull();
        assertThat(bits(a)).isEqualTo(AWKWARD);
        // The top is the number cut off, bit by bit.
        a.lower(DType.BFLOAT16, Form.SPLIT);
        java.nio.ByteBuffer top = a.toByteBuffer();
        for (int bits : AWKWARD) {
            assertThat(top.getShort()).isEqualTo((short) (bits >> 16));
        }
    }

    @Test
    void halvesTakeAsManyBytesAsTheWhole() {
        IpexNDArray a = random(new Random(1), new Shape(1 << 16));
        a.lower(DType.BFLOAT16, Form.SPLIT); // once, for what code itself keeps
        a.raise();
        long before = Runtime.instance().pool().statistics().liveBytes();
        a.lower(DType.BFLOAT16, Form.SPLIT);
        // Not more: the garbage collector may free what earlier tests have dropped.
        assertThat(Runtime.instance().pool().statistics().liveBytes()).isLessThanOrEqualTo(before);
        a.raise();
        assertThat(Runtime.instance().pool().statistics().liveBytes()).isLessThanOrEqualTo(before);
    }

    @Test
    void everyNumberComesBackFromACopy() {
        IpexNDArray a = awkward();
        a.lower(DType.BFLOAT16, Form.COPY);
        assertThat(a.master().byteSize()).isEqualTo(4 * AWKWARD.length);
        a.raise();
        assertThat(bits(a)).isEqualTo(AWKWARD);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void numbersWrittenIntoTheParameterCount(Form form) {
        IpexNDArray a = random(new Random(3), new Shape(19));
        a.lower(DType.BFLOAT16, form);
        a.muli(3);
        float[] written = a.toFloatArray();
        assertThat(a.full(manager).toFloatArray()).isEqualTo(written);
        IpexNDArray other = random(new Random(4), new Shape(19));
        a.master().write(other.tensor(), a.tensor());
        if (form != Form.ROUNDED) {
            assertThat(bits(a)).isEqualTo(bits(other));
        }
        assertThatThrownBy(
                        () ->
                                a.master()
                                        .write(
                                                random(new Random(4), new Shape(2)).tensor(),
                                                a.tensor()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("f32[19]");
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void filesHoldFp32(Form form) {
        IpexNDArray a = random(new Random(3), new Shape(2, 19));
        int[] before = bits(a);
        a.lower(DType.BFLOAT16, form);
        try (NDArray decoded = NDArray.decode(manager, a.encode())) {
            assertThat(decoded.getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(decoded.getShape()).isEqualTo(new Shape(2, 19));
            assertThat(bits((IpexNDArray) decoded))
                    .isEqualTo(form == Form.ROUNDED ? bits(a) : before);
        }
    }

    @Test
    void theWishForAGradientStays() {
        IpexNDArray a = random(new Random(3), new Shape(5));
        a.setRequiresGradient(true);
        a.lower(DType.BFLOAT16, Form.SPLIT);
        assertThat(a.hasGradient()).isTrue();
        assertThat(a.getGradient().getDataType()).isEqualTo(DataType.BFLOAT16);
        a.raise();
        assertThat(a.hasGradient()).isTrue();
        assertThat(a.getGradient().getDataType()).isEqualTo(DataType.FLOAT32);
    }

    /** Shrinks the weight, then does what SGD does. */
    private static final class Shrinking extends Optimizer {
        Shrinking(Optimizer.OptimizerBuilder<?> builder) {
            super(builder);
        }

        @Override
        public void update(String parameterId, NDArray weight, NDArray grad) {
            assertThat(weight.getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(grad.getDataType()).isEqualTo(DataType.FLOAT32);
            try (NDArray step = grad.mul(0.125f)) {
                weight.muli(0.75f).subi(step);
            }
        }
    }

    /** An optimizer with a formula of its own sees the FP32 numbers, and what it writes counts. */
    @Test
    void optimizersThatUpdateByThemselvesSeeTheFp32Numbers() {
        Optimizer own = new Shrinking(Optimizer.sgd());
        for (Form form : new Form[] {Form.SPLIT, Form.COPY}) {
            IpexNDArray plain = random(new Random(5), new Shape(37));
            IpexNDArray cast = random(new Random(5), new Shape(37));
            cast.lower(DType.BFLOAT16, form);
            IpexParameterServer server = IpexParameterServer.of(own);
            for (int t = 0; t < 3; t++) {
                IpexNDArray grad = gradient(new Random(t), new Shape(37));
                NDArray low = grad.toType(DataType.BFLOAT16, false);
                server.update("plain", new NDArray[] {grad}, new NDArray[] {plain});
                server.update("cast", new NDArray[] {low}, new NDArray[] {cast});
            }
            assertThat(bits(cast)).isEqualTo(bits(plain));
        }
    }

    @Test
    void misuseIsRefused() {
        IpexNDArray ints = (IpexNDArray) manager.create(new int[] {1});
        assertThatThrownBy(() -> ints.lower(DType.BFLOAT16, Form.SPLIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected FP32 numbers to cast, got i32[1]");
        IpexNDArray half = random(new Random(1), new Shape(3));
        assertThatThrownBy(() -> half.lower(DType.FLOAT16, Form.SPLIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a master weight is kept for BF16, not for float16");
        half.lower(DType.BFLOAT16, Form.ROUNDED);
        IpexParameterServer server = IpexParameterServer.of(TorchOptimizers.sgd().build());
        NDArray grad = half.duplicate();
        assertThatThrownBy(() -> server.update("p", new NDArray[] {grad}, new NDArray[] {half}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cast for inference");
    }
}
