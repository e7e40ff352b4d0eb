package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.MasterWeight;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trainers optimized for BF16 learn as FP32 ones do, eager and compiled. */
class OptimizedTrainingTest {
    private static final Shape IMAGES = new Shape(6, 3, 17, 17);
    private static final OptimizeOptions BF16 = OptimizeOptions.training().dtype(DataType.BFLOAT16);

    /** A model under training. */
    private static final class Run implements AutoCloseable {
        private final Model model = Model.newInstance("run", "IPEX");
        private final Block block;
        private final Trainer trainer;

        Run(Supplier<Block> make, OptimizeOptions options, boolean compiled, Shape input) {
            IpexEngine.instance().setRandomSeed(17);
            block = make.get();
            model.setBlock(block);
            trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                    .optOptimizer(
                                            Optimizer.sgd()
                                                    .setLearningRateTracker(Tracker.fixed(0.05f))
                                                    .optMomentum(0.9f)
                                                    .build()));
            if (options != null) {
                Ipex.optimize(trainer, options);
            }
            if (compiled) {
                Ipex.compile(trainer);
            }
            trainer.initialize(input);
        }

        /** One step; the loss before it. */
        float step(int i, Shape input) {
            try (NDManager scope = trainer.getManager().newSubManager()) {
                Random random = new Random(i % 3);
                float[] values = new float[(int) input.size()];
                long[] classes = new long[(int) input.get(0)];
                for (int k = 0; k < classes.length; k++) {
                    classes[k] = (k * 7L + 3) % 4;
                }
                for (int k = 0; k < values.length; k++) {
                    // Something to learn: each class has its own mean.
                    long label = classes[(int) (k / (input.size() / classes.length))];
                    values[k] = (float) random.nextGaussian() + 0.3f * label;
                }
                NDList data = new NDList(scope.create(values, input));
                NDList labels = new NDList(scope.create(classes));
                float value;
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDList out = trainer.forward(data, labels);
                    NDArray loss = trainer.getLoss().evaluate(labels, out);
                    collector.backward(loss);
                    value = loss.toType(DataType.FLOAT32, true).getFloat();
                }
                trainer.step();
                return value;
            }
        }

        List<Float> steps(int n, Shape input) {
            List<Float> out = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                out.add(step(i, input));
            }
            return out;
        }

        IpexNDArray array(String name) {
            return (IpexNDArray) block.getParameters().get(name).getArray();
        }

        @Override
        public void close() {
            trainer.close();
            model.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"false,true", "true,true", "false,false", "true,false"})
    void aConvolutionalNetLearnsAsInFp32(boolean compiled, boolean split) {
        OptimizeOptions options = BF16.splitMasterWeightForBf16(split);
        try (Run plain = new Run(CompiledStepsTest::residual, null, compiled, IMAGES);
                Run cast = new Run(CompiledStepsTest::residual, options, compiled, IMAGES)) {
            List<Float> expected = plain.steps(24, IMAGES);
            List<Float> actual = cast.steps(24, IMAGES);
            assertThat(expected.getLast()).isLessThan(0.5f * expected.getFirst());
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i))
                        .as("loss %d of %s", i, actual)
                        .isCloseTo(
                                expected.get(i),
                                org.assertj.core.data.Offset.offset(
                                        0.05f + 0.1f * expected.get(i)));
            }
            for (var p : cast.block.getParameters()) {
                IpexNDArray array = (IpexNDArray) p.getValue().getArray();
                boolean layer = p.getKey().contains("Conv2d") || p.getKey().contains("Linear");
                assertThat(array.getDataType())
                        .as(p.getKey())
                        .isEqualTo(layer ? DataType.BFLOAT16 : DataType.FLOAT32);
                if (layer) {
                    assertThat(array.master().form())
                            .isEqualTo(split ? MasterWeight.Form.SPLIT : MasterWeight.Form.COPY);
                    assertThat(array.getGradient().getDataType()).isEqualTo(DataType.BFLOAT16);
                }
            }
        }
    }

    /** Small steps that BF16 numbers alone would lose. */
    @ParameterizedTest
    @CsvSource({"true,true", "false,true", "true,false", "false,false"})
    void theLowBitsAddUp(boolean split, boolean fused) {
        Shape input = new Shape(8, 5);
        OptimizeOptions options = BF16.splitMasterWeightForBf16(split).fuseUpdateStep(fused);
        Supplier<Block> make = () -> Linear.builder().setUnits(4).build();
        try (Run plain = new Run(make, null, false, input);
                Run cast = new Run(make, options, false, input)) {
            float[] start = plain.array("weight").toFloatArray();
            plain.steps(20, input);
            cast.steps(20, input);
            float[] expected = plain.array("weight").toFloatArray();
            try (IpexNDArray full = cast.array("weight").full(cast.array("weight").getManager())) {
                float[] actual = full.toFloatArray();
                double moved = 0;
                double apart = 0;
                for (int i = 0; i < start.length; i++) {
                    moved += Math.abs(expected[i] - start[i]);
                    apart += Math.abs(expected[i] - actual[i]);
                }
                assertThat(apart).isLessThan(0.03 * moved);
            }
        }
    }

    /** Frozen parameters stay as they are, bit by bit; norms keep FP32 statistics. */
    @Test
    void frozenParametersStay() {
        for (boolean compiled : new boolean[] {false, true}) {
            try (Run run = new Run(CompiledStepsTest::residual, BF16, compiled, IMAGES)) {
                IpexNDArray frozen = run.array("01Conv2d_weight");
                run.block.getParameters().get("01Conv2d_weight").freeze(true);
                run.block.getParameters().get("02BatchNorm_gamma").freeze(true);
                byte[] before = frozen.encode();
                byte[] gamma = run.array("02BatchNorm_gamma").encode();
                byte[] mean = run.array("02BatchNorm_runningMean").encode();
                run.steps(3, IMAGES);
                assertThat(frozen.encode()).isEqualTo(before);
                assertThat(run.array("02BatchNorm_gamma").encode()).isEqualTo(gamma);
                assertThat(run.array("02BatchNorm_runningMean").encode()).isNotEqualTo(mean);
            }
        }
    }

    /** A parameter of two layers is one master weight, updated once by the sum of gradients. */
    @Test
    void aSharedParameterIsUpdatedOnce() {
        Shape input = new Shape(8, 4);
        Supplier<Block> make =
                () -> {
                    Linear linear = Linear.builder().setUnits(4).build();
                    return new ai.djl.nn.SequentialBlock().add(linear).add(linear);
                };
        try (Run plain = new Run(make, null, false, input);
                Run cast = new Run(make, BF16, false, input)) {
            List<Float> expected = plain.steps(10, input);
            List<Float> actual = cast.steps(10, input);
            for (int i = 0; i < 10; i++) {
                assertThat(actual.get(i))
                        .isCloseTo(expected.get(i), org.assertj.core.data.Offset.offset(0.05f));
            }
        }
    }

    @Test
    void anotherOptimizeUndoesTheFirst() {
        try (Run run = new Run(CompiledStepsTest::residual, BF16, false, IMAGES)) {
            run.steps(2, IMAGES);
            byte[] before = run.array("01Conv2d_weight").encode();
            Ipex.optimize(run.trainer, BF16.splitMasterWeightForBf16(false));
            assertThat(run.array("01Conv2d_weight").master().form())
                    .isEqualTo(MasterWeight.Form.COPY);
            assertThat(run.array("01Conv2d_weight").encode()).isEqualTo(before);
            run.steps(1, IMAGES);
            Ipex.optimize(run.trainer, BF16);
            Ipex.optimize(run.trainer);
            for (Parameter p : run.block.getParameters().values()) {
                assertThat(p.getArray().getDataType()).isEqualTo(DataType.FLOAT32);
            }
            assertThat(run.array("01Conv2d_weight").encode()).isNotEqualTo(before);
            run.steps(1, IMAGES);
        }
    }

    @Test
    void graphModeCompilesTheSteps() {
        try (Run run = new Run(CompiledStepsTest::residual, BF16.graphMode(true), false, IMAGES)) {
            List<Float> losses = run.steps(6, IMAGES);
            assertThat(losses.getLast()).isLessThan(losses.getFirst());
        }
    }
}
