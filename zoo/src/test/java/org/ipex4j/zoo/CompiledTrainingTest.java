package org.ipex4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
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
    private record Course(List<Float> losses, Map<String, float[]> gradients) {}

    @ParameterizedTest
    @CsvSource("resnet18, 4, 64")
    void stepsAreThoseOfEagerTraining(String name, int batch, int size) {
        compare(name, batch, size);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"resnet50, 4, 64", "mobilenet_v2, 4, 64", "resnet18, 8, 224"})
    void stepsOfLargeModelsAreThoseOfEagerTraining(String name, int batch, int size) {
        compare(name, batch, size);
    }

    private static void compare(String name, int batch, int size) {
        Course eager = train(name, batch, size, false);
        Course compiled = train(name, batch, size, true);
        assertThat(compiled.gradients.keySet()).isEqualTo(eager.gradients.keySet());
        double difference = 0;
        double norm = 0;
        for (String p : eager.gradients.keySet()) {
            float[] e = eager.gradients.get(p);
            float[] a = compiled.gradients.get(p);
            for (int i = 0; i < e.length; i++) {
                difference += Math.pow((double) a[i] - e[i], 2);
                norm += Math.pow(e[i], 2);
            }
        }
        assertThat(Math.sqrt(difference / norm)).as("gradients").isLessThan(1e-3);
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
                Map<String, float[]> gradients = new LinkedHashMap<>();
                for (int step = 0; step < 4; step++) {
                    try (GradientCollector collector = trainer.newGradientCollector()) {
                        NDList logits = trainer.forward(new NDList(images), known);
                        NDArray loss = trainer.getLoss().evaluate(known, logits);
                        collector.backward(loss);
                        losses.add(loss.getFloat());
                    }
                    if (step == 0) {
                        read(model, gradients);
                    }
                    trainer.step();
                }
                return new Course(losses, gradients);
            }
        }
    }

    private static void read(Model model, Map<String, float[]> gradients) {
        for (var p : model.getBlock().getParameters()) {
            NDArray array = p.getValue().getArray();
            if (array.hasGradient()) {
                try (NDArray g = array.getGradient()) {
                    gradients.put(p.getKey(), g.toFloatArray());
                }
            }
        }
    }
}
