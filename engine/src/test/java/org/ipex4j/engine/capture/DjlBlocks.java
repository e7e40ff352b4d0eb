package org.ipex4j.engine.capture;

import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
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
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv2dTranspose;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.core.LinearCollection;
import ai.djl.nn.core.Multiplication;
import ai.djl.nn.core.Prelu;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.GhostBatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.IdEmbedding;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.initializer.NormalInitializer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** DJL's own blocks with inputs for them. */
final class DjlBlocks {
    /**
     * A block and how to feed it.
     *
     * @param inputs makes inputs, the first kind of sizes or another
     */
    record Case(
            String name,
            Supplier<Block> block,
            Shape[] initial,
            Function<NDManager, NDList> inputs) {
        Block make(NDManager manager) {
            Block b = block.get();
            b.setInitializer(
                    new NormalInitializer(0.3f), p -> p.getType() != Parameter.Type.RUNNING_VAR);
            b.initialize(manager, DataType.FLOAT32, initial);
            return b;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private DjlBlocks() {}

    private static Case of(String name, Supplier<Block> block, long... shape) {
        return new Case(
                name,
                block,
                new Shape[] {new Shape(shape)},
                m -> new NDList(m.randomNormal(0, 1, new Shape(shape), DataType.FLOAT32)));
    }

    static List<Case> all() {
        List<Case> out = new ArrayList<>();
        out.add(of("linear", () -> Linear.builder().setUnits(7).build(), 3, 5));
        out.add(
                of(
                        "linear without bias, batched",
                        () -> Linear.builder().setUnits(7).optBias(false).build(),
                        2,
                        3,
                        5));
        out.add(
                of(
                        "conv1d",
                        () -> Conv1d.builder().setFilters(4).setKernelShape(new Shape(3)).build(),
                        2,
                        3,
                        13));
        out.add(
                of(
                        "conv2d",
                        () ->
                                Conv2d.builder()
                                        .setFilters(6)
                                        .setKernelShape(new Shape(3, 3))
                                        .optPadding(new Shape(1, 1))
                                        .optStride(new Shape(2, 2))
                                        .build(),
                        2,
                        3,
                        13,
                        7));
        out.add(
                of(
                        "conv2d depthwise",
                        () ->
                                Conv2d.builder()
                                        .setFilters(4)
                                        .setKernelShape(new Shape(3, 3))
                                        .optGroups(4)
                                        .optBias(false)
                                        .build(),
                        1,
                        4,
                        7,
                        7));
        out.add(
                of(
                        "conv2d transposed",
                        () ->
                                Conv2dTranspose.builder()
                                        .setFilters(4)
                                        .setKernelShape(new Shape(2, 2))
                                        .optStride(new Shape(2, 2))
                                        .build(),
                        1,
                        4,
                        5,
                        5));
        out.add(
                of(
                        "conv3d",
                        () ->
                                Conv3d.builder()
                                        .setFilters(2)
                                        .setKernelShape(new Shape(2, 3, 3))
                                        .build(),
                        1,
                        3,
                        4,
                        7,
                        7));
        out.add(of("batch norm", () -> BatchNorm.builder().build(), 2, 5, 3, 3));
        out.add(of("layer norm", () -> LayerNorm.builder().axis(1, 2).build(), 3, 5, 7));
        out.add(of("dropout", () -> Dropout.builder().optRate(0.5f).build(), 3, 5));
        out.add(of("relu", Activation::reluBlock, 3, 5));
        out.add(of("relu6", Activation::relu6Block, 3, 5));
        out.add(of("sigmoid", Activation::sigmoidBlock, 3, 5));
        out.add(of("tanh", Activation::tanhBlock, 3, 5));
        out.add(of("softplus", Activation::softPlusBlock, 3, 5));
        out.add(of("softsign", Activation::softSignBlock, 3, 5));
        out.add(of("leaky relu", () -> Activation.leakyReluBlock(0.1f), 3, 5));
        out.add(of("elu", () -> Activation.eluBlock(1f), 3, 5));
        out.add(of("selu", Activation::seluBlock, 3, 5));
        out.add(of("gelu", Activation::geluBlock, 3, 5));
        out.add(of("swish", () -> Activation.swishBlock(1f), 3, 5));
        out.add(of("mish", Activation::mishBlock, 3, 5));
        out.add(of("prelu", Prelu::new, 3, 5));
        out.add(
                of(
                        "max pool",
                        () ->
                                Pool.maxPool2dBlock(
                                        new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)),
                        2,
                        3,
                        9,
                        9));
        out.add(
                of(
                        "average pool",
                        () -> Pool.avgPool2dBlock(new Shape(2, 2), new Shape(2, 2)),
                        2,
                        3,
                        8,
                        8));
        out.add(
                of(
                        "lp pool",
                        () -> Pool.lpPool2dBlock(2, new Shape(2, 2), new Shape(2, 2)),
                        2,
                        3,
                        8,
                        8));
        out.add(of("global average pool", Pool::globalAvgPool2dBlock, 2, 3, 8, 8));
        out.add(of("global max pool", Pool::globalMaxPool2dBlock, 2, 3, 8, 8));
        out.add(of("flatten", Blocks::batchFlattenBlock, 2, 3, 4));
        out.add(of("identity", Blocks::identityBlock, 2, 3));
        out.add(of("multiplication", () -> Multiplication.builder().setUnits(3).build(), 2, 5));
        out.add(
                of(
                        "linear collection",
                        () -> LinearCollection.builder().setUnits(4).build(),
                        2,
                        3,
                        5));
        out.add(
                of(
                        "ghost batch norm",
                        () -> GhostBatchNorm.builder().optVirtualBatchSize(2).build(),
                        4,
                        5));
        out.add(
                of(
                        "rnn",
                        () ->
                                RNN.builder()
                                        .setNumLayers(2)
                                        .setStateSize(6)
                                        .setActivation(RNN.Activation.TANH)
                                        .optBatchFirst(true)
                                        .build(),
                        2,
                        3,
                        4));
        out.add(
                of(
                        "lstm",
                        () ->
                                LSTM.builder()
                                        .setNumLayers(1)
                                        .setStateSize(6)
                                        .optBatchFirst(true)
                                        .optReturnState(true)
                                        .build(),
                        2,
                        3,
                        4));
        out.add(
                of(
                        "lstm both ways",
                        () ->
                                LSTM.builder()
                                        .setNumLayers(1)
                                        .setStateSize(6)
                                        .optBidirectional(true)
                                        .optBatchFirst(true)
                                        .build(),
                        2,
                        3,
                        4));
        out.add(
                of(
                        "gru",
                        () ->
                                GRU.builder()
                                        .setNumLayers(1)
                                        .setStateSize(6)
                                        .optBatchFirst(true)
                                        .build(),
                        2,
                        3,
                        4));
        out.add(of("sequence", DjlBlocks::convNet, 2, 3, 8, 8));
        out.add(
                of(
                        "parallel",
                        () ->
                                new ParallelBlock(
                                                l ->
                                                        new NDList(
                                                                l.get(0)
                                                                        .head()
                                                                        .add(l.get(1).head())))
                                        .add(Linear.builder().setUnits(4).build())
                                        .add(
                                                new SequentialBlock()
                                                        .add(Linear.builder().setUnits(4).build())
                                                        .add(Activation.tanhBlock())),
                        3,
                        5));
        out.add(
                of(
                        "lambda with names and several results",
                        () ->
                                new LambdaBlock(
                                        l -> {
                                            NDArray twice = l.head().mul(2);
                                            twice.setName("twice");
                                            return new NDList(
                                                    twice, l.head(), twice, l.head().sum());
                                        }),
                        3,
                        5));
        out.add(
                of(
                        "resnet v1 of DJL's zoo",
                        () ->
                                ResNetV1.builder()
                                        .setNumLayers(20)
                                        .setOutSize(10)
                                        .setImageShape(new Shape(3, 16, 16))
                                        .build(),
                        2,
                        3,
                        16,
                        16));
        out.add(
                of(
                        "attention",
                        () ->
                                ScaledDotProductAttentionBlock.builder()
                                        .setEmbeddingSize(8)
                                        .setHeadCount(2)
                                        .build(),
                        2,
                        5,
                        8));
        out.add(
                of(
                        "transformer encoder",
                        () -> new TransformerEncoderBlock(8, 2, 16, 0.1f, Activation::gelu),
                        2,
                        5,
                        8));
        out.add(
                new Case(
                        "id embedding",
                        () ->
                                new IdEmbedding.Builder()
                                        .setDictionarySize(11)
                                        .setEmbeddingSize(4)
                                        .build(),
                        new Shape[] {new Shape(2, 5)},
                        m ->
                                new NDList(
                                        m.create(
                                                new long[] {0, 1, 2, 10, 3, 4, 4, 5, 9, 0},
                                                new Shape(2, 5)))));
        out.add(
                new Case(
                        "word embedding",
                        () ->
                                TrainableWordEmbedding.builder()
                                        .setVocabulary(
                                                new DefaultVocabulary(List.of("a", "b", "c", "d")))
                                        .setEmbeddingSize(4)
                                        .build(),
                        new Shape[] {new Shape(2, 3)},
                        m -> new NDList(m.create(new long[] {0, 1, 2, 3, 1, 0}, new Shape(2, 3)))));
        out.add(
                new Case(
                        "bert",
                        () ->
                                BertBlock.builder()
                                        .setTokenDictionarySize(13)
                                        .optTypeDictionarySize(2)
                                        .optEmbeddingSize(8)
                                        .optTransformerBlockCount(2)
                                        .optAttentionHeadCount(2)
                                        .optHiddenSize(16)
                                        .optMaxSequenceLength(5)
                                        .build(),
                        new Shape[] {new Shape(2, 5), new Shape(2, 5), new Shape(2, 5)},
                        m ->
                                new NDList(
                                        m.create(
                                                new long[] {1, 2, 3, 4, 0, 12, 7, 7, 2, 1},
                                                new Shape(2, 5)),
                                        m.create(
                                                new long[] {0, 0, 1, 1, 1, 0, 0, 0, 1, 1},
                                                new Shape(2, 5)),
                                        m.create(
                                                new long[] {1, 1, 1, 1, 0, 1, 1, 1, 0, 0},
                                                new Shape(2, 5)))));
        return out;
    }

    /** Convolution, norm, activation, pool, flatten, linear. */
    static SequentialBlock convNet() {
        return new SequentialBlock()
                .add(
                        Conv2d.builder()
                                .setFilters(8)
                                .setKernelShape(new Shape(3, 3))
                                .optPadding(new Shape(1, 1))
                                .build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(5).build());
    }
}
