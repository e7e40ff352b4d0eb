package org.ipex4j.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.optim.TorchOptimizers;
import org.ipex4j.engine.weights.StateDict;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.engine.weights.WeightsMismatchException;
import org.ipex4j.formats.AtomicFile;
import org.ipex4j.formats.FormatException;
import org.ipex4j.formats.StoredTensor;
import org.ipex4j.formats.WeightFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointTest {
    private static final Shape INPUT = new Shape(6, 5);
    private static final Tracker RATE =
            Tracker.cosine().setBaseValue(0.1f).optFinalValue(0.001f).setMaxUpdates(10).build();

    @TempDir Path dir;
    private NDManager manager;
    private Path path;

    @BeforeEach
    void open() {
        manager = IpexEngine.instance().newBaseManager();
        path = dir.resolve("c.safetensors");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static Block block() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(7).build())
                .add(BatchNorm.builder().build())
                .add(Dropout.builder().optRate(0.3f).build())
                .add(Linear.builder().setUnits(3).build());
    }

    private static Optimizer optimizer(String kind) {
        return switch (kind) {
            case "sgd" -> Optimizer.sgd().setLearningRateTracker(RATE).optMomentum(0.9f).build();
            case "plain sgd" -> Optimizer.sgd().setLearningRateTracker(RATE).build();
            case "nag" -> Optimizer.nag().setLearningRateTracker(RATE).setMomentum(0.9f).build();
            case "adam" -> Optimizer.adam().optLearningRateTracker(RATE).build();
            case "adamw" -> Optimizer.adamW().optLearningRateTracker(RATE).build();
            case "rmsprop" -> Optimizer.rmsprop().optLearningRateTracker(RATE).build();
            case "adagrad" -> Optimizer.adagrad().optLearningRateTracker(RATE).build();
            case "adadelta" -> Optimizer.adadelta().build();
            case "torch sgd" ->
                    TorchOptimizers.sgd()
                            .optMomentum(0.9)
                            .optNesterov(true)
                            .optLearningRateTracker(RATE)
                            .build();
            case "torch adamw" -> TorchOptimizers.adamW().optLearningRateTracker(RATE).build();
            default -> throw new IllegalArgumentException(kind);
        };
    }

    /** A small network under training. */
    private static final class Training implements AutoCloseable {
        final Model model = Model.newInstance("net", "IPEX");
        final Trainer trainer;

        Training(Block block, Optimizer optimizer) {
            model.setBlock(block);
            trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.l2Loss()).optOptimizer(optimizer));
            trainer.initialize(INPUT);
        }

        Training(String kind) {
            this(CheckpointTest.block(), optimizer(kind));
        }

        Block block() {
            return model.getBlock();
        }

        /** Learns from what depends on the step and on the engine's random numbers. */
        void steps(int from, int to) {
            for (int step = from; step < to; step++) {
                try (NDManager scope = trainer.getManager().newSubManager()) {
                    NDList x = new NDList(scope.arange(30f).add(step).sin().reshape(6, 5));
                    NDList y = new NDList(scope.arange(18f).add(step).cos().reshape(6, 3));
                    try (GradientCollector collector = trainer.newGradientCollector()) {
                        NDList out = trainer.forward(x, y);
                        collector.backward(trainer.getLoss().evaluate(y, out));
                        out.close();
                    }
                    trainer.step();
                }
            }
        }

        @Override
        public void close() {
            trainer.close();
            model.close();
        }
    }

    private static Map<String, float[]> values(Block block) {
        Map<String, float[]> out = new HashMap<>();
        StateDict.of(block).forEach((n, p) -> out.put(n, p.getArray().toFloatArray()));
        return out;
    }

    private static void assertSame(Block a, Block b) {
        Map<String, float[]> expected = values(b);
        Map<String, float[]> actual = values(a);
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((n, v) -> assertThat(actual.get(n)).as(n).isEqualTo(v));
    }

    private static void assertSameTensors(Path a, Path b) throws IOException {
        Map<String, StoredTensor> expected = WeightFile.open(b).tensors();
        Map<String, StoredTensor> actual = WeightFile.open(a).tensors();
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (name, t) ->
                        assertThat(actual.get(name).data().mismatch(t.data()))
                                .as(name)
                                .isEqualTo(-1));
    }

    /** Whatever the optimizer: DJL's and torch's, op by op and compiled. */
    @ParameterizedTest
    @CsvSource({
        "sgd, momentum",
        "plain sgd, ''",
        "nag, momentum",
        "adam, mean variance",
        "adamw, mean variance",
        "rmsprop, square",
        "adagrad, history",
        "adadelta, square delta",
        "torch sgd, momentum_buffer",
        "torch adamw, exp_avg exp_avg_sq"
    })
    void trainingGoesOnBitForBit(String kind, String slots) throws IOException {
        for (boolean compiled : new boolean[] {false, true}) {
            try (Training whole = new Training(kind);
                    Training fresh = new Training(kind);
                    Training used = new Training(kind)) {
                for (Training t : List.of(whole, fresh, used)) {
                    if (compiled) {
                        Ipex.compile(t.trainer);
                    }
                }
                whole.steps(0, 3);
                Checkpoint.save(path, whole.trainer, Map.of("step", "3", "model", "test"));
                assertThat(slotsOf(path, "0.weight"))
                        .isEqualTo(Set.of((slots + " updates").strip().split(" ")));
                whole.steps(3, 6);
                used.steps(7, 9);
                for (Training resumed : List.of(fresh, used)) {
                    Checkpoint c = Checkpoint.open(path);
                    assertThat(c.notes()).isEqualTo(Map.of("step", "3", "model", "test"));
                    c.restore(resumed.trainer);
                    // Saved before anything was learnt, nothing is lost.
                    Path again = dir.resolve("again.safetensors");
                    Checkpoint.save(again, resumed.trainer, Map.of());
                    assertSameTensors(again, path);
                    resumed.steps(3, 6);
                    assertSame(resumed.block(), whole.block());
                }
            }
        }
    }

    private static Set<String> slotsOf(Path checkpoint, String parameter) throws IOException {
        String start = Weights.OPTIMIZER + parameter + "/";
        return WeightFile.open(checkpoint).tensors().keySet().stream()
                .filter(name -> name.startsWith(start))
                .map(name -> name.substring(start.length()))
                .collect(Collectors.toSet());
    }

    @Test
    void randomNumbersGoOn() throws IOException {
        try (Training t = new Training("sgd")) {
            manager.randomNormal(new Shape(7));
            Checkpoint.save(path, t.trainer, Map.of());
            float[] drawn = manager.randomNormal(new Shape(5)).toFloatArray();
            IpexEngine.instance().setRandomSeed(99);
            Checkpoint.open(path).restore(t.trainer);
            assertThat(manager.randomNormal(new Shape(5)).toFloatArray()).isEqualTo(drawn);
        }
    }

    @Test
    void aModelThatIsNotInitialisedIsInitialised() throws IOException {
        try (Training trained = new Training("adam");
                Model model = Model.newInstance("net", "IPEX")) {
            trained.steps(0, 2);
            Checkpoint.save(path, trained.trainer, Map.of());
            model.setBlock(block());
            try (Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.l2Loss())
                                    .optOptimizer(optimizer("adam")))) {
                Checkpoint.open(path).restore(trainer, INPUT);
                assertSame(model.getBlock(), trained.block());
            }
        }
    }

    @Test
    void parametersAreReadAsWeightsToo() throws IOException {
        try (Training trained = new Training("sgd")) {
            trained.steps(0, 2);
            Checkpoint.save(path, trained.trainer, Map.of());
            Block other = block();
            assertThat(Weights.from(path).load(other, manager, INPUT).isComplete()).isTrue();
            assertSame(other, trained.block());
        }
    }

    @Test
    void damageIsFoundWhereverItIs() throws IOException {
        try (Training t = new Training("sgd")) {
            t.steps(0, 1);
            Checkpoint.save(path, t.trainer, Map.of());
        }
        byte[] good = Files.readAllBytes(path);
        Path bad = dir.resolve("bad.safetensors");
        Random random = new Random(4);
        int header = good[0] & 0xff | (good[1] & 0xff) << 8;
        for (int i = 0; i < 40; i++) {
            byte[] bytes = good.clone();
            int at = 8 + header + random.nextInt(good.length - 8 - header);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(bad, bytes);
            assertThatThrownBy(() -> Checkpoint.open(bad))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining(bad.toString())
                    .hasMessageContaining("damaged");
        }
        for (int length : new int[] {0, 7, 100, 8 + header, good.length - 1}) {
            Files.write(bad, Arrays.copyOf(good, length));
            assertThatThrownBy(() -> Checkpoint.open(bad))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining(bad.toString());
        }
    }

    @Test
    void aFileOfWeightsIsNoCheckpoint() throws IOException {
        try (Training t = new Training("sgd")) {
            Weights.save(t.block(), path);
        }
        assertThatThrownBy(() -> Checkpoint.open(path))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("no checkpoint");
    }

    @Test
    void anotherModelIsRefusedAndStaysAsItIs() throws IOException {
        try (Training t = new Training("sgd");
                Training other =
                        new Training(
                                new SequentialBlock().add(Linear.builder().setUnits(7).build()),
                                optimizer("sgd"))) {
            Checkpoint.save(path, t.trainer, Map.of());
            Map<String, float[]> before = values(other.block());
            Checkpoint c = Checkpoint.open(path);
            assertThatThrownBy(() -> c.restore(other.trainer))
                    .isInstanceOf(WeightsMismatchException.class)
                    .hasMessageContaining("unexpected in the file")
                    .hasMessageContaining("1.running_mean");
            before.forEach((n, v) -> assertThat(values(other.block()).get(n)).isEqualTo(v));
        }
    }

    @Test
    void anotherOptimizerIsRefused() throws IOException {
        try (Training t = new Training("adam");
                Training used = new Training("sgd");
                Training fresh = new Training("sgd")) {
            t.steps(0, 1);
            Checkpoint.save(path, t.trainer, Map.of());
            Checkpoint c = Checkpoint.open(path);
            used.steps(0, 1);
            assertThatThrownBy(() -> c.restore(used.trainer))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("mean")
                    .hasMessageContaining("keeps [momentum]");
            c.restore(fresh.trainer);
            assertThatThrownBy(() -> fresh.steps(0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("mean")
                    .hasMessageContaining("keeps [momentum]");
        }
    }

    /** Else momentum from elsewhere would stay where the file has none. */
    @Test
    void aRunThatHadNotBegunIsNotRestoredOverOneThatHas() throws IOException {
        try (Training t = new Training("sgd")) {
            Checkpoint.save(path, t.trainer, Map.of());
            Checkpoint c = Checkpoint.open(path);
            c.restore(t.trainer);
            t.steps(0, 1);
            assertThatThrownBy(() -> c.restore(t.trainer))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lacks")
                    .hasMessageContaining("new trainer");
        }
    }

    @Test
    void aFailedWriteLeavesTheLastGoodFile() throws IOException {
        try (Training t = new Training("sgd")) {
            Checkpoint.save(path, t.trainer, Map.of("step", "1"));
            assertThatThrownBy(
                            () ->
                                    AtomicFile.write(
                                            path,
                                            out -> {
                                                AtomicFile.writeFully(
                                                        out, java.nio.ByteBuffer.allocate(99));
                                                throw new IOException("No space left on device");
                                            }))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("what was there is unchanged")
                    .hasMessageContaining("No space left on device");
            assertThat(Checkpoint.open(path).notes()).containsEntry("step", "1");
            try (var entries = Files.list(dir)) {
                assertThat(entries.toList()).isEqualTo(List.of(path));
            }
            Path nowhere = dir.resolve("missing/c.safetensors");
            assertThatThrownBy(() -> Checkpoint.save(nowhere, t.trainer, Map.of()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(nowhere.toString());
        }
    }
}
