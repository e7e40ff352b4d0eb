package org.ipex4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv2dTranspose;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.ipex4j.engine.OptimizeOptions.Knob;
import org.ipex4j.engine.OptimizeOptions.Level;
import org.ipex4j.engine.OptimizeOptions.Purpose;
import org.ipex4j.engine.capture.CompiledBlock;
import org.ipex4j.engine.capture.OptimizedBlock;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.ndarray.MasterWeight;
import org.ipex4j.engine.prepare.CastParameters;
import org.ipex4j.engine.prepare.Checks;
import org.ipex4j.ir.plan.Target;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Ipex#optimize}: what it refuses, what it changes, and what it leaves alone. */
class OptimizeTest {
    private static final OptimizeOptions BF16 =
            OptimizeOptions.inference().dtype(DataType.BFLOAT16);

    /** BF16 keeps 8 bits: a few roundings of numbers around 1. */
    private static final double TOLERANCE = 0.03;

    private IpexNDManager manager;

    @BeforeEach
    void open() {
        manager = IpexNDManager.of(IpexEngine.instance().newBaseManager());
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static Conv2d conv(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .optPadding(new Shape(1, 1))
                .setFilters(filters)
                .build();
    }

    private static SequentialBlock convNet() {
        return new SequentialBlock()
                .add(conv(8))
                .add(BatchNorm.builder().build())
                .add(Activation::relu)
                .add(Dropout.builder().optRate(0.5f).build())
                .add(conv(12))
                .add(BatchNorm.builder().build())
                .add(Pool.globalAvgPool2dBlock())
                .add(Linear.builder().setUnits(5).build());
    }

    private static final Shape IMAGES = new Shape(3, 3, 9, 9);

    private Block initialized(Block block, Shape... inputs) {
        IpexEngine.instance().setRandomSeed(11);
        block.initialize(manager, DataType.FLOAT32, inputs);
        Random random = new Random(23);
        // Biases and statistics that count.
        block.getParameters()
                .forEach(
                        p -> {
                            Parameter.Type type = p.getValue().getType();
                            if (type == Parameter.Type.WEIGHT) {
                                return;
                            }
                            float[] values = new float[(int) p.getValue().getArray().size()];
                            for (int i = 0; i < values.length; i++) {
                                values[i] = 0.5f + random.nextFloat();
                            }
                            p.getValue().getArray().set(values);
                        });
        return block;
    }

    private Block net() {
        return initialized(convNet(), IMAGES);
    }

    private NDList images() {
        float[] values = new float[(int) IMAGES.size()];
        Random random = new Random(31);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new NDList(manager.create(values, IMAGES));
    }

    private NDArray run(Block block, NDList in) {
        return block.forward(new ParameterStore(manager, false), in, false).head();
    }

    private static float[] floats(NDArray a) {
        try (NDArray wide = a.toType(DataType.FLOAT32, true)) {
            return wide.toFloatArray();
        }
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        float[] a = floats(actual);
        float[] e = floats(expected);
        assertThat(a).hasSameSizeAs(e);
        double scale = 0;
        for (float v : e) {
            scale = Math.max(scale, Math.abs(v));
        }
        for (int i = 0; i < a.length; i++) {
            assertThat((double) a[i])
                    .as("element %d", i)
                    .isCloseTo(e[i], org.assertj.core.data.Offset.offset(TOLERANCE * scale));
        }
    }

    private static Map<String, byte[]> bytes(Block block) {
        Map<String, byte[]> out = new LinkedHashMap<>();
        block.getParameters().forEach(p -> out.put(p.getKey(), p.getValue().getArray().encode()));
        return out;
    }

    private static void assertSame(Map<String, byte[]> actual, Map<String, byte[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((k, v) -> assertThat(actual.get(k)).as(k).isEqualTo(v));
    }

    private static Set<String> ofType(Block block, DataType type) {
        return block.getParameters().stream()
                .filter(p -> p.getValue().getArray().getDataType() == type)
                .map(p -> p.getKey())
                .collect(Collectors.toSet());
    }

    // Options

    @Test
    void aLevelSetsEveryKnobAndAKnobOverridesIt() {
        OptimizeOptions o1 = OptimizeOptions.inference();
        assertThat(o1.level()).isEqualTo(Level.O1);
        assertThat(o1.dtype()).isEqualTo(DataType.FLOAT32);
        assertThat(o1.inplace()).isFalse();
        assertThat(o1.sampleInput()).isEmpty();
        assertThat(o1.purpose()).isEqualTo(Purpose.INFERENCE);
        assertThat(OptimizeOptions.training().purpose()).isEqualTo(Purpose.TRAINING);
        assertThat(o1.convBnFolding()).isTrue();
        assertThat(o1.linearBnFolding()).isTrue();
        assertThat(o1.weightsPrepack()).isTrue();
        assertThat(o1.replaceDropoutWithIdentity()).isTrue();
        assertThat(o1.optimizeLstm()).isTrue();
        assertThat(o1.splitMasterWeightForBf16()).isTrue();
        assertThat(o1.fuseUpdateStep()).isTrue();
        assertThat(o1.autoKernelSelection()).isFalse();
        assertThat(o1.concatLinear()).isFalse();
        assertThat(o1.graphMode()).isFalse();
        OptimizeOptions o0 = o1.level("O0");
        assertThat(o0.level()).isEqualTo(Level.O0);
        assertThat(o0.convBnFolding() || o0.weightsPrepack() || o0.fuseUpdateStep()).isFalse();
        assertThat(o0.splitMasterWeightForBf16() || o0.linearBnFolding()).isFalse();
        OptimizeOptions mixed =
                o0.fuseUpdateStep(true).convBnFolding(true).concatLinear(true).level(Level.O1);
        assertThat(mixed.concatLinear()).isTrue();
        assertThat(mixed.convBnFolding(false).convBnFolding()).isFalse();
        assertThat(mixed.knobs())
                .containsOnlyKeys(Knob.FUSE_UPDATE_STEP, Knob.CONV_BN_FOLDING, Knob.CONCAT_LINEAR);
    }

    // Misuse, in the words of the Javadoc

    @Test
    void misuseIsRefused() {
        Block block = net();
        assertThatThrownBy(() -> OptimizeOptions.inference().level("O2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("OptimizeOptions: unknown level 'O2', expected O0 or O1");
        assertThatThrownBy(() -> Ipex.optimize(block, OptimizeOptions.training()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Ipex.optimize: options of training need an optimizer: give the trainer,"
                                + " not the block");
        try (Model model = Model.newInstance("m", "IPEX")) {
            model.setBlock(block);
            Trainer trainer = model.newTrainer(new DefaultTrainingConfig(Loss.l2Loss()));
            assertThatThrownBy(() -> Ipex.optimize(trainer, OptimizeOptions.inference()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "Ipex.optimize: options of inference take no optimizer: give the"
                                    + " block, not the trainer");
            assertThatThrownBy(
                            () ->
                                    Ipex.optimize(
                                            trainer,
                                            OptimizeOptions.training().dtype(DataType.FLOAT16)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "Ipex.optimize: dtype float16: expected float32 or bfloat16, or"
                                    + " float16 for inference");
            trainer.close();
        }
        for (DataType type : new DataType[] {DataType.INT8, DataType.FLOAT64, DataType.BOOLEAN}) {
            assertThatThrownBy(() -> Ipex.optimize(block, OptimizeOptions.inference().dtype(type)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "Ipex.optimize: dtype "
                                    + type
                                    + ": expected float32 or bfloat16, or float16 for inference");
        }
        assertThatThrownBy(() -> Ipex.optimize(convNet(), BF16.inplace(true)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Ipex.optimize: inplace: the block's parameters are not initialized");
    }

    /** An array that says it is elsewhere. */
    private static NDArray foreign(Device device) {
        return (NDArray)
                Proxy.newProxyInstance(
                        OptimizeTest.class.getClassLoader(),
                        new Class<?>[] {NDArray.class},
                        (self, method, args) ->
                                switch (method.getName()) {
                                    case "getDevice" -> device;
                                    case "getShape" -> new Shape(1);
                                    case "setName" -> null;
                                    default -> throw new AssertionError(method.toString());
                                });
    }

    private static Block with(NDArray... arrays) {
        SequentialBlock block = new SequentialBlock();
        for (NDArray a : arrays) {
            Linear linear = Linear.builder().setUnits(1).optBias(false).build();
            linear.getDirectParameters().get("weight").setArray(a);
            block.add(linear);
        }
        return block;
    }

    @Test
    void parametersOfOtherDevicesAndEnginesAreRefused() {
        NDArray own = manager.create(new float[] {1});
        assertThatThrownBy(() -> Ipex.optimize(with(own, foreign(Device.gpu(0)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Ipex.optimize: parameters are on different devices: '01Linear_weight' on"
                                + " cpu(), '02Linear_weight' on gpu(0)");
        assertThatThrownBy(() -> Ipex.optimize(with(foreign(Device.cpu()), own)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "Ipex.optimize: parameter '01Linear_weight' is no array of the engine IPEX"
                                + " but ");
    }

    @Test
    void aProcessorWithoutTheInstructionsComputesSlowlyOnlyIfAsked() {
        Target old = new Target("znver2", "", 32, Set.of("avx2", "fma"), 2, 1, 1, 1);
        Block block = net();
        String words =
                " needs a processor with %s, this one (znver2) has none: numbers would be"
                        + " converted to float32 and back around each computation, slower than"
                        + " float32 itself. Use float32, or allowSlow(true)";
        assertThatThrownBy(() -> Checks.check(block, BF16, false, old))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Ipex.optimize: bfloat16" + words.formatted("AVX-512 BF16"));
        OptimizeOptions half = OptimizeOptions.inference().dtype(DataType.FLOAT16);
        assertThatThrownBy(() -> Checks.check(block, half, false, old))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Ipex.optimize: float16" + words.formatted("AVX512-FP16"));
        Checks.check(block, BF16.allowSlow(true), false, old);
        Checks.check(block, half.allowSlow(true), false, old);
        Checks.check(block, OptimizeOptions.inference(), false, old);
        Target now =
                new Target(
                        "x", "", 64, Set.of("avx512f", "avx512_bf16", "avx512_fp16"), 2, 1, 1, 1);
        Checks.check(block, BF16, false, now);
        Checks.check(block, half, false, now);
    }

    // What is cast

    @Test
    void layersOfTheListAreCastAndNormsAreNot() {
        Block block = net();
        Set<Parameter> inference = CastParameters.of(block, Purpose.INFERENCE);
        assertThat(inference).isEqualTo(CastParameters.of(block, Purpose.TRAINING));
        assertThat(names(block, inference))
                .containsExactlyInAnyOrder(
                        "01Conv2d_weight",
                        "01Conv2d_bias",
                        "05Conv2d_weight",
                        "05Conv2d_bias",
                        "08Linear_weight",
                        "08Linear_bias");
        Block others =
                new SequentialBlock()
                        .add(
                                Conv2dTranspose.builder()
                                        .setKernelShape(new Shape(3, 3))
                                        .setFilters(2)
                                        .build())
                        .add(LSTM.builder().setStateSize(4).setNumLayers(1).build());
        assertThat(CastParameters.of(others, Purpose.TRAINING)).isEmpty();
        assertThat(CastParameters.of(others, Purpose.INFERENCE))
                .hasSameSizeAs(others.getParameters().values());
    }

    private static Set<String> names(Block block, Set<Parameter> parameters) {
        return block.getParameters().stream()
                .filter(p -> parameters.contains(p.getValue()))
                .map(p -> p.getKey())
                .collect(Collectors.toSet());
    }

    /** Gives its parameter to nobody but keeps it itself. */
    private static final class Scale extends ai.djl.nn.AbstractBlock {
        private final Parameter shared;

        Scale(Parameter shared) {
            this.shared = addParameter(shared);
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                ai.djl.util.PairList<String, Object> params) {
            NDArray x = inputs.head();
            return new NDList(x.mul(store.getValue(shared, x.getDevice(), training).sum()));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return inputs;
        }
    }

    @Test
    void aSharedParameterIsCastOnlyIfEveryOwnerAllows() {
        Linear linear = Linear.builder().setUnits(4).build();
        Parameter weight = linear.getDirectParameters().get("weight");
        SequentialBlock block = new SequentialBlock().add(linear).add(new Scale(weight));
        assertThat(names(block, CastParameters.of(block, Purpose.INFERENCE)))
                .containsExactly("01Linear_bias");
        // The same block twice allows twice.
        SequentialBlock twice = new SequentialBlock().add(linear).add(linear);
        assertThat(CastParameters.of(twice, Purpose.INFERENCE)).hasSize(2);
        initialized(block, new Shape(2, 4));
        NDList in = new NDList(manager.ones(new Shape(2, 4)));
        NDArray expected = run(block, in);
        assertClose(run(Ipex.optimize(block, BF16), in), expected);
    }

    // Inference

    @Test
    void theCallersModelIsUnchanged() {
        Block block = net();
        Map<String, byte[]> before = bytes(block);
        NDArray expected = run(block, images());
        Block optimized = Ipex.optimize(block, BF16);
        assertThat(optimized).isInstanceOf(OptimizedBlock.class).isNotSameAs(block);
        NDArray actual = run(optimized, images());
        assertThat(actual.getDataType()).isEqualTo(DataType.BFLOAT16);
        assertClose(actual, expected);
        assertSame(bytes(block), before);
        assertThat(ofType(block, DataType.BFLOAT16)).isEmpty();
        assertThat(floats(run(block, images()))).isEqualTo(floats(expected));
        assertSame(bytes(optimized), before);
    }

    @Test
    void inplaceCastsTheBlockItself() throws Exception {
        Block block = net();
        Block twin = net();
        NDArray expected = run(Ipex.optimize(twin, BF16), images());
        assertThat(Ipex.optimize(block, BF16.inplace(true))).isSameAs(block);
        assertThat(ofType(block, DataType.BFLOAT16)).hasSize(6);
        assertThat(ofType(block, DataType.FLOAT32)).hasSize(8);
        assertThat(floats(run(block, images()))).isEqualTo(floats(expected));
        assertClose(run(Ipex.compile(block), images()), run(twin, images()));
        // The file is FP32 and loads into a block that was never optimized.
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        block.saveParameters(new DataOutputStream(file));
        Block plain = net();
        plain.loadParameters(
                manager, new DataInputStream(new ByteArrayInputStream(file.toByteArray())));
        assertThat(ofType(plain, DataType.BFLOAT16)).isEmpty();
        assertClose(run(plain, images()), run(twin, images()));
        // Back to FP32: the numbers as they were rounded.
        Ipex.optimize(block, BF16.inplace(true));
        assertThat(ofType(block, DataType.BFLOAT16)).hasSize(6);
    }

    @ParameterizedTest
    @CsvSource({"O0,true", "O0,false", "O1,true", "O1,false"})
    void compiledBf16AgreesWithFp32(String level, boolean prepack) {
        Block block = net();
        NDArray expected = run(block, images());
        Block optimized = Ipex.optimize(block, BF16.level(level).weightsPrepack(prepack));
        Block compiled = Ipex.compile(optimized);
        NDArray actual = run(compiled, images());
        assertThat(actual.getDataType()).isEqualTo(DataType.BFLOAT16);
        assertClose(actual, expected);
        assertThat(((CompiledBlock) compiled).cachedGraphs()).isEqualTo(1);
        // Another batch size.
        NDList more = new NDList(images().head().get("0:2"));
        assertClose(run(compiled, more), run(block, more));
    }

    @Test
    void weightsAreCastOncePerVersion() {
        Linear linear = Linear.builder().setUnits(4).build();
        initialized(linear, new Shape(2, 4));
        Block optimized = Ipex.optimize(linear, BF16);
        NDArray weight = linear.getParameters().get("weight").getArray();
        NDList in = new NDList(manager.ones(new Shape(2, 4)));
        float before = floats(run(optimized, in))[0];
        long live = Runtime.instance().pool().statistics().liveBytes();
        for (int i = 0; i < 3; i++) {
            run(optimized, in).close();
        }
        assertThat(Runtime.instance().pool().statistics().liveBytes()).isEqualTo(live);
        weight.muli(2);
        linear.getParameters().get("bias").getArray().muli(2);
        assertThat(floats(run(optimized, in))[0]).isEqualTo(2 * before);
        // A compiled block packs, and casts, in its prologue.
        Block compiled = Ipex.compile(optimized);
        NDArray doubled = run(compiled, in);
        assertClose(doubled, run(linear, in));
        assertThat(Ipex.explain(compiled, in).reports().getFirst().prologues()).isNotEmpty();
        weight.divi(2);
        linear.getParameters().get("bias").getArray().divi(2);
        assertThat(2 * floats(run(compiled, in))[0]).isEqualTo(floats(doubled)[0]);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void weightsOfAnEagerBlockArePackedIfWanted(boolean prepack) {
        Block block = net();
        Block optimized = Ipex.optimize(block, BF16.weightsPrepack(prepack));
        NDArray first = run(optimized, images());
        assertThat(floats(run(optimized, images()))).isEqualTo(floats(first));
        assertClose(first, run(block, images()));
    }

    @Test
    void aSampleIsRunAtOnceAndLeftAlone() {
        Block block = net();
        NDList sample = images();
        byte[] before = sample.head().encode();
        CompiledBlock compiled =
                (CompiledBlock)
                        Ipex.compile(
                                Ipex.optimize(
                                        block, BF16.sampleInput(sample).weightsPrepack(false)));
        assertThat(compiled.cachedGraphs()).isEqualTo(1);
        assertThat(sample.head().encode()).isEqualTo(before);
        assertClose(run(compiled, images()), run(block, images()));
        assertThat(compiled.cachedGraphs()).isEqualTo(1);
        Block eager = Ipex.optimize(block, BF16.sampleInput(sample));
        assertClose(run(eager, images()), run(block, images()));
    }

    @Test
    void graphModeCompiles() {
        Block block = net();
        Block compiled = Ipex.optimize(block, BF16.graphMode(true));
        assertThat(compiled).isInstanceOf(CompiledBlock.class);
        assertClose(run(compiled, images()), run(block, images()));
    }

    @Test
    void autoKernelSelectionComputesTheSame() {
        Block block = net();
        Block compiled =
                Ipex.compile(
                        Ipex.optimize(
                                block, OptimizeOptions.inference().autoKernelSelection(true)));
        assertClose(run(compiled, images()), run(block, images()));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT32", "BFLOAT16"})
    void linearLayersOfOneInputBecomeOne(DataType type) {
        Linear a = Linear.builder().setUnits(5).build();
        Linear b = Linear.builder().setUnits(7).build();
        Linear c = Linear.builder().setUnits(3).optBias(false).build();
        Block block =
                initialized(
                        new ai.djl.nn.ParallelBlock(
                                l ->
                                        new NDList(
                                                l.get(0).head().sin(),
                                                l.get(1).head().tanh(),
                                                l.get(2).head()),
                                java.util.List.of(a, b, c)),
                        new Shape(2, 4));
        NDList in = new NDList(manager.arange(8f).reshape(2, 4).sin());
        NDList expected = block.forward(new ParameterStore(manager, false), in, false);
        OptimizeOptions options = OptimizeOptions.inference().dtype(type);
        Block joined = Ipex.optimize(block, options.concatLinear(true));
        NDList actual = Ipex.compile(joined).forward(new ParameterStore(manager, false), in, false);
        for (int i = 0; i < 3; i++) {
            assertThat(actual.get(i).getShape()).isEqualTo(expected.get(i).getShape());
            assertClose(actual.get(i), expected.get(i));
        }
        // The two with a bias; the third has another kind.
        assertThat(products(joined, in)).isEqualTo(2);
        assertThat(products(Ipex.optimize(block, options), in)).isEqualTo(3);
    }

    private static long products(Block block, NDList in) {
        return Ipex.explain(block, in).reports().getFirst().libraryCalls().stream()
                .filter(c -> c.contains("matmul") || c.contains("linear"))
                .count();
    }

    @Test
    void transposedConvolutionsAndLstmsRunInBf16() {
        Block up =
                initialized(
                        Conv2dTranspose.builder()
                                .setKernelShape(new Shape(3, 3))
                                .optStride(new Shape(2, 2))
                                .setFilters(3)
                                .build(),
                        IMAGES);
        NDArray actual = run(Ipex.optimize(up, BF16), images());
        assertThat(actual.getDataType()).isEqualTo(DataType.BFLOAT16);
        assertClose(actual, run(up, images()));
        Shape words = new Shape(2, 5, 3);
        Block lstm = initialized(LSTM.builder().setStateSize(6).setNumLayers(2).build(), words);
        NDList in = new NDList(manager.arange(30f).reshape(words).sin());
        assertClose(run(Ipex.optimize(lstm, BF16), in), run(lstm, in));
    }

    /** Also where the processor has no instructions for it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fp16Computes(boolean compiled) {
        Block block = net();
        Block half =
                Ipex.optimize(
                        block, OptimizeOptions.inference().dtype(DataType.FLOAT16).allowSlow(true));
        NDArray actual = run(compiled ? Ipex.compile(half) : half, images());
        assertThat(actual.getDataType()).isEqualTo(DataType.FLOAT16);
        assertClose(actual, run(block, images()));
    }

    @Test
    void castOfACastIsRefusedNowhereAndMarksStay() {
        Block block = net();
        Block twice = Ipex.optimize(Ipex.optimize(block, BF16), OptimizeOptions.inference());
        assertThat(floats(run(twice, images()))).isEqualTo(floats(run(block, images())));
        Ipex.optimize(block, BF16.inplace(true));
        Block over = Ipex.optimize(block, BF16);
        assertThat(floats(run(over, images()))).isEqualTo(floats(run(block, images())));
        IpexNDArray weight = (IpexNDArray) block.getParameters().get("08Linear_weight").getArray();
        assertThat(weight.master().form()).isEqualTo(MasterWeight.Form.ROUNDED);
    }
}
