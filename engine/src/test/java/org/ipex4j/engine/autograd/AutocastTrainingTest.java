package org.ipex4j.engine.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.ipex4j.engine.Autocast;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Under autocast blocks train as libtorch trains the same ops with the casts written out. */
class AutocastTrainingTest {
    /** BF16 has 8 bits: sums that are taken in another order round otherwise, and add up. */
    private static final double TOLERANCE = 0.03;

    private final NDManager manager = IpexEngine.instance().newBaseManager();
    private final Random random = new Random(1);

    @BeforeEach
    void seed() {
        IpexEngine.instance().setRandomSeed(7);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private NDList draw(long... sizes) {
        Shape shape = new Shape(sizes);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        NDArray a = manager.create(values, shape);
        a.setName("data");
        return new NDList(a);
    }

    private NDList classes(int count, int classes) {
        return new NDList(manager.create(random.longs(count, 0, classes).toArray()));
    }

    private static void compare(
            Block block, Loss loss, NDList data, NDList labels, boolean compiled) {
        Consumer<Trainer> prepare = t -> {};
        if (compiled) {
            prepare = Ipex::compile;
        }
        try (Autocast ac = Autocast.cpu(DataType.BFLOAT16)) {
            TrainingCheck.compare(block, loss, data, labels, 0.05f, 0.9f, 3, TOLERANCE, prepare);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void perceptron(boolean compiled) {
        Block mlp =
                new SequentialBlock()
                        .add(Blocks.batchFlattenBlock(30))
                        .add(Linear.builder().setUnits(13).build())
                        .add(Activation::relu)
                        .add(Linear.builder().setUnits(7).build())
                        .add(Activation::tanh)
                        .add(Linear.builder().setUnits(1).build());
        compare(mlp, Loss.l2Loss(), draw(9, 30), draw(9, 1), compiled);
    }

    private static Conv2d conv(int filters, int kernel) {
        return Conv2d.builder()
                .setKernelShape(new Shape(kernel, kernel))
                .optPadding(new Shape(kernel / 2, kernel / 2))
                .setFilters(filters)
                .build();
    }

    /** Convolutions, BatchNorm, a residual sum, both kinds of pool. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void residualNetwork(boolean compiled) {
        SequentialBlock branch =
                new SequentialBlock()
                        .add(conv(8, 3))
                        .add(BatchNorm.builder().build())
                        .add(Activation::relu)
                        .add(conv(8, 1));
        Function<List<NDList>, NDList> sum =
                l -> new NDList(l.get(0).singletonOrThrow().add(l.get(1).singletonOrThrow()));
        Block net =
                new SequentialBlock()
                        .add(conv(8, 3))
                        .add(BatchNorm.builder().build())
                        .add(Activation::relu)
                        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                        .add(new ParallelBlock(sum, List.of(branch, Blocks.identityBlock())))
                        .add(Activation::relu)
                        .add(Pool.globalAvgPool2dBlock())
                        .add(Linear.builder().setUnits(4).build());
        compare(net, Loss.softmaxCrossEntropyLoss(), draw(6, 3, 12, 12), classes(6, 4), compiled);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void recurrent(boolean compiled) {
        Block net =
                new SequentialBlock()
                        .add(LSTM.builder().setStateSize(6).setNumLayers(1).build())
                        .add(last())
                        .add(Linear.builder().setUnits(3).build());
        compare(net, Loss.softmaxCrossEntropyLoss(), draw(4, 3, 5), classes(4, 3), compiled);
    }

    private static Block last() {
        return new LambdaBlock(l -> new NDList(l.head().get(":, -1")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void attention(boolean compiled) {
        Block net =
                new SequentialBlock()
                        .add(new TransformerEncoderBlock(8, 2, 16, 0f, Activation::relu))
                        .add(last())
                        .add(Linear.builder().setUnits(3).build());
        compare(net, Loss.softmaxCrossEntropyLoss(), draw(4, 5, 8), classes(4, 3), compiled);
    }
}
