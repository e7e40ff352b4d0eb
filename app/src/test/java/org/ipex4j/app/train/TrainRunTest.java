package org.ipex4j.app.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ipex4j.app.Main;
import org.ipex4j.app.Precision;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.checkpoint.Checkpoint;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.formats.StoredTensor;
import org.ipex4j.formats.WeightFile;
import org.ipex4j.ir.DType;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.data.Cifar10;
import org.ipex4j.zoo.data.DataPosition;
import org.ipex4j.zoo.data.DrawnPictures;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Real steps of a small network on small pictures. */
@Tag("slow")
class TrainRunTest {
    private static final int STEPS = 5;

    private static Settings settings(Precision dtype) {
        return new Settings("resnet18", dtype, 32, 8, 1, STEPS, 0.02f, 0.9f, 1e-4f, 2, 3, 20, 11);
    }

    @TempDir static Path shared;
    private static Path root;

    @TempDir Path dir;

    /** 3 batches of 8 at most, so that the run goes into a second epoch. */
    @BeforeAll
    static void draw() throws IOException {
        root = DrawnPictures.write(shared, 20, 11, 3);
    }

    private static TrainingData data() throws Exception {
        TrainOptions options = new TrainOptions();
        options.data = root;
        return TrainingData.find(options, settings(Precision.F32), (_, _) -> {});
    }

    /** Takes down the losses. */
    private record Losses(List<Double> losses) implements TrainingLoop.Events {
        @Override
        public void stepped(int step, Score score, double seconds) {
            losses.add(score.meanLoss());
        }

        @Override
        public void evaluate(int step) {}

        @Override
        public void save(int step) {}
    }

    /** Trains from a step to another; saves at the end. Returns the losses. */
    private List<Double> train(
            Precision dtype, boolean compiled, Path from, int begin, int end, Path to)
            throws Exception {
        List<Double> losses = new ArrayList<>();
        Cifar10 pictures = data().training();
        try (Training training = new Training(settings(dtype), 10, STEPS, compiled)) {
            if (from != null) {
                Checkpoint c = Checkpoint.open(from);
                training.restore(c);
                Notes notes = new Notes(from, c.notes());
                pictures.seek(new DataPosition(3, notes.integer("epoch"), notes.number("record")));
            }
            Progress progress = new Progress(begin, new LearningCurve());
            new TrainingLoop(pictures, training.manager(), STEPS, true)
                    .run(
                            progress,
                            training,
                            new Losses(losses),
                            () -> begin + losses.size() == end);
            DataPosition at = pictures.position();
            training.save(
                    to,
                    Map.of(
                            "epoch", Integer.toString(at.epoch()),
                            "record", Long.toString(at.record())));
        }
        return losses;
    }

    @ParameterizedTest
    @CsvSource({"F32, false", "F32, true", "BF16, false", "BF16, true"})
    void aRunThatIsResumedIsTheSameBitForBit(Precision dtype, boolean compiled) throws Exception {
        Path whole = dir.resolve("whole.safetensors");
        List<Double> expected = train(dtype, compiled, null, 0, STEPS, whole);
        assertThat(expected).hasSize(STEPS).doesNotContain(Double.NaN);
        Path half = dir.resolve("half.safetensors");
        Path rest = dir.resolve("rest.safetensors");
        // In the middle of the first epoch, and at its end.
        for (int at : new int[] {2, 3}) {
            List<Double> losses = new ArrayList<>(train(dtype, compiled, null, 0, at, half));
            losses.addAll(train(dtype, compiled, half, at, STEPS, rest));
            assertThat(losses).isEqualTo(expected);
            assertSame(whole, rest);
        }
    }

    private static void assertSame(Path expected, Path actual) throws IOException {
        Map<String, StoredTensor> a = WeightFile.open(expected).tensors();
        Map<String, StoredTensor> b = WeightFile.open(actual).tensors();
        assertThat(b.keySet()).isEqualTo(a.keySet());
        a.forEach(
                (name, t) -> {
                    assertThat(b.get(name).type()).as(name).isEqualTo(t.type());
                    assertThat(b.get(name).data().mismatch(t.data())).as(name).isEqualTo(-1);
                });
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void aRunGoesOnInTheOtherType(Precision first) throws Exception {
        Precision second = first == Precision.F32 ? Precision.BF16 : Precision.F32;
        Path half = dir.resolve("half.safetensors");
        train(first, true, null, 0, 2, half);
        assertThat(WeightFile.open(half).tensors().values())
                .extracting(t -> t.tensorType().dtype())
                .doesNotContain(DType.BFLOAT16);
        // Without a step in between, the other type keeps every bit.
        Path kept = dir.resolve("kept.safetensors");
        assertThat(train(second, true, half, 2, 2, kept)).isEmpty();
        assertSame(half, kept);
        // The next loss is of the same parameters. Later ones of so few pictures drift apart.
        double expected = train(first, true, half, 2, 3, kept).getFirst();
        List<Double> losses = train(second, true, half, 2, STEPS, dir.resolve("rest"));
        assertThat(losses).hasSize(STEPS - 2).doesNotContain(Double.NaN);
        assertThat(losses.getFirst())
                .isCloseTo(expected, withinPercentage(2))
                .isNotEqualTo(expected);
    }

    private record Outcome(int code, String out, String errors) {}

    private Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter errors = new StringWriter();
        List<String> all = new ArrayList<>(List.of("train", "--data", root.toString()));
        all.addAll(List.of("--image-size", "32", "--batch-size", "8", "--out", dir.toString()));
        all.addAll(List.of(args));
        if (!all.contains("--model")) {
            all.addAll(List.of("--model", "resnet18"));
        }
        int code =
                Main.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(errors, true))
                        .execute(all.toArray(String[]::new));
        return new Outcome(code, out.toString(), errors.toString());
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void aWholeRunLeavesCheckpointWeightsAndCurve(Precision dtype) throws IOException {
        Outcome o = run("--steps", "4", "--compare", "2", "--dtype", dtype.toString());
        assertThat(o.errors).isEmpty();
        assertThat(o.code).isZero();
        assertThat(o.out)
                .contains(
                        "resnet18 in " + dtype,
                        "compiled and op by op",
                        "step 4/4",
                        "images/s",
                        "held out: 11 pictures")
                .contains("is taken for a");
        assertThat(Checkpoint.open(dir.resolve("checkpoint.safetensors")).notes())
                .containsEntry("step", "4")
                .containsEntry("dtype", dtype.toString())
                .containsEntry("data.epoch", "1")
                .containsEntry("data.record", "8");
        assertThat(Files.readString(dir.resolve("curve.svg")))
                .startsWith("<svg")
                .contains("held out");
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            assertThat(
                            Weights.from(dir.resolve("resnet18.safetensors"))
                                    .load(
                                            Classifiers.create("resnet18", 10),
                                            manager,
                                            new Shape(1, 3, 32, 32))
                                    .isComplete())
                    .isTrue();
        }

        Outcome more =
                run("--steps", "6", "--resume", dir.resolve("checkpoint.safetensors").toString());
        assertThat(more.errors).isEmpty();
        assertThat(more.out)
                .contains("resnet18 in " + dtype, "after step 4", "step 6/6")
                .doesNotContain("step 4/6");

        Outcome other =
                run(
                        "--model",
                        "resnet34",
                        "--resume",
                        dir.resolve("checkpoint.safetensors").toString());
        assertThat(other.code).isEqualTo(1);
        assertThat(other.errors).contains("is of model resnet18", "resnet34");
    }

    @ParameterizedTest
    @CsvSource({"--eager, f32", "--compare=0, f32", "--eager, bf16", "--compare=0, bf16"})
    void aLossThatIsNotANumberKeepsTheLastGoodCheckpoint(String how, String dtype)
            throws IOException {
        assertThat(run(how, "--steps", "1").code).isZero();
        Path checkpoint = dir.resolve("checkpoint.safetensors");
        byte[] good = Files.readAllBytes(checkpoint);
        Outcome o = run(how, "--dtype", dtype, "--steps", "9", "--lr", "1e30", "--warm-up", "0");
        assertThat(o.code).isEqualTo(1);
        assertThat(o.errors)
                .containsPattern("step \\d: the loss is (NaN|Infinity)")
                .containsPattern(
                        "step 2: .*the first result that is not finite is aten\\.\\w+(\\.\\w+)? of \\("
                                + dtype
                                + "\\[8, ")
                .contains(", with ", "from finite numbers")
                .contains("last good checkpoint is " + checkpoint);
        assertThat(Arrays.equals(Files.readAllBytes(checkpoint), good)).isTrue();
    }
}
