package org.ipex4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.training.ParameterStore;
import ai.djl.translate.Batchifier;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DJL's own blocks, models and predictors on this engine. */
class IpexModelTest {
    private static Block convolutional() {
        return new SequentialBlock()
                .add(
                        Conv2d.builder()
                                .setKernelShape(new Shape(3, 3))
                                .optPadding(new Shape(1, 1))
                                .setFilters(4)
                                .build())
                .add(BatchNorm.builder().build())
                .add(Activation::relu)
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(3).build())
                .add(new LambdaBlock(l -> new NDList(l.singletonOrThrow().softmax(-1))));
    }

    private static Model model(Block block, Shape input) {
        Model model = Model.newInstance("net", "IPEX");
        block.initialize(model.getNDManager(), DataType.FLOAT32, input);
        model.setBlock(block);
        return model;
    }

    private static final Translator<float[], float[]> CLASSIFIER =
            new Translator<>() {
                @Override
                public NDList processInput(TranslatorContext ctx, float[] input) {
                    return new NDList(ctx.getNDManager().create(input, new Shape(1, 6, 6)));
                }

                @Override
                public float[] processOutput(TranslatorContext ctx, NDList list) {
                    return list.singletonOrThrow().toFloatArray();
                }

                @Override
                public Batchifier getBatchifier() {
                    return Batchifier.STACK;
                }
            };

    private static float[] image(int seed) {
        float[] pixels = new float[36];
        for (int i = 0; i < 36; i++) {
            pixels[i] = (i * 7 + seed) % 11 / 11f;
        }
        return pixels;
    }

    @Test
    void predictsAndLeaksNothing() throws Exception {
        try (Model model = model(convolutional(), new Shape(1, 1, 6, 6));
                Predictor<float[], float[]> predictor = model.newPredictor(CLASSIFIER)) {
            float[] first = predictor.predict(image(0));
            assertThat(first).hasSize(3);
            assertThat(first[0] + first[1] + first[2])
                    .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5f));
            List<float[]> batch = predictor.batchPredict(List.of(image(0), image(1)));
            assertThat(batch.get(0))
                    .containsExactly(first, org.assertj.core.data.Offset.offset(1e-6f));
            LiveBytes.assertSteady(
                    () -> {
                        for (int i = 0; i < 100; i++) {
                            predictor.predict(image(i));
                        }
                    });
        }
    }

    @Test
    void manyPredictorsAtOnce() throws Exception {
        try (Model model = model(convolutional(), new Shape(1, 1, 6, 6))) {
            float[] expected;
            try (Predictor<float[], float[]> p = model.newPredictor(CLASSIFIER)) {
                expected = p.predict(image(5));
            }
            try (var pool = Executors.newFixedThreadPool(6)) {
                Callable<Boolean> job =
                        () -> {
                            try (Predictor<float[], float[]> p = model.newPredictor(CLASSIFIER)) {
                                for (int i = 0; i < 10; i++) {
                                    float[] got = p.predict(image(5));
                                    for (int c = 0; c < 3; c++) {
                                        if (Math.abs(got[c] - expected[c]) > 1e-6) {
                                            return false;
                                        }
                                    }
                                }
                            }
                            return true;
                        };
                for (Future<Boolean> f :
                        pool.invokeAll(IntStream.range(0, 12).mapToObj(i -> job).toList())) {
                    assertThat(f.get()).isTrue();
                }
            }
        }
    }

    @Test
    void savesAndLoadsParameters(@TempDir Path dir) throws Exception {
        float[] expected;
        try (Model model = model(convolutional(), new Shape(1, 1, 6, 6));
                Predictor<float[], float[]> predictor = model.newPredictor(CLASSIFIER)) {
            expected = predictor.predict(image(3));
            model.save(dir, "net");
        }
        try (Model model = Model.newInstance("net", Device.cpu(), "IPEX")) {
            assertThatThrownBy(() -> model.load(dir))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("setBlock");
            model.setBlock(convolutional());
            model.load(dir);
            try (Predictor<float[], float[]> predictor = model.newPredictor(CLASSIFIER)) {
                assertThat(predictor.predict(image(3))).containsExactly(expected);
            }
        }
        assertThatThrownBy(() -> Model.newInstance("net", Device.gpu(), "IPEX"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void recurrentAndNormBlocks() {
        try (NDManager m = NDManager.newBaseManager("IPEX")) {
            Block lstm =
                    LSTM.builder()
                            .setStateSize(4)
                            .setNumLayers(2)
                            .optBidirectional(true)
                            .optReturnState(true)
                            .build();
            lstm.initialize(m, DataType.FLOAT32, new Shape(2, 5, 3));
            NDList out =
                    lstm.forward(
                            new ParameterStore(m, false),
                            new NDList(m.ones(new Shape(2, 5, 3))),
                            false);
            assertThat(out.get(0).getShape()).isEqualTo(new Shape(2, 5, 8));
            assertThat(out.get(1).getShape()).isEqualTo(new Shape(4, 2, 4));
            Block norm = LayerNorm.builder().build();
            norm.initialize(m, DataType.FLOAT32, new Shape(2, 4));
            NDArray y =
                    norm.forward(
                                    new ParameterStore(m, false),
                                    new NDList(m.arange(8f).reshape(2, 4)),
                                    false)
                            .head();
            assertThat(y.sum().getFloat()).isCloseTo(0, org.assertj.core.data.Offset.offset(1e-5f));
        }
    }

    @Test
    void transformers() {
        try (NDManager m = NDManager.newBaseManager("IPEX")) {
            Block bert =
                    BertBlock.builder()
                            .nano()
                            .optMaxSequenceLength(6)
                            .setTokenDictionarySize(30)
                            .build();
            bert.initialize(m, DataType.FLOAT32, new Shape(2, 6), new Shape(2, 6), new Shape(2, 6));
            NDArray tokens = m.arange(12).reshape(2, 6);
            NDArray types = m.zeros(new Shape(2, 6), DataType.INT32);
            NDArray mask = m.ones(new Shape(2, 6), DataType.INT32);
            NDList encoded =
                    bert.forward(
                            new ParameterStore(m, false), new NDList(tokens, types, mask), false);
            assertThat(encoded.get(0).getShape().slice(0, 2)).isEqualTo(new Shape(2, 6));
            assertThat(encoded.get(0).isNaN().any().getBoolean()).isFalse();
            assertThat(encoded.get(1).getShape().get(0)).isEqualTo(2);
        }
    }

    @Test
    void predictorOnAClosedModelSaysSo() throws Exception {
        Model model = model(convolutional(), new Shape(1, 1, 6, 6));
        Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator());
        NDManager m = NDManager.newBaseManager("IPEX");
        NDList input = new NDList(m.ones(new Shape(1, 1, 6, 6)));
        predictor.predict(input);
        model.close();
        assertThatThrownBy(() -> predictor.predict(input)).hasStackTraceContaining("closed");
        m.close();
    }
}
