package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;

/** A block in a trainer, from the same weights whichever way it is run. */
final class Trained implements AutoCloseable {
    enum Way {
        EAGER,
        BLOCK,
        TRAINER
    }

    private final Model model;
    final Block block;
    final Trainer trainer;
    final NDManager manager;

    Trained(Way way, Supplier<Block> make, Loss loss, Shape... inputs) {
        this(way, make, loss, CompileOptions.defaults(), inputs);
    }

    Trained(Way way, Supplier<Block> make, Loss loss, CompileOptions options, Shape... inputs) {
        IpexEngine.instance().setRandomSeed(17);
        model = Model.newInstance("trained", "IPEX");
        block = make.get();
        model.setBlock(way == Way.BLOCK ? Ipex.compile(block, options) : block);
        trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(loss)
                                .optOptimizer(
                                        Optimizer.sgd()
                                                .setLearningRateTracker(Tracker.fixed(0.05f))
                                                .optMomentum(0.9f)
                                                .build()));
        if (way == Way.TRAINER) {
            Ipex.compile(trainer, options);
        }
        trainer.initialize(inputs);
        manager = trainer.getManager().newSubManager();
        IpexEngine.instance().setRandomSeed(5);
    }

    /** Numbers that every run sees alike. */
    NDArray draw(long seed, long... sizes) {
        Shape shape = new Shape(sizes);
        Random random = new Random(seed);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, shape);
    }

    NDArray classes(int count, int classes) {
        long[] labels = new long[count];
        for (int i = 0; i < count; i++) {
            labels[i] = (i * 7L + 3) % classes;
        }
        return manager.create(labels);
    }

    /** The loss, forward; to be called within a collector. */
    NDArray loss(NDArray data, NDArray labels) {
        NDList known = new NDList(labels);
        return trainer.getLoss().evaluate(known, trainer.forward(new NDList(data), known));
    }

    /** One step of learning; the loss before it. */
    float step(NDArray data, NDArray labels) {
        float value;
        try (NDManager scope = manager.newSubManager()) {
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDArray own = data.duplicate();
                own.attach(scope);
                NDArray loss = loss(own, labels);
                collector.backward(loss);
                value = loss.getFloat();
            }
            trainer.step();
        }
        return value;
    }

    /** By name, the gradients that a collector has left. */
    Map<String, float[]> gradients() {
        Map<String, float[]> out = new LinkedHashMap<>();
        for (var p : block.getParameters()) {
            Parameter parameter = p.getValue();
            if (parameter.requiresGradient() && parameter.getArray().hasGradient()) {
                try (NDArray g = parameter.getArray().getGradient()) {
                    out.put(p.getKey(), g.toFloatArray());
                }
            }
        }
        return out;
    }

    Map<String, float[]> parameters() {
        Map<String, float[]> out = new LinkedHashMap<>();
        block.getParameters()
                .forEach(p -> out.put(p.getKey(), p.getValue().getArray().toFloatArray()));
        return out;
    }

    /** The numbers must agree in norm. */
    static void assertClose(
            Map<String, float[]> actual, Map<String, float[]> expected, double tolerance) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, e) -> assertClose(name, actual.get(name), e, tolerance));
    }

    static void assertClose(String name, float[] actual, float[] expected, double tolerance) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            norm += Math.pow(expected[i], 2);
        }
        assertThat(Math.sqrt(difference))
                .as("%s, of norm %s", name, Math.sqrt(norm))
                .isLessThanOrEqualTo(tolerance * Math.sqrt(norm) + 1e-6);
    }

    /** What is logged as a warning meanwhile. */
    static String warnings(Runnable what) {
        PrintStream before = System.err;
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (PrintStream capturing = new PrintStream(text, true, StandardCharsets.UTF_8)) {
            System.setErr(capturing);
            what.run();
        } finally {
            System.setErr(before);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        manager.close();
        trainer.close();
        model.close();
    }
}
