package org.ipex4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole models learn by compiled steps as they do op by op. */
class CompiledTrainingTest {
    /** Losses of some steps, and the gradients of the first one. */
    private record Course(List<Float> losses, Map<String, double[]> gradients) {}

    @ParameterizedTest
    @CsvSource("resnet18, 4, 64")
    void stepsAreThoseOfEagerTraining(String name, int batch, int size) {
        compare(name, batch, size);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource("resnet18, 8, 224")
    void lossesOnLargeImagesAreThoseOfEagerTraining(String name, int batch, int size) {
        compareLosses(train(name, batch, size, false), train(name, batch, size, true));
    }

    /**
     * A ReLU of a deep layer whose operand is zero but for rounding lets a whole gradient through
     * or none, so that single precision itself is percents off, op by op as well as compiled.
     */
    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"resnet50, 4, 64", "mobilenet_v2, 4, 64", "resnet18, 8, 96"})
    void gradientsOfDeepModelsAreAsGoodAsEagerOnes(String name, int batch, int size) {
        Map<String, double[]> exact = gradients(name, batch, size, DataType.FLOAT64, false);
        double eager = difference(gradients(name, batch, size, DataType.FLOAT32, false), exact);
        double compiled = difference(gradients(name, batch, size, DataType.FLOAT32, true), exact);
        assertThat(eager).as("eager").isLessThan(0.05);
        assertThat(compiled).as("compiled, eager being %s", eager).isLessThan(2 * eager + 1e-5);
    }

    private static Map<String, double[]> gradients(
            String name, int batch, int size, DataType type, boolean compile) {
        IpexEngine.instance().setRandomSeed(5);
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            Block drawn = Classifiers.create(name, 4);
            Shape shape = new Shape(batch, 3, size, size);
            drawn.initialize(manager, DataType.FLOAT32, shape);
            NDArray images = manager.randomNormal(shape).toType(type, false);
            NDArray labels = manager.arange(0, batch).mod(4);
            Block model = Classifiers.create(name, 4);
            model.initialize(manager, type, shape);
            for (var p : model.getParameters()) {
                NDArray values = drawn.getParameters().get(p.getKey()).getArray();
                values.toType(type, false).copyTo(p.getValue().getArray());
            }
            Block block = compile ? Ipex.compile(model) : model;
            try (GradientCollector collector = IpexEngine.instance().newGradientCollector()) {
                NDList logits =
                        block.forward(new ParameterStore(manager, false), new NDList(images), true);
                Loss loss = Loss.softmaxCrossEntropyLoss();
                collector.backward(loss.evaluate(new NDList(labels), logits));
            }
            return gradients(model);
        }
    }

    private static double difference(Map<String, double[]> actual, Map<String, double[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        double difference = 0;
        double norm = 0;
        for (String p : expected.keySet()) {
            double[] e = expected.get(p);
            double[] a = actual.get(p);
            for (int i = 0; i < e.length; i++) {
                difference += Math.pow(a[i] - e[i], 2);
                norm += Math.pow(e[i], 2);
            }
        }
        return Math.sqrt(difference / norm);
    }

    private static void compare(String name, int batch, int size) {
        Course eager = train(name, batch, size, false);
        Course compiled = train(name, batch, size, true);
        assertThat(difference(compiled.gradients, eager.gradients))
                .as("gradients")
                .isLessThan(1e-3);
        compareLosses(eager, compiled);
    }

    private static void compareLosses(Course eager, Course compiled) {
        for (int i = 0; i < eager.losses.size(); i++) {
            // Rounding grows from step to step through BatchNorm of few pixels.
            assertThat(compiled.losses.get(i) / eager.losses.get(i))
                    .as("loss %d", i)
                    .isBetween(0.99f, 1.01f);
        }
    }

    private static Course train(String name, int batch, int size, boolean compile) {
        IpexEngine.instance().setRandomSeed(5);
        try (Model model = Model.newInstance(name, "IPEX")) {
            model.setBlock(Classifiers.create(name, 4));
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(
                                    Optimizer.sgd()
                                            .setLearningRateTracker(Tracker.fixed(0.002f))
                                            .optMomentum(0.9f)
                                            .build());
            try (Trainer trainer = model.newTrainer(config)) {
                if (compile) {
                    Ipex.compile(trainer, CompileOptions.defaults().fullGraph(true));
                }
                Shape shape = new Shape(batch, 3, size, size);
                trainer.initialize(shape);
                IpexEngine.instance().setRandomSeed(9);
                NDManager manager = trainer.getManager();
                NDArray images = manager.randomNormal(shape);
                NDArray labels = manager.arange(0f, batch).toType(images.getDataType(), false);
                NDList known = new NDList(labels.mod(4));
                List<Float> losses = new ArrayList<>();
                Map<String, double[]> gradients = Map.of();
                for (int step = 0; step < 4; step++) {
                    try (GradientCollector collector = trainer.newGradientCollector()) {
                        NDList logits = trainer.forward(new NDList(images), known);
                        NDArray loss = trainer.getLoss().evaluate(known, logits);
                        collector.backward(loss);
                        losses.add(loss.getFloat());
                    }
                    if (step == 0) {
                        gradients = gradients(model.getBlock());
                    }
                    trainer.step();
                }
                return new Course(losses, gradients);
            }
        }
    }

    private static Map<String, double[]> gradients(Block model) {
        Map<String, double[]> gradients = new LinkedHashMap<>();
        for (var p : model.getParameters()) {
            if (p.getValue().requiresGradient()) {
                try (NDArray g = p.getValue().getArray().getGradient();
                        NDArray exact = g.toType(DataType.FLOAT64, false)) {
                    gradients.put(p.getKey(), exact.toDoubleArray());
                }
            }
        }
        return gradients;
    }
}
