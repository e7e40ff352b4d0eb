package org.ipex4j.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.ipex4j.engine.Ipex;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.LibraryCall;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainComparisonTest {
    private static final int STEPS = 5;
    private static final int BATCHES = 3; // then two come again after they were learnt from

    @TempDir Path dir;

    @AfterEach
    void reset() {
        Ipex.reset();
    }

    private static List<Double> losses(WorkerProtocol.Step step) throws Exception {
        List<Double> out = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            out.add(step.run());
        }
        return out;
    }

    @Test
    void allWorkersLearnTheSame() throws Exception {
        Setting setting = new Setting(dir, "resnet18", 4, 2, "f32");
        TrainComparison.prepare(setting, BATCHES, 64);
        Losses losses = new Losses();
        for (String mode : List.of("default", "eager")) {
            try (IpexTrainWorker worker = new IpexTrainWorker(setting, mode)) {
                losses.add("ipex-" + mode, losses(worker::step));
            }
        }
        for (boolean channelsLast : new boolean[] {true, false}) {
            try (PointerScope scope = new PointerScope()) {
                losses.add(
                        channelsLast ? "torch" : "torch-contiguous",
                        losses(new TorchTrainWorker(setting, channelsLast)::step));
            }
        }
        assertThat(losses.reference()).contains("torch");
        losses.requireAgreement(1e-3);
        List<Double> torch = losses.of("torch");
        assertThat(torch.get(4)).as("learns").isLessThan(torch.get(2));
    }

    @Test
    void allWorkersLearnUnderAutocast() throws Exception {
        Setting f32 = new Setting(dir, "resnet18", 4, 2, "f32");
        Setting bf16 = f32.dtype("bf16");
        TrainComparison.prepare(f32, BATCHES, 64);
        try (PointerScope scope = new PointerScope()) {
            List<Double> wide = losses(new TorchTrainWorker(f32, true)::step);
            List<Double> narrow = losses(new TorchTrainWorker(bf16, true)::step);
            for (int i = 0; i < STEPS; i++) {
                assertThat(narrow.get(i)).isCloseTo(wide.get(i), withinPercentage(3));
            }
            assertThat(narrow).isNotEqualTo(wide);
            for (String mode : List.of("default", "eager")) {
                List<Double> own = new ArrayList<>();
                try (IpexTrainWorker worker = new IpexTrainWorker(bf16, mode)) {
                    own.addAll(losses(worker::step));
                }
                for (int i = 0; i < STEPS; i++) {
                    assertThat(own.get(i)).isCloseTo(narrow.get(i), withinPercentage(3));
                }
                // Losses are FP32 under autocast: no BF16 number has bits below the upper 16.
                assertThat(own).anyMatch(l -> (Float.floatToIntBits(l.floatValue()) & 0xFFFF) != 0);
            }
        }
    }

    @Test
    void theFloorIsOfTheTypeThatIsTimed() {
        assertThat(FloorWorker.calls(network(), DType.BFLOAT16, true))
                .isNotEmpty()
                .allSatisfy(
                        c -> {
                            assertThat(c.inputs()).allMatch(t -> t.dtype() == DType.BFLOAT16);
                            assertThat(c.output().dtype()).isEqualTo(DType.BFLOAT16);
                        });
    }

    @Test
    void dropoutCannotBeCompared() {
        Setting setting = new Setting(dir, "mobilenet_v2", 1, 1, "f32");
        assertThatThrownBy(() -> TrainComparison.prepare(setting, 1, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mobilenet_v2")
                .hasMessageContaining("dropout");
    }

    private static TensorType type(long... sizes) {
        return new TensorType(DType.FLOAT32, Sizes.of(sizes));
    }

    /** Two convolutions with BatchNorm between, as captured at inference. */
    private static Graph network() {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", type(2, 3, 8, 8));
        Value w = g.input(Input.Role.PARAMETER, "w", type(4, 3, 3, 3));
        Value gamma = g.input(Input.Role.PARAMETER, "gamma", type(4));
        Value beta = g.input(Input.Role.PARAMETER, "beta", type(4));
        Value mean = g.input(Input.Role.PARAMETER, "mean", type(4));
        Value variance = g.input(Input.Role.PARAMETER, "variance", type(4));
        Value v = g.input(Input.Role.CONSTANT, "v", type(6, 2, 1, 1));
        Value y = convolution(g, x, w, 2, 1);
        Value z =
                g.call("aten.batch_norm", y, gamma, beta, mean, variance, false, 0.1, 1e-5, false);
        return g.build(convolution(g, z, v, 1, 2));
    }

    private static Value convolution(GraphBuilder g, Value x, Value w, long stride, long groups) {
        long padding = w.type().sizes().get(2) / 2;
        return g.call(
                "aten.convolution",
                x,
                w,
                null,
                List.of(stride, stride),
                List.of(padding, padding),
                List.of(1L, 1L),
                false,
                List.of(0L, 0L),
                groups);
    }

    @Test
    void theFloorOfAStepLeavesOutTheGradientOfThePictures() {
        assertThat(FloorWorker.calls(network(), DType.FLOAT32, false))
                .extracting(LibraryCall::kind)
                .containsExactly("convolution", "convolution");
        List<LibraryCall> step = FloorWorker.calls(network(), DType.FLOAT32, true);
        assertThat(step)
                .extracting(LibraryCall::kind)
                .containsExactly(
                        "convolution",
                        "convolution_backward_weights",
                        "convolution",
                        "convolution_backward_weights",
                        "convolution_backward_data");
        assertThat(step.getLast().output().sizes()).isEqualTo(Sizes.of(2, 4, 4, 4));
        assertThat(step.get(3).output().sizes()).isEqualTo(Sizes.of(2, 3, 2, 1, 1));
    }

    @Test
    void batchNormTrainsInTheExportAndItsStatisticsDoNotLearn() {
        assertThat(TorchSource.trained(network()))
                .containsExactly(true, true, true, false, false, false);
        assertThat(TorchSource.torchScript(network(), true))
                .contains("batch_norm(v7, self.p1, self.p2, self.p3, self.p4, True, 0.1,");
        assertThat(TorchSource.python(network(), false)).contains("self.p4, False, 0.1,");
    }

    @Test
    void batchesAreReadOneByOne() throws Exception {
        Setting setting = new Setting(dir, "any", 2, 1, "f32");
        setting.writeInput(new Setting.Values(new long[] {4, 1}, new float[] {1, 2, 3, 4}));
        setting.writeLabels(new long[] {5, 6, 7, 8});
        assertThat(setting.batches()).isEqualTo(2);
        assertThat(setting.readInput(1).values()).containsExactly(3, 4);
        assertThat(setting.readInput(1).sizes()).containsExactly(2, 1);
        assertThat(setting.readLabels(1)).containsExactly(7, 8);
        assertThatThrownBy(() -> setting.readInput(2)).hasMessageContaining("input.bin");
        assertThat(setting.readInput().values()).containsExactly(1, 2);
    }
}
