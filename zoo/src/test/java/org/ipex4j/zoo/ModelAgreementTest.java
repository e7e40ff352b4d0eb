package org.ipex4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.Random;
import org.ipex4j.compiler.oracle.Oracle;
import org.ipex4j.engine.Backends;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.OptimizeOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole models, compiled and op by op, against libtorch on the captured graph. */
class ModelAgreementTest {
    @ParameterizedTest
    @CsvSource({
        "resnet18, 2, 64",
        "resnet50, 1, 75",
        "resnext50_32x4d, 1, 64",
        "mobilenet_v2, 3, 64",
        "mobilenet_v3_small, 2, 96"
    })
    void logitsAreThoseOfLibtorch(String name, int batch, int size) {
        compare(name, batch, size);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({
        "resnet50, 2, 224",
        "resnet152, 1, 64",
        "vgg16_bn, 1, 224",
        "vgg11, 2, 224",
        "mobilenet_v3_large, 1, 224",
        "vit_b_32, 1, 224",
        "vit_b_16, 2, 224"
    })
    void logitsOfLargeModelsAreThoseOfLibtorch(String name, int batch, int size) {
        compare(name, batch, size);
    }

    /** BF16 by {@code optimize} alone; libtorch runs the graph that was captured, casts and all. */
    @ParameterizedTest
    @CsvSource({
        "resnet18, 2, 64",
        "resnet50, 1, 75",
        "mobilenet_v2, 3, 64",
        "mobilenet_v3_small, 2, 96"
    })
    void bf16LogitsAreThoseOfLibtorch(String name, int batch, int size) {
        compareBf16(name, batch, size);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"vgg11, 2, 224", "vit_b_32, 1, 224", "resnet50, 2, 224"})
    void bf16LogitsOfLargeModelsAreThoseOfLibtorch(String name, int batch, int size) {
        compareBf16(name, batch, size);
    }

    private static void compareBf16(String name, int batch, int size) {
        RecordingBackend recording = new RecordingBackend();
        Backends.register(recording.name(), recording);
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            ImageClassifier model = Classifiers.create(name, 1000);
            Shape shape = new Shape(batch, 3, size, size);
            RandomWeights.fill(model, manager, 11, shape);
            NDArray input = manager.create(noise(shape), shape);
            ParameterStore store = new ParameterStore(manager, false);
            float[] full = run(model, store, input);
            Block optimized =
                    Ipex.optimize(
                            model,
                            OptimizeOptions.inference()
                                    .dtype(DataType.BFLOAT16)
                                    .weightsPrepack(false));
            CompileOptions whole = CompileOptions.defaults().fullGraph(true);
            float[] eager = run(Ipex.compile(optimized, whole.backend("recording")), store, input);
            float[] compiled = run(Ipex.compile(optimized, whole), store, input);
            double[] expected =
                    Oracle.run(recording.graph, recording.inputs).getFirst().toDoubles();
            double[] exact = new double[full.length];
            for (int i = 0; i < exact.length; i++) {
                exact[i] = full[i];
            }
            // Roundings add up on the way, those of libtorch too; random weights of MobileNet swell
            // them to a tenth.
            double rounding = distance(expected, exact);
            assertThat(rounding).isLessThan(0.2);
            assertThat(distance(eager, exact)).isLessThan(1.5 * rounding + 1e-3);
            assertThat(distance(compiled, exact)).isLessThan(1.5 * rounding + 1e-3);
        }
    }

    private static double distance(float[] a, double[] b) {
        double[] wide = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            wide[i] = a[i];
        }
        return distance(wide, b);
    }

    /** The difference's norm, as a share of the second's. */
    private static double distance(double[] a, double[] b) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < b.length; i++) {
            difference += (a[i] - b[i]) * (a[i] - b[i]);
            norm += b[i] * b[i];
        }
        return Math.sqrt(difference / norm);
    }

    private static void compare(String name, int batch, int size) {
        RecordingBackend recording = new RecordingBackend();
        Backends.register(recording.name(), recording);
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            ImageClassifier model = Classifiers.create(name, 1000);
            Shape shape = new Shape(batch, 3, size, size);
            RandomWeights.fill(model, manager, 11, shape);
            NDArray input = manager.create(noise(shape), shape);
            ParameterStore store = new ParameterStore(manager, false);

            float[] eager =
                    run(
                            Ipex.compile(
                                    model,
                                    CompileOptions.defaults().backend("recording").fullGraph(true)),
                            store,
                            input);
            float[] compiled =
                    run(
                            Ipex.compile(
                                    Ipex.optimize(model, OptimizeOptions.inference()),
                                    CompileOptions.defaults().fullGraph(true)),
                            store,
                            input);
            double[] expected =
                    Oracle.run(recording.graph, recording.inputs).getFirst().toDoubles();

            assertAgree(eager, expected, batch);
            assertAgree(compiled, expected, batch);
        }
    }

    private static float[] run(Block block, ParameterStore store, NDArray input) {
        try (NDArray output = block.forward(store, new NDList(input), false).singletonOrThrow()) {
            return output.toFloatArray();
        }
    }

    private static float[] noise(Shape shape) {
        Random random = new Random(3);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Within 1e-4 of the greatest logit, and the same five classes in the same order. */
    private static void assertAgree(float[] actual, double[] expected, int batch) {
        assertThat(actual).hasSameSizeAs(expected);
        double scale = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            scale = Math.max(scale, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        assertThat(difference / scale).isLessThan(1e-4);
        int classes = expected.length / batch;
        for (int b = 0; b < batch; b++) {
            int from = b * classes;
            assertThat(topFive(i -> actual[from + i], classes))
                    .isEqualTo(topFive(i -> expected[from + i], classes));
        }
    }

    private static java.util.List<Integer> topFive(
            java.util.function.IntToDoubleFunction score, int classes) {
        return java.util.stream.IntStream.range(0, classes)
                .boxed()
                .sorted(
                        java.util.Comparator.comparingDouble(
                                (Integer i) -> -score.applyAsDouble(i)))
                .limit(5)
                .toList();
    }
}
