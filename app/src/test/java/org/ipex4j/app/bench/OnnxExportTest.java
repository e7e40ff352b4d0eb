package org.ipex4j.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.ipex4j.engine.Backends;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.ImageClassifier;
import org.ipex4j.zoo.RandomWeights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ONNX Runtime computes from the exported model is what the block computes. */
class OnnxExportTest {
    /** Of the greatest value: dozens of layers round differently in FP32 on both sides. */
    private static final float TOLERANCE = 1e-4f;

    @TempDir Path dir;
    private final NDManager manager = IpexEngine.instance().newBaseManager();

    @AfterEach
    void close() {
        Ipex.reset();
        manager.close();
    }

    private float[] exported(Block block, NDArray input) {
        Setting setting = new Setting(dir, "test", 1, 1, "f32");
        Backends.register("export", new ExportBackend(setting, false, true));
        CompileOptions options = CompileOptions.defaults().backend("export").fullGraph(true);
        return Ipex.compile(block, options)
                .forward(new ParameterStore(manager, false), new NDList(input), false)
                .singletonOrThrow()
                .toFloatArray();
    }

    private void agrees(Block block, NDArray input) throws Exception {
        float[] wanted = exported(block, input);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(dir.resolve("model.onnx").toString());
                OnnxTensor given =
                        OnnxTensor.createTensor(
                                environment,
                                FloatBuffer.wrap(input.toFloatArray()),
                                input.getShape().getShape());
                OrtSession.Result result =
                        session.run(Map.of(session.getInputNames().iterator().next(), given))) {
            FloatBuffer got = ((OnnxTensor) result.get(0)).getFloatBuffer();
            assertThat(got.remaining()).isEqualTo(wanted.length);
            float scale = 0;
            for (float w : wanted) {
                scale = Math.max(scale, Math.abs(w));
            }
            assertThat(scale).isPositive();
            for (float w : wanted) {
                assertThat(got.get()).isCloseTo(w, Offset.offset(TOLERANCE * scale));
            }
        }
    }

    private NDArray noise(long... sizes) {
        return manager.randomNormal(0, 1, new Shape(sizes), DataType.FLOAT32);
    }

    private void convolutional(String name) throws Exception {
        ImageClassifier model = Classifiers.create(name, 10);
        RandomWeights.fill(model, manager, 3);
        agrees(model, noise(2, 3, 64, 64));
    }

    @Test
    void residualNetwork() throws Exception {
        convolutional("resnet18");
    }

    @Test
    void depthwiseConvolutionsAndHardActivations() throws Exception {
        convolutional("mobilenet_v2");
        convolutional("mobilenet_v3_small");
    }

    @Test
    void attention() throws Exception {
        Block attend =
                LambdaBlock.singleton(
                        x -> {
                            NDArray heads = x.reshape(2, 5, 3, 4).transpose(2, 0, 1, 3);
                            NDList parts = heads.split(3, 0);
                            NDArray q = parts.get(0).squeeze(0);
                            NDArray k = parts.get(1).squeeze(0);
                            NDArray v = parts.get(2).squeeze(0);
                            NDArray p = q.matMul(k.transpose(0, 2, 1)).mul(0.5f).softmax(-1);
                            NDArray both = NDArrays.concat(new NDList(p.matMul(v), q), 1);
                            return both.get(":, 3");
                        });
        Block net =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(12).build())
                        .add(LayerNorm.builder().axis(2).build())
                        .add(Activation.geluBlock())
                        .add(attend);
        net.initialize(manager, DataType.FLOAT32, new Shape(2, 5, 6));
        agrees(net, noise(2, 5, 6));
    }

    @Test
    void anOpWithoutAFormIsNamed() {
        Block sort = LambdaBlock.singleton(NDArray::sort);
        assertThatThrownBy(() -> exported(sort, noise(3)))
                .hasStackTraceContaining("no ONNX form")
                .hasStackTraceContaining("aten.sort");
    }
}
