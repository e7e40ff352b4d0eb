package org.ipex4j.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that cannot be done say why and end with a code other than 0. */
class MisuseTest {
    @TempDir Path dir;

    private record Outcome(int code, String errors) {}

    private static Outcome run(String... args) {
        StringWriter errors = new StringWriter();
        int code = Main.commandLine().setErr(new PrintWriter(errors, true)).execute(args);
        return new Outcome(code, errors.toString());
    }

    @Test
    void unknownCommandsAndOptionsAreMisuse() {
        assertThat(run("clasify").code).isEqualTo(2);
        assertThat(run("clasify").errors).contains("clasify", "classify");
        assertThat(run("classify", "--weight", "x").code).isEqualTo(2);
        assertThat(run("classify", "--top", "many").errors).contains("--top", "many");
        for (String command : new String[] {"train", "classify", "explain"}) {
            Outcome o = run(command, "--dtype", "int8");
            assertThat(o.code).isEqualTo(2);
            assertThat(o.errors).contains("'--dtype': 'int8': expected f32 or bf16");
        }
    }

    @Test
    void anUnknownModelIsNamedWithThoseThatExist() {
        Outcome o = run("classify", "--model", "resnet51");
        assertThat(o.code).isEqualTo(1);
        assertThat(o.errors).contains("resnet51", "resnet50");
    }

    @Test
    void picturesThatCannotBeReadAreNamed() throws IOException {
        Path missing = dir.resolve("missing.jpg");
        Outcome none = run("classify", missing.toString());
        assertThat(none.code).isEqualTo(1);
        assertThat(none.errors).contains(missing.toString(), "no such file");

        Path text = Files.writeString(dir.resolve("notes.png"), "not a picture");
        Outcome unread = run("classify", text.toString());
        assertThat(unread.code).isEqualTo(1);
        assertThat(unread.errors).contains(text.toString(), "not a picture");
    }

    @Test
    void weightsThatCannotBeReadAreNamed() throws IOException {
        Path missing = dir.resolve("missing.pth");
        Outcome none = run("classify", "--model", "resnet18", "--weights", missing.toString());
        assertThat(none.code).isEqualTo(1);
        assertThat(none.errors).contains(missing.toString());

        Path text = Files.writeString(dir.resolve("notes.pth"), "not weights, just text");
        Outcome unread = run("classify", "--model", "resnet18", "--weights", text.toString());
        assertThat(unread.code).isEqualTo(1);
        assertThat(unread.errors).contains(text.toString());
    }

    @Test
    void trainingThatCannotBeginSaysWhy() throws IOException {
        Path out = dir.resolve("out");
        Path missing = dir.resolve("nowhere");
        Outcome none = run("train", "--data", missing.toString(), "--out", out.toString());
        assertThat(none.code).isEqualTo(1);
        assertThat(none.errors).contains(missing.toString(), "no such directory", "--download");

        Outcome empty = run("train", "--data", dir.toString(), "--out", out.toString());
        assertThat(empty.code).isEqualTo(1);
        assertThat(empty.errors).contains("data_batch_1.bin", "no such file");

        Path text = Files.writeString(dir.resolve("c.safetensors"), "not a checkpoint");
        Outcome unread = run("train", "--resume", text.toString(), "--out", out.toString());
        assertThat(unread.code).isEqualTo(1);
        assertThat(unread.errors).contains(text.toString());

        assertThat(run("train", "--batch-size", "0").errors).contains("--batch-size 0");
        assertThat(run("train", "--steps", "many").code).isEqualTo(2);
    }

    @Test
    void aBenchThatCannotBeRunIsMisuse() {
        assertThat(run("bench", "resnet18", "--mode", "learn").errors).contains("learn", "train");
        Outcome peers = run("bench", "resnet18", "--mode", "train", "--peers", "torchscript");
        assertThat(peers.code).isEqualTo(2);
        assertThat(peers.errors).contains("torchscript", "torch-contiguous");
        for (String mode : new String[] {"infer", "train"}) {
            Outcome own = run("bench", "resnet18", "--mode", mode, "--peers", "ipex-f32");
            assertThat(own.code).isEqualTo(2);
            assertThat(own.errors).contains("ipex-f32", "expected bf16");
        }
        assertThat(run("bench", "resnet18", "--batch", "0").errors).contains("--batch 0");
    }
}
