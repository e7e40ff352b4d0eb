package org.ipex4j.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code --dtype} of commands that run a model. */
class PrecisionTest {
    private static String run(String... args) {
        StringWriter out = new StringWriter();
        assertThat(
                        Main.commandLine()
                                .setOut(new PrintWriter(out, true))
                                .setErr(new PrintWriter(out, true))
                                .execute(args))
                .as(out.toString())
                .isZero();
        return out.toString();
    }

    /** Lines of classes, " 12.34 % name". */
    private static List<String> classes(String out) {
        List<String> found = new ArrayList<>();
        Pattern.compile("\\d %  (.+)").matcher(out).results().forEach(m -> found.add(m.group(1)));
        return found;
    }

    @Test
    void theLikeliestClassIsTheSameInBf16() {
        String wide = run("classify", "--model", "resnet18");
        assertThat(wide).contains("resnet18, f32, compiled,").doesNotContain("bf16");
        String narrow = run("classify", "--model", "resnet18", "--dtype", "bf16", "--eager");
        assertThat(narrow).contains("resnet18, bf16, compiled,", "resnet18, bf16, eager,");
        List<String> both = classes(narrow);
        assertThat(both).hasSize(10);
        assertThat(List.of(both.get(0), both.get(5))).containsOnly(classes(wide).getFirst());
    }

    @Test
    void explainShowsGraphsOfTheType() {
        assertThat(run("explain", "resnet18")).doesNotContain("bf16[");
        assertThat(run("explain", "resnet18", "--dtype", "bf16"))
                .contains("param %1 \"conv1.weight\": f32[64, 3, 7, 7]")
                .contains("bf16[1, 64, 112, 112]");
    }
}
