package org.ipex4j.engine.autograd;

import ai.djl.modality.nlp.DefaultVocabulary;
import ai.djl.modality.nlp.embedding.TrainableWordEmbedding;
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
import ai.djl.nn.convolutional.Conv2dTranspose;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.loss.Loss;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DJL's blocks and losses train as libtorch trains the same ops. */
class TrainingAgainstLibtorchTest {
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
        long[] values = random.longs(count, 0, classes).toArray();
        return new NDList(manager.create(values));
    }

    @Test
    void perceptron() {
        Block mlp =
                new SequentialBlock()
                        .add(Blocks.batchFlattenBlock(30))
                        .add(Linear.builder().setUnits(13).build())
                        .add(Activation::relu)
                        .add(Linear.builder().setUnits(7).build())
                        .add(Activation::tanh)
                        .add(Linear.builder().setUnits(1).build());
        TrainingCheck.compare(mlp, Loss.l2Loss(), draw(9, 30), draw(9, 1), 0.05f, 5, 1e-4);
    }

    @Test
    void leNet() {
        Block leNet =
                new SequentialBlock()
                        .add(conv(6, 5, 2))
                        .add(Activation::sigmoid)
                        .add(Pool.avgPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                        .add(conv(16, 5, 0))
                        .add(Activation::relu)
                        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                        .add(Blocks.batchFlattenBlock())
                        .add(Linear.builder().setUnits(20).build())
                        .add(Activation::sigmoid)
                        .add(Linear.builder().setUnits(10).build());
        TrainingCheck.compare(
                leNet,
                Loss.softmaxCrossEntropyLoss(),
                draw(5, 1, 20, 20),
                classes(5, 10),
                0.1f,
                4,
                1e-4);
    }

    private static Conv2d conv(int filters, int kernel, int padding) {
        return Conv2d.builder()
                .setKernelShape(new Shape(kernel, kernel))
                .optPadding(new Shape(padding, padding))
                .setFilters(filters)
                .build();
    }

    /** Convolutions with strides, groups, dilation and none of them, BatchNorm, residual sums. */
    @Test
    void residualNetwork() {
        SequentialBlock branch =
                new SequentialBlock()
                        .add(conv(8, 3, 1))
                        .add(BatchNorm.builder().build())
                        .add(Activation::relu)
                        .add(
                                Conv2d.builder()
                                        .setKernelShape(new Shape(3, 3))
                                        .optPadding(new Shape(2, 2))
                                        .optDilation(new Shape(2, 2))
                                        .optGroups(4)
                                        .optBias(false)
                                        .setFilters(8)
                                        .build())
                        .add(BatchNorm.builder().build());
        Function<List<NDList>, NDList> sum =
                l -> new NDList(l.get(0).singletonOrThrow().add(l.get(1).singletonOrThrow()));
        Block net =
                new SequentialBlock()
                        .add(
                                Conv2d.builder()
                                        .setKernelShape(new Shape(3, 3))
                                        .optStride(new Shape(2, 2))
                                        .setFilters(8)
                                        .build())
                        .add(new ParallelBlock(sum, List.of(branch, Blocks.identityBlock())))
                        .add(Activation::relu)
                        .add(
                                Conv2dTranspose.builder()
                                        .setKernelShape(new Shape(3, 3))
                                        .optStride(new Shape(2, 2))
                                        .setFilters(8)
                                        .build())
                        .add(Pool.globalAvgPool2dBlock())
                        .add(Linear.builder().setUnits(4).build());
        TrainingCheck.compare(
                net,
                Loss.softmaxCrossEntropyLoss(),
                draw(6, 3, 13, 13),
                classes(6, 4),
                0.1f,
                3,
                1e-3);
    }

    @Test
    void recurrent() {
        Block lstm =
                new SequentialBlock()
                        .add(
                                LSTM.builder()
                                        .setNumLayers(2)
                                        .setStateSize(5)
                                        .optBidirectional(true)
                                        .optBatchFirst(true)
                                        .build())
                        .add(
                                GRU.builder()
                                        .setNumLayers(1)
                                        .setStateSize(4)
                                        .optBatchFirst(true)
                                        .build())
                        .add(new LambdaBlock(l -> new NDList(l.head().get(":, -1"))))
                        .add(Linear.builder().setUnits(3).build());
        TrainingCheck.compare(
                lstm, Loss.softmaxCrossEntropyLoss(), draw(3, 4, 6), classes(3, 3), 0.2f, 3, 1e-3);
    }

    @Test
    void transformerEncoder() {
        Block encoder =
                new SequentialBlock()
                        .add(new TransformerEncoderBlock(12, 3, 20, 0f, Activation::gelu))
                        .add(LayerNorm.builder().build())
                        .add(new LambdaBlock(l -> new NDList(l.head().mean(new int[] {1}))))
                        .add(Linear.builder().setUnits(5).build());
        TrainingCheck.compare(
                encoder,
                Loss.softmaxCrossEntropyLoss(),
                draw(4, 7, 12),
                classes(4, 5),
                0.1f,
                3,
                1e-3);
    }

    @Test
    void embeddings() {
        List<String> tokens = IntStream.range(0, 11).mapToObj(i -> "w" + i).toList();
        NDArray words = manager.create(random.longs(15, 0, 11).toArray(), new Shape(3, 5));
        Block net =
                new SequentialBlock()
                        .add(
                                TrainableWordEmbedding.builder()
                                        .setVocabulary(new DefaultVocabulary(tokens))
                                        .setEmbeddingSize(4)
                                        .build())
                        .add(new LambdaBlock(l -> new NDList(l.head().sum(new int[] {1}))))
                        .add(Activation::softPlus)
                        .add(Linear.builder().setUnits(2).build());
        TrainingCheck.compare(
                net,
                Loss.sigmoidBinaryCrossEntropyLoss(),
                new NDList(words),
                new NDList(manager.ones(new Shape(3, 2))),
                0.3f,
                4,
                1e-4);
    }

    @Test
    void otherLosses() {
        for (Loss loss :
                List.of(Loss.l1Loss(), Loss.hingeLoss(), Loss.sigmoidBinaryCrossEntropyLoss())) {
            TrainingCheck.compare(
                    new SequentialBlock().add(Linear.builder().setUnits(3).build()),
                    loss,
                    draw(5, 4),
                    new NDList(
                            manager.randomInteger(0, 2, new Shape(5, 3), DataType.INT32)
                                    .toType(DataType.FLOAT32, false)),
                    0.1f,
                    2,
                    1e-4);
        }
    }

    /** A convolution without bias, whose gradient before BatchNorm would be rounding alone. */
    private static Conv2d plain(int filters) {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .optPadding(new Shape(1, 1))
                .optBias(false)
                .setFilters(filters)
                .build();
    }

    /** Convolutions, BatchNorm, ReLU, a residual sum, both kinds of pool, a linear layer. */
    private static Block resNet() {
        SequentialBlock branch =
                new SequentialBlock()
                        .add(plain(16))
                        .add(BatchNorm.builder().build())
                        .add(Activation::relu)
                        .add(plain(16))
                        .add(BatchNorm.builder().build());
        Function<List<NDList>, NDList> sum =
                l -> new NDList(l.get(0).singletonOrThrow().add(l.get(1).singletonOrThrow()));
        return new SequentialBlock()
                .add(plain(16))
                .add(BatchNorm.builder().build())
                .add(Activation::relu)
                .add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)))
                .add(new ParallelBlock(sum, List.of(branch, Blocks.identityBlock())))
                .add(Activation::relu)
                .add(Pool.globalAvgPool2dBlock())
                .add(Linear.builder().setUnits(4).build());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void resNetWithMomentum(boolean compiled) {
        TrainingCheck.compare(
                resNet(),
                Loss.softmaxCrossEntropyLoss(),
                draw(6, 3, 17, 17),
                classes(6, 4),
                0.01f,
                0.9f,
                20,
                1e-3,
                trainer -> {
                    if (compiled) {
                        Ipex.compile(trainer, CompileOptions.defaults().fullGraph(true));
                    }
                });
    }
}
