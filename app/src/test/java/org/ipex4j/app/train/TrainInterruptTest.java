package org.ipex4j.app.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ipex4j.app.Main;
import org.ipex4j.engine.checkpoint.Checkpoint;
import org.ipex4j.formats.StoredTensor;
import org.ipex4j.formats.WeightFile;
import org.ipex4j.zoo.data.DrawnPictures;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in the middle of {@code ipex train}, in processes of their own. */
@Tag("slow")
class TrainInterruptTest {
    private static final int STEPS = 12;

    @TempDir Path dir;
    private Path pictures;

    private Process start(Path out, String... more) throws IOException {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("env", "--default-signal=INT")); // see InterruptTest
        command.add(System.getProperty("java.home") + "/bin/java");
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.addAll(List.of(Main.class.getName(), "train", "--data", pictures.toString()));
        command.addAll(List.of("--out", out.toString(), "--threads", "1", "--compare", "0"));
        command.addAll(List.of(more));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static int end(Process process) throws InterruptedException {
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void theRunSavesAndGoesOnBitForBit() throws Exception {
        pictures = DrawnPictures.write(dir, 50, 8, 5);
        String[] options = {
            "--model", "resnet18", "--image-size", "32", "--batch-size", "8", "--steps", "" + STEPS
        };
        Path whole = dir.resolve("whole");
        Process process = start(whole, options);
        String text = new String(process.getInputStream().readAllBytes());
        assertThat(end(process)).as(text).isZero();

        Path parts = dir.resolve("parts");
        process = start(parts, options);
        StringBuilder shown = new StringBuilder();
        try (var lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                shown.append(line).append('\n');
                if (line.startsWith("step 2/")) {
                    interrupt(process);
                }
            }
        }
        assertThat(end(process)).as(shown.toString()).isEqualTo(130);
        Path checkpoint = parts.resolve("checkpoint.safetensors");
        assertThat(shown.toString())
                .containsPattern("stopped after step \\d+ of " + STEPS + "; saved")
                .contains("./ipex train --resume " + checkpoint);
        int at = Integer.parseInt(Checkpoint.open(checkpoint).notes().get("step"));
        assertThat(at).isBetween(2, STEPS - 1);

        process = start(parts, "--resume", checkpoint.toString());
        text = new String(process.getInputStream().readAllBytes());
        assertThat(end(process)).as(text).isZero();
        assertThat(text).contains("after step " + at, "step " + STEPS + "/" + STEPS);
        Map<String, StoredTensor> expected =
                WeightFile.open(whole.resolve("checkpoint.safetensors")).tensors();
        Map<String, StoredTensor> actual = WeightFile.open(checkpoint).tensors();
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (name, t) ->
                        assertThat(actual.get(name).data().mismatch(t.data()))
                                .as(name)
                                .isEqualTo(-1));
    }

    private static void interrupt(Process process) throws IOException, InterruptedException {
        assertThat(
                        new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                                .start()
                                .waitFor())
                .isZero();
    }
}
