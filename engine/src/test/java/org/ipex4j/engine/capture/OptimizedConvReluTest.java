package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.ipex4j.compiler.oracle.OracleGradients;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.engine.Autocast;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.ndarray.DataTypes;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * IPEX's own test of its torch.compile backend: a convolution and a ReLU, in inference and in
 * training, however they are prepared, give the outputs and the input gradients of PyTorch.
 */
class OptimizedConvReluTest {
    private static final long[][] SIZES = {{2, 3, 10, 10}, {3, 3, 10, 10}};

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = IpexEngine.instance().newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /**
     * @param optimize BF16 comes by optimize, otherwise by autocast
     */
    record Way(
            DataType type,
            boolean compile,
            boolean dynamic,
            boolean optimize,
            boolean prepack,
            boolean sample) {
        Autocast autocast() {
            return Autocast.cpu(DataType.BFLOAT16, !optimize && type == DataType.BFLOAT16);
        }
    }

    static Stream<Way> ways() {
        boolean[] both = {false, true};
        Stream.Builder<Way> out = Stream.builder();
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.BFLOAT16}) {
            for (boolean compile : both) {
                for (boolean dynamic : compile ? both : new boolean[] {false}) {
                    out.add(new Way(type, compile, dynamic, false, false, false));
                    for (boolean prepack : both) {
                        for (boolean sample : both) {
                            out.add(new Way(type, compile, dynamic, true, prepack, sample));
                        }
                    }
                }
            }
        }
        return out.build();
    }

    private static Block block() {
        return new SequentialBlock()
                .add(
                        Conv2d.builder()
                                .setKernelShape(new Shape(3, 3))
                                .optStride(new Shape(2, 2))
                                .optPadding(new Shape(1, 1))
                                .setFilters(5)
                                .build())
                .add(Activation::relu);
    }

    private NDArray draw(long seed, long... sizes) {
        Random random = new Random(seed);
        float[] values = new float[(int) new Shape(sizes).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, new Shape(sizes));
    }

    private Block initialized(Block block) {
        block.initialize(manager, DataType.FLOAT32, new Shape(SIZES[0]));
        draw(5, 5, 3, 3, 3).copyTo(block.getParameters().get("01Conv2d_weight").getArray());
        draw(6, 5).copyTo(block.getParameters().get("01Conv2d_bias").getArray());
        return block;
    }

    private static RefTensor ref(NDArray a) {
        float[] values = a.toFloatArray();
        return RefTensor.build(
                TensorType.of(DType.FLOAT32, a.getShape().getShape()), i -> values[i]);
    }

    /**
     * PyTorch's output and input gradient.
     *
     * @param split weights are cut off to BF16 as in training, not rounded
     */
    private static OracleGradients.Result expected(
            Block block, NDArray x, DataType type, boolean split) {
        DType to = DataTypes.toIr(type);
        NDArray weight = block.getParameters().get("01Conv2d_weight").getArray();
        NDArray bias = block.getParameters().get("01Conv2d_bias").getArray();
        GraphBuilder g = new GraphBuilder();
        Value in = g.input(Role.ARGUMENT, "x", type(x));
        Value w = g.input(Role.PARAMETER, "w", type(weight));
        Value b = g.input(Role.PARAMETER, "b", type(bias));
        Value y =
                g.call(
                        "aten.convolution",
                        g.call("aten._to_copy", in, to),
                        g.call("aten._to_copy", w, to),
                        g.call("aten._to_copy", b, to),
                        new long[] {2, 2},
                        new long[] {1, 1},
                        new long[] {1, 1},
                        false,
                        new long[] {0, 0},
                        1L);
        Value out = g.call("aten._to_copy", g.call("aten.relu", y), DType.FLOAT32);
        return OracleGradients.run(
                g.build(out),
                List.of(ref(x), cut(ref(weight), split), cut(ref(bias), split)),
                List.of(0));
    }

    private static RefTensor cut(RefTensor t, boolean split) {
        return split
                ? RefTensor.build(
                        t.type(),
                        i ->
                                Float.intBitsToFloat(
                                        Float.floatToRawIntBits((float) t.real(i)) & 0xFFFF0000))
                : t;
    }

    private static TensorType type(NDArray a) {
        return new TensorType(DType.FLOAT32, Sizes.of(a.getShape().getShape()));
    }

    private static void assertClose(NDArray actual, RefTensor expected, DataType type) {
        float[] a;
        try (NDArray wide = actual.toType(DataType.FLOAT32, true)) {
            a = wide.toFloatArray();
        }
        assertThat(a).hasSize(expected.numel());
        // One rounding of the result to BF16, where the order of sums decides which way.
        double unit = type == DataType.FLOAT32 ? 1e-5 : 0x1p-7;
        for (int i = 0; i < a.length; i++) {
            assertThat((double) a[i])
                    .as("element %d", i)
                    .isCloseTo(
                            expected.real(i),
                            Offset.offset(unit * Math.max(0.5, Math.abs(expected.real(i)))));
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inference(Way way) {
        Block plain = initialized(block());
        Block block = plain;
        if (way.optimize) {
            OptimizeOptions options =
                    OptimizeOptions.inference().dtype(way.type).weightsPrepack(way.prepack);
            block =
                    Ipex.optimize(
                            block,
                            way.sample
                                    ? options.sampleInput(new NDList(draw(1, SIZES[0])))
                                    : options);
        }
        if (way.compile) {
            block = Ipex.compile(block, CompileOptions.defaults().dynamic(way.dynamic));
        }
        for (long[] sizes : SIZES) {
            NDArray x = draw(9, sizes);
            NDArray y;
            try (Autocast _ = way.autocast()) {
                y = block.forward(new ParameterStore(manager, false), new NDList(x), false).head();
            }
            assertThat(y.getDataType()).isEqualTo(way.type);
            assertClose(y, expected(plain, x, way.type, false).outputs().getFirst(), way.type);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void training(Way way) {
        try (Model model = Model.newInstance("conv", "IPEX")) {
            Block plain = initialized(block());
            Block block = initialized(block());
            model.setBlock(block);
            Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.l2Loss())
                                    .optOptimizer(
                                            Optimizer.sgd()
                                                    .setLearningRateTracker(Tracker.fixed(0))
                                                    .build()));
            if (way.optimize) {
                OptimizeOptions options =
                        OptimizeOptions.training().dtype(way.type).weightsPrepack(way.prepack);
                Ipex.optimize(
                        trainer,
                        way.sample ? options.sampleInput(new NDList(draw(1, SIZES[0]))) : options);
            }
            if (way.compile) {
                Ipex.compile(trainer, CompileOptions.defaults().dynamic(way.dynamic));
            }
            for (long[] sizes : SIZES) {
                NDArray x = draw(9, sizes);
                x.setRequiresGradient(true);
                OracleGradients.Result expected =
                        expected(plain, x, way.type, way.optimize && way.type == DataType.BFLOAT16);
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDArray y;
                    try (Autocast _ = way.autocast()) {
                        y = trainer.forward(new NDList(x)).head();
                    }
                    assertThat(y.getDataType()).isEqualTo(way.type);
                    assertClose(y, expected.outputs().getFirst(), way.type);
                    collector.backward(y.toType(DataType.FLOAT32, true).sum());
                }
                assertThat(x.getGradient().getDataType()).isEqualTo(DataType.FLOAT32);
                assertClose(x.getGradient(), expected.gradients().getFirst(), way.type);
            }
            trainer.close();
        }
    }
}
