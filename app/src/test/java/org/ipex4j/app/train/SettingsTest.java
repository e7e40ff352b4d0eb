package org.ipex4j.app.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.ipex4j.app.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SettingsTest {
    private static TrainOptions parse(String... args) {
        TrainOptions options = new TrainOptions();
        new CommandLine(
                        CommandLine.Model.CommandSpec.create()
                                .addMixin(
                                        "train",
                                        CommandLine.Model.CommandSpec.forAnnotatedObject(options)))
                .parseArgs(args);
        return options;
    }

    @Test
    void optionsReplaceDefaults() {
        assertThat(parse().over(Settings.DEFAULTS)).isEqualTo(Settings.DEFAULTS);
        Settings s =
                parse("--model", "resnet18", "--lr", "0.5", "--batch-size", "7", "--seed", "9")
                        .over(Settings.DEFAULTS);
        assertThat(s.model()).isEqualTo("resnet18");
        assertThat(s.rate()).isEqualTo(0.5f);
        assertThat(s.batchSize()).isEqualTo(7);
        assertThat(s.seed()).isEqualTo(9);
        assertThat(s.imageSize()).isEqualTo(Settings.DEFAULTS.imageSize());
        assertThat(s.dtype()).isEqualTo(Precision.F32);
        assertThat(parse("--dtype", "bf16").over(Settings.DEFAULTS).dtype())
                .isEqualTo(Precision.BF16);
    }

    @Test
    void notesBringSettingsBack() {
        Settings s =
                parse("--lr", "0.3", "--steps", "12", "--dtype", "bf16").over(Settings.DEFAULTS);
        Notes notes = new Notes(Path.of("c"), s.toNotes());
        assertThat(Settings.of(notes)).isEqualTo(s);
        assertThat(parse("--momentum", "0.5").over(Settings.of(notes)).steps()).isEqualTo(12);
        assertThat(parse("--dtype", "f32").over(Settings.of(notes)).dtype())
                .isEqualTo(Precision.F32);
        assertThat(parse("--epochs", "2").over(Settings.of(notes)).steps()).isZero();
    }

    @Test
    void notesThatLackSomethingAreNamed() {
        Map<String, String> values = new HashMap<>(Settings.DEFAULTS.toNotes());
        values.put("lr", "fast");
        Notes wrong = new Notes(Path.of("c.safetensors"), values);
        assertThatThrownBy(() -> Settings.of(wrong))
                .hasMessageContaining("c.safetensors")
                .hasMessageContaining("'lr' is 'fast'");
        values.remove("lr");
        assertThatThrownBy(() -> Settings.of(wrong)).hasMessageContaining("lacks the note 'lr'");
        values.put("lr", "1");
        values.put("dtype", "f64");
        assertThatThrownBy(() -> Settings.of(wrong))
                .hasMessageContaining("c.safetensors")
                .hasMessageContaining("'dtype' is 'f64': expected f32 or bf16");
    }

    /** Notes of the time when all training was FP32. */
    @Test
    void notesWithoutTypeAreOfFp32() {
        Map<String, String> values = new HashMap<>(Settings.DEFAULTS.toNotes());
        values.remove("dtype");
        assertThat(Settings.of(new Notes(Path.of("c"), values))).isEqualTo(Settings.DEFAULTS);
    }

    @Test
    void typesAreNamed() {
        assertThatThrownBy(() -> parse("--dtype", "int8"))
                .isInstanceOf(CommandLine.ParameterException.class)
                .hasMessage("Invalid value for option '--dtype': 'int8': expected f32 or bf16");
    }

    @ParameterizedTest
    @CsvSource({
        "--image-size, 0",
        "--batch-size, -3",
        "--epochs, 0",
        "--lr, 0",
        "--lr, NaN",
        "--momentum, 1",
        "--momentum, -0.1",
        "--weight-decay, -1",
        "--warm-up, -1"
    })
    void valuesOutOfRangeAreNamed(String option, String value) {
        TrainOptions options = parse(option + "=" + value);
        assertThatThrownBy(() -> options.over(Settings.DEFAULTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(option)
                .hasMessageContaining("expected");
    }

    @ParameterizedTest
    @CsvSource({"--threads, 0", "--steps, 0", "--compare, -1"})
    void optionsOutsideTheSettingsAreCheckedToo(String option, String value) {
        TrainOptions options = parse(option + "=" + value);
        assertThatThrownBy(options::check)
                .hasMessageContaining(option)
                .hasMessageContaining("expected");
    }

    @Test
    void stoppingOnNanCanBeTurnedOff() {
        assertThat(parse().stopOnNan).isTrue();
        assertThat(parse("--stop-on-nan").stopOnNan).isTrue();
        assertThat(parse("--no-stop-on-nan").stopOnNan).isFalse();
    }
}
