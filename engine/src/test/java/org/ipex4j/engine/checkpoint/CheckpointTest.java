package org.ipex4j.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.weights.StateDict;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.engine.weights.WeightsMismatchException;
import org.ipex4j.formats.AtomicFile;
import org.ipex4j.formats.FormatException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointTest {
    private static final Shape INPUT = new Shape(2, 5);

    @TempDir Path dir;
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = IpexEngine.instance().newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Block block() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(7).build())
                .add(BatchNorm.builder().build())
                .add(Linear.builder().setUnits(3).build());
    }

    private Block initialized() {
        Block b = block();
        b.initialize(manager, ai.djl.ndarray.types.DataType.FLOAT32, INPUT);
        return b;
    }

    /** Updates every parameter with a gradient that depends on the step alone. */
    private void steps(Block block, Optimizer optimizer, int from, int to) {
        for (int step = from; step < to; step++) {
            Random random = new Random(step);
            for (Parameter p : StateDict.of(block).values()) {
                float[] g = new float[(int) p.getArray().size()];
                for (int i = 0; i < g.length; i++) {
                    g[i] = (float) random.nextGaussian();
                }
                try (NDArray gradient = manager.create(g, p.getArray().getShape())) {
                    if (p.requiresGradient()) {
                        optimizer.update(p.getId(), p.getArray(), gradient);
                    } else {
                        p.getArray().muli(0.9f).addi(gradient.abs().muli(0.1f));
                    }
                }
            }
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

    static Stream<Supplier<Optimizer>> optimizers() {
        Tracker falling =
                Tracker.cosine().setBaseValue(0.1f).optFinalValue(0.001f).setMaxUpdates(10).build();
        return Stream.of(() -> new Momentum(falling), () -> new TwoMoments(falling));
    }

    /** Momentum, kept as DJL's optimizers keep it. */
    private static final class Momentum extends Optimizer {
        private final Map<String, Map<Device, NDArray>> momentums = new ConcurrentHashMap<>();
        private final Tracker rate;

        Momentum(Tracker rate) {
            super(Optimizer.adam());
            this.rate = rate;
        }

        @Override
        public void update(String id, NDArray weight, NDArray grad) {
            int t = updateCount(id);
            NDArray momentum =
                    withDefaultState(momentums, id, weight.getDevice(), _ -> weight.zerosLike());
            momentum.muli(0.9f).addi(grad.mul(rate.getNewValue(id, t)));
            weight.subi(momentum);
        }
    }

    /** Adam's two moments, kept as DJL's optimizers keep them. */
    private static final class TwoMoments extends Optimizer {
        private final Map<String, Map<Device, NDArray>> means = new ConcurrentHashMap<>();
        private final Map<String, Map<Device, NDArray>> variances = new ConcurrentHashMap<>();
        private final Tracker rate;

        TwoMoments(Tracker rate) {
            super(Optimizer.adam());
            this.rate = rate;
        }

        @Override
        public void update(String id, NDArray weight, NDArray grad) {
            int t = updateCount(id);
            Device device = weight.getDevice();
            NDArray mean = withDefaultState(means, id, device, _ -> weight.zerosLike());
            NDArray variance = withDefaultState(variances, id, device, _ -> weight.zerosLike());
            mean.muli(0.9f).addi(grad.mul(0.1f));
            variance.muli(0.99f).addi(grad.square().muli(0.01f));
            weight.subi(mean.div(variance.sqrt().addi(1e-8f)).muli(rate.getNewValue(id, t)));
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void trainingGoesOnBitForBit(Supplier<Optimizer> make) throws IOException {
        Block whole = initialized();
        Optimizer first = make.get();
        steps(whole, first, 0, 3);
        Path path = dir.resolve("c.safetensors");
        Checkpoint.save(path, whole, first, Map.of("step", "3", "model", "test"));
        float[] drawn = manager.randomNormal(new Shape(5)).toFloatArray();
        steps(whole, first, 3, 6);

        for (boolean fresh : new boolean[] {true, false}) {
            Block resumed = fresh ? block() : initialized();
            Optimizer second = make.get();
            if (!fresh) {
                steps(resumed, second, 7, 9);
            }
            Checkpoint c = Checkpoint.open(path);
            assertThat(c.notes()).isEqualTo(Map.of("step", "3", "model", "test"));
            c.restore(resumed, manager, second, INPUT);
            assertThat(manager.randomNormal(new Shape(5)).toFloatArray()).isEqualTo(drawn);
            steps(resumed, second, 3, 6);
            assertSame(resumed, whole);
        }
    }

    @Test
    void parametersAreReadAsWeightsToo() throws IOException {
        Block trained = initialized();
        Optimizer optimizer = optimizers().findFirst().orElseThrow().get();
        steps(trained, optimizer, 0, 2);
        Path path = dir.resolve("c.safetensors");
        Checkpoint.save(path, trained, optimizer, Map.of());
        Block other = block();
        assertThat(Weights.from(path).load(other, manager, INPUT).isComplete()).isTrue();
        assertSame(other, trained);
    }

    @Test
    void damageIsFoundWhereverItIs() throws IOException {
        Path path = dir.resolve("c.safetensors");
        Block block = initialized();
        Optimizer optimizer = optimizers().findFirst().orElseThrow().get();
        steps(block, optimizer, 0, 1);
        Checkpoint.save(path, block, optimizer, Map.of());
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
        Path path = dir.resolve("w.safetensors");
        Weights.save(initialized(), path);
        assertThatThrownBy(() -> Checkpoint.open(path))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("no checkpoint");
    }

    @Test
    void anotherModelIsRefusedAndStaysAsItIs() throws IOException {
        Path path = dir.resolve("c.safetensors");
        Supplier<Optimizer> make = optimizers().findFirst().orElseThrow();
        Checkpoint.save(path, initialized(), make.get(), Map.of());
        Block other = new SequentialBlock().add(Linear.builder().setUnits(7).build());
        other.initialize(manager, ai.djl.ndarray.types.DataType.FLOAT32, INPUT);
        Map<String, float[]> before = values(other);
        Checkpoint c = Checkpoint.open(path);
        assertThatThrownBy(() -> c.restore(other, manager, make.get(), INPUT))
                .isInstanceOf(WeightsMismatchException.class)
                .hasMessageContaining("unexpected in the file")
                .hasMessageContaining("1.running_mean");
        before.forEach((n, v) -> assertThat(values(other).get(n)).isEqualTo(v));
    }

    @Test
    void anotherOptimizerIsRefused() throws IOException {
        Path path = dir.resolve("c.safetensors");
        List<Supplier<Optimizer>> all = optimizers().toList();
        Block block = initialized();
        Optimizer moments = all.get(1).get();
        steps(block, moments, 0, 1);
        Checkpoint.save(path, block, moments, Map.of());
        Checkpoint c = Checkpoint.open(path);
        assertThatThrownBy(() -> c.restore(initialized(), manager, all.get(0).get(), INPUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("means, variances")
                .hasMessageContaining("Momentum")
                .hasMessageContaining("[momentums]");
    }

    @Test
    void aFailedWriteLeavesTheLastGoodFile() throws IOException {
        Path path = dir.resolve("c.safetensors");
        Block block = initialized();
        Optimizer optimizer = optimizers().findFirst().orElseThrow().get();
        Checkpoint.save(path, block, optimizer, Map.of("step", "1"));
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
        assertThatThrownBy(() -> Checkpoint.save(nowhere, block, optimizer, Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(nowhere.toString());
    }

    /** An optimizer that keeps its own books. */
    private static final class Counting extends Optimizer implements StatefulOptimizer {
        OptimizerState given;

        Counting() {
            super(Optimizer.sgd().setLearningRateTracker(Tracker.fixed(1)));
        }

        @Override
        public void update(String parameterId, NDArray weight, NDArray grad) {
            throw new UnsupportedOperationException("not used");
        }

        @Override
        public OptimizerState state() {
            return given;
        }

        @Override
        public void restore(OptimizerState state) {
            given = state;
        }
    }

    @Test
    void optimizersCanKeepTheirOwnBooks() throws IOException {
        Block block = initialized();
        Parameter p = StateDict.of(block).get("0.weight");
        Counting a = new Counting();
        a.given =
                new OptimizerState(
                        Map.of("velocity", Map.of(p.getId(), p.getArray().mul(2))),
                        Map.of(p.getId(), 4));
        Path path = dir.resolve("c.safetensors");
        Checkpoint.save(path, block, a, Map.of());
        Counting b = new Counting();
        Checkpoint.open(path).restore(block, manager, b);
        assertThat(b.given.updates()).isEqualTo(Map.of(p.getId(), 4));
        assertThat(b.given.slots().get("velocity").get(p.getId()).toFloatArray())
                .isEqualTo(p.getArray().mul(2).toFloatArray());
    }

    static Stream<Arguments> djlOptimizers() {
        return Stream.of(
                Arguments.of(
                        Optimizer.sgd().setLearningRateTracker(Tracker.fixed(1)).build(),
                        "momentumStates"),
                Arguments.of(
                        Optimizer.nag()
                                .setLearningRateTracker(Tracker.fixed(1))
                                .setMomentum(1)
                                .build(),
                        "momentumStates"),
                Arguments.of(Optimizer.adam().build(), "means variances"),
                Arguments.of(Optimizer.adamW().build(), "means variances"),
                Arguments.of(Optimizer.rmsprop().build(), "means variances momentums"),
                Arguments.of(Optimizer.adagrad().build(), "history"),
                Arguments.of(Optimizer.adadelta().build(), "accumG accumDelta"));
    }

    @ParameterizedTest
    @MethodSource("djlOptimizers")
    void stateOfDjlsOptimizersIsFound(Optimizer optimizer, String slots) {
        StatefulOptimizer state = DjlOptimizerState.of(optimizer);
        assertThat(state.state().slots().keySet()).containsExactlyInAnyOrder(slots.split(" "));
        Map<String, Map<String, NDArray>> given = new HashMap<>();
        for (String slot : slots.split(" ")) {
            given.put(
                    slot, Map.of("a", manager.ones(new Shape(2)), "b", manager.ones(new Shape(3))));
        }
        state.restore(new OptimizerState(given, Map.of("a", 3, "b", 5)));
        OptimizerState again = DjlOptimizerState.of(optimizer).state();
        assertThat(again.slots()).isEqualTo(given);
        assertThat(again.updates()).isEqualTo(Map.of("a", 3, "b", 5));
    }
}
