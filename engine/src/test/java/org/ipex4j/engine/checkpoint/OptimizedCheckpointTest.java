package org.ipex4j.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.optim.TorchOptimizers;
import org.ipex4j.engine.weights.StateDict;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.formats.ElementType;
import org.ipex4j.formats.Safetensors;
import org.ipex4j.formats.StoredTensor;
import org.ipex4j.formats.WeightFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of optimized models are plain FP32, and any optimized or plain model reads them. */
class OptimizedCheckpointTest {
    private static final Shape INPUT = new Shape(4, 2, 5, 5);

    @TempDir Path dir;
    private IpexNDManager manager;

    @BeforeEach
    void open() {
        manager = IpexNDManager.of(IpexEngine.instance().newBaseManager());
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static Block block() {
        return new SequentialBlock()
                .add(
                        Conv2d.builder()
                                .setKernelShape(new Shape(3, 3))
                                .setFilters(4)
                                .optBias(false)
                                .build())
                .add(BatchNorm.builder().build())
                .add(Activation::relu)
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(3).build());
    }

    /** Every combination of level, type, kind of master weight and packing, by name. */
    private static Map<String, OptimizeOptions> configurations() {
        Map<String, OptimizeOptions> out = new LinkedHashMap<>();
        for (OptimizeOptions.Level level : OptimizeOptions.Level.values()) {
            for (boolean prepack : new boolean[] {true, false}) {
                OptimizeOptions base =
                        OptimizeOptions.training().level(level).weightsPrepack(prepack);
                String name = level + (prepack ? ", packed" : "");
                out.put(name + ", FP32", base);
                OptimizeOptions bf16 = base.dtype(DataType.BFLOAT16);
                out.put(name + ", BF16 split", bf16.splitMasterWeightForBf16(true));
                out.put(name + ", BF16 copy", bf16.splitMasterWeightForBf16(false));
            }
        }
        return out;
    }

    private static final class Training implements AutoCloseable {
        final Model model = Model.newInstance("net", "IPEX");
        final Trainer trainer;

        Training(OptimizeOptions options, boolean compiled, boolean initialize) {
            model.setBlock(OptimizedCheckpointTest.block());
            trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.l2Loss())
                                    .optOptimizer(
                                            TorchOptimizers.adamW()
                                                    .optLearningRate(0.01f)
                                                    .build()));
            if (options != null) {
                Ipex.optimize(trainer, options);
            }
            if (compiled) {
                Ipex.compile(trainer);
            }
            if (initialize) {
                trainer.initialize(INPUT);
            }
        }

        void steps(int from, int to) {
            for (int step = from; step < to; step++) {
                try (NDManager scope = trainer.getManager().newSubManager()) {
                    NDList x = new NDList(scope.arange(200f).add(step).sin().reshape(INPUT));
                    NDList y = new NDList(scope.arange(12f).add(step).cos().reshape(4, 3));
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

    private static final String[] NAMES = {
        "0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var", "4.weight", "4.bias"
    };

    private Path save(Training t, String name) throws IOException {
        Path path = dir.resolve(name + ".safetensors");
        Checkpoint.save(path, t.trainer, Map.of());
        return path;
    }

    @Test
    void everyCombinationReadsEveryOther() throws IOException {
        List<Path> files = new ArrayList<>();
        Map<String, OptimizeOptions> all = configurations();
        assertThat(all).hasSize(12);
        int at = 0;
        for (OptimizeOptions options : all.values()) {
            IpexEngine.instance().setRandomSeed(at);
            try (Training t = new Training(options, at % 2 == 0, true)) {
                t.steps(0, 2);
                Path path = save(t, "from" + at++);
                files.add(path);
                Map<String, StoredTensor> tensors = WeightFile.open(path).tensors();
                assertThat(tensors.keySet()).contains(NAMES);
                assertThat(tensors.keySet())
                        .contains("optimizer/0.weight/exp_avg", "optimizer/4.bias/exp_avg_sq");
                tensors.forEach(
                        (name, stored) -> {
                            if (!name.endsWith("/updates")) {
                                assertThat(stored.type()).as(name).isEqualTo(ElementType.F32);
                            }
                        });
                assertThat(tensors.get("0.weight").sizes().toArray()).containsExactly(4, 2, 3, 3);
                assertThat(tensors.get("4.weight").sizes().toArray()).containsExactly(3, 36);
            }
        }
        for (Map.Entry<String, OptimizeOptions> to : all.entrySet()) {
            for (Path from : files) {
                try (Training t = new Training(to.getValue(), false, true)) {
                    Checkpoint.open(from).restore(t.trainer);
                    assertSameTensors(save(t, "again"), from);
                }
            }
        }
    }

    /** What is not learnt is lost nowhere: neither by the file nor by splitting again. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void trainingGoesOnBitForBit(boolean compiled) throws IOException {
        for (OptimizeOptions options : configurations().values()) {
            try (Training whole = new Training(options, compiled, true);
                    Training fresh = new Training(options, compiled, false);
                    Training used = new Training(options, compiled, true)) {
                whole.steps(0, 3);
                Path path = save(whole, "half");
                whole.steps(3, 5);
                used.steps(7, 9);
                Checkpoint.open(path).restore(fresh.trainer, INPUT);
                Checkpoint.open(path).restore(used.trainer);
                Path expected = save(whole, "whole");
                for (Training resumed : List.of(fresh, used)) {
                    resumed.steps(3, 5);
                    assertSameTensors(save(resumed, "resumed"), expected);
                }
            }
        }
    }

    /** Inference: the file of a BF16 training run in plain and in optimized blocks. */
    @Test
    void filesLoadIntoPlainAndOptimizedBlocks() throws IOException {
        Path path;
        try (Training t =
                new Training(OptimizeOptions.training().dtype(DataType.BFLOAT16), true, true)) {
            t.steps(0, 3);
            path = save(t, "trained");
        }
        Block plain = block();
        Weights.from(path).load(plain, manager, INPUT);
        NDList in = new NDList(manager.arange(200f).sin().reshape(INPUT));
        float[] expected = run(plain, in);
        for (boolean inplace : new boolean[] {false, true}) {
            for (DataType type : new DataType[] {DataType.FLOAT32, DataType.BFLOAT16}) {
                for (boolean prepack : new boolean[] {false, true}) {
                    Block own = block();
                    own.initialize(manager, DataType.FLOAT32, INPUT);
                    Block optimized =
                            Ipex.optimize(
                                    own,
                                    OptimizeOptions.inference()
                                            .dtype(type)
                                            .inplace(inplace)
                                            .weightsPrepack(prepack));
                    run(optimized, in);
                    Block compiled = Ipex.compile(optimized);
                    run(compiled, in);
                    // After weights were cast and packed: they are again.
                    Weights.from(path).load(optimized, manager);
                    for (Block b : List.of(optimized, compiled)) {
                        float[] actual = run(b, in);
                        for (int i = 0; i < actual.length; i++) {
                            assertThat(actual[i])
                                    .isCloseTo(
                                            expected[i],
                                            org.assertj.core.data.Offset.offset(
                                                    type == DataType.FLOAT32 ? 1e-4f : 0.03f));
                        }
                        assertThat(StateDict.of(b).keySet()).containsExactly(NAMES);
                    }
                    Path again = dir.resolve("again.safetensors");
                    Weights.save(compiled, again);
                    Map<String, StoredTensor> stored = WeightFile.open(again).tensors();
                    assertThat(stored.keySet()).containsExactlyInAnyOrder(NAMES);
                    StateDict.of(plain)
                            .forEach(
                                    (name, p) -> {
                                        StoredTensor t = stored.get(name);
                                        assertThat(t.type()).isEqualTo(ElementType.F32);
                                        float[] values = p.getArray().toFloatArray();
                                        if (inplace && type == DataType.BFLOAT16) {
                                            return; // rounded, as asked for
                                        }
                                        assertThat(Weights.array(t, manager).toFloatArray())
                                                .as(name)
                                                .isEqualTo(values);
                                    });
                }
            }
        }
    }

    private float[] run(Block block, NDList in) {
        NDArray out = block.forward(new ParameterStore(manager, false), in, false).head();
        return out.toType(DataType.FLOAT32, true).toFloatArray();
    }

    /** DJL's own files: FP32 out of a BF16 run, and split again when they are loaded. */
    @Test
    void modelsSaveAndLoadDjlsFiles() throws Exception {
        OptimizeOptions options = OptimizeOptions.training().dtype(DataType.BFLOAT16);
        try (Training t = new Training(options, false, true)) {
            t.steps(0, 2);
            t.model.save(dir, "net");
            try (Model plain = Model.newInstance("net", "IPEX")) {
                plain.setBlock(block());
                plain.load(dir, "net");
                for (var p : plain.getBlock().getParameters()) {
                    assertThat(p.getValue().getArray().getDataType()).isEqualTo(DataType.FLOAT32);
                    assertThat(p.getValue().getArray().encode())
                            .isEqualTo(
                                    t.model
                                            .getBlock()
                                            .getParameters()
                                            .get(p.getKey())
                                            .getArray()
                                            .encode());
                }
                Trainer trainer =
                        plain.newTrainer(
                                new DefaultTrainingConfig(Loss.l2Loss())
                                        .optOptimizer(TorchOptimizers.adamW().build()));
                Ipex.optimize(trainer, options);
                IpexNDArray weight =
                        (IpexNDArray) plain.getBlock().getParameters().valueAt(0).getArray();
                assertThat(weight.getDataType()).isEqualTo(DataType.BFLOAT16);
                assertThat(weight.encode())
                        .isEqualTo(
                                t.model.getBlock().getParameters().valueAt(0).getArray().encode());
                trainer.close();
            }
        }
    }

    /** Parameters of another type are converted; state of another type is refused. */
    @Test
    void filesOfOtherTypesAreConvertedOrRefused() throws IOException {
        OptimizeOptions options = OptimizeOptions.training().dtype(DataType.BFLOAT16);
        try (Training t = new Training(options, false, true)) {
            t.steps(0, 1);
            Path path = save(t, "own");
            Map<String, StoredTensor> tensors = WeightFile.open(path).tensors();
            Path half = dir.resolve("half.safetensors");
            try (Arena arena = Arena.ofConfined()) {
                Map<String, Safetensors.Item> items = new LinkedHashMap<>();
                for (String name : NAMES) {
                    NDArray low =
                            Weights.array(tensors.get(name), manager)
                                    .toType(DataType.BFLOAT16, true);
                    items.put(name, Weights.item(low, arena));
                }
                Safetensors.write(half, items, Map.of());
            }
            Weights.from(half).load(t.model.getBlock(), manager);
            for (String name : NAMES) {
                float[] expected =
                        Weights.array(tensors.get(name), manager)
                                .toType(DataType.BFLOAT16, true)
                                .toFloatArray();
                IpexNDArray array =
                        (IpexNDArray) StateDict.of(t.model.getBlock()).get(name).getArray();
                assertThat(array.full(manager).toFloatArray()).as(name).isEqualTo(expected);
            }
            Map<String, NDArray> state = new LinkedHashMap<>();
            ((org.ipex4j.engine.IpexTrainer) t.trainer)
                    .optimizerState()
                    .state(manager)
                    .forEach(
                            (name, a) ->
                                    state.put(
                                            name,
                                            name.endsWith("/updates")
                                                    ? a
                                                    : a.toType(DataType.BFLOAT16, true)));
            assertThatThrownBy(
                            () ->
                                    ((org.ipex4j.engine.IpexTrainer) t.trainer)
                                            .optimizerState()
                                            .restore(state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("/exp_avg' is bf16")
                    .hasMessageContaining("should be f32");
        }
    }
}
