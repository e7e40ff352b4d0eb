package org.ipex4j.engine.capture;

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
import org.ipex4j.engine.Autocast;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.OptimizeOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Ipex.optimize} and {@code Autocast} together, as the BF16 programs use them. */
class OptimizedAutocastTest {
    private static final Shape IMAGES = new Shape(6, 3, 17, 17);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inferenceIsTheSameWithAutocastAndWithout(boolean compiled) {
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            IpexEngine.instance().setRandomSeed(3);
            Block net = CompiledStepsTest.residual();
            net.initialize(manager, DataType.FLOAT32, IMAGES);
            Block block =
                    Ipex.optimize(
                            net,
                            OptimizeOptions.inference()
                                    .dtype(DataType.BFLOAT16)
                                    .weightsPrepack(!compiled));
            block = compiled ? Ipex.compile(block) : block;
            NDList in = new NDList(manager.randomNormal(IMAGES));
            ParameterStore store = new ParameterStore(manager, false);
            float[] alone = block.forward(store, in, false).head().toFloatArray();
            try (Autocast ac = Autocast.cpu(DataType.BFLOAT16)) {
                NDArray out = block.forward(store, in, false).head();
                assertThat(out.getDataType()).isEqualTo(DataType.BFLOAT16);
                assertThat(out.toFloatArray()).isEqualTo(alone);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void trainingUnderAutocastLearns(boolean compiled) {
        try (Model model = Model.newInstance("m", "IPEX")) {
            IpexEngine.instance().setRandomSeed(3);
            model.setBlock(CompiledStepsTest.residual());
            Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                    .optOptimizer(
                                            Optimizer.sgd()
                                                    .setLearningRateTracker(Tracker.fixed(0.05f))
                                                    .optMomentum(0.9f)
                                                    .build()));
            trainer.initialize(IMAGES);
            Ipex.optimize(trainer, OptimizeOptions.training().dtype(DataType.BFLOAT16));
            if (compiled) {
                Ipex.compile(trainer);
            }
            NDManager manager = trainer.getManager();
            NDList data = new NDList(manager.randomNormal(IMAGES));
            NDList labels = new NDList(manager.create(new long[] {0, 1, 2, 3, 0, 1}));
            float first = 0;
            float last = 0;
            for (int i = 0; i < 15; i++) {
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDArray loss;
                    try (Autocast ac = Autocast.cpu(DataType.BFLOAT16)) {
                        NDList out = trainer.forward(data, labels);
                        loss = trainer.getLoss().evaluate(labels, out);
                    }
                    assertThat(loss.getDataType()).isEqualTo(DataType.FLOAT32);
                    collector.backward(loss);
                    last = loss.getFloat();
                    first = i == 0 ? last : first;
                }
                trainer.step();
            }
            assertThat(last).isLessThan(0.3f * first);
            assertThat(
                            model.getBlock()
                                    .getParameters()
                                    .get("01Conv2d_weight")
                                    .getArray()
                                    .getDataType())
                    .isEqualTo(DataType.BFLOAT16);
            trainer.close();
        }
    }
}
