package org.ipex4j.runtime.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileTest {
    private final Profile profile =
            new Profile(
                    "plan a",
                    List.of(
                            new Profile.Step("conv1", "library", 2_000_000, 1_000_000),
                            new Profile.Step("add+relu", "kernel", 0, 4_000)));

    @Test
    void tablesShowTheMostExpensiveFirst() {
        profile.add(new long[] {0, 1_000, 4_000});
        profile.add(new long[] {10_000, 13_000, 20_000});
        assertThat(profile.runs()).isEqualTo(2);
        assertThat(profile.meanNanos()).isEqualTo(7_000);
        List<String> lines = profile.table().lines().toList();
        assertThat(lines.get(0)).isEqualTo("plan a: 2 runs, 0.007 ms a run");
        // 5 us of 7 in the mean, 3 us at best; 4000 bytes in 5 us.
        assertThat(lines.get(2).strip().split("\\s+"))
                .containsExactly("5.0", "3.0", "71.4%", "0.0", "0.8", "kernel", "1", "add+relu");
        assertThat(lines.get(3).strip().split("\\s+"))
                .containsExactly("2.0", "1.0", "28.6%", "1000.0", "500.0", "library", "0", "conv1");
        assertThat(lines.get(4)).endsWith("all");
    }

    @Test
    void refusesStampsOfAnotherPlan() {
        assertThatThrownBy(() -> profile.add(new long[2]))
                .hasMessageContaining("2 steps need 3 stamps");
    }

    @Test
    void tracesAreJson(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("trace.json");
        Trace trace = new Trace(file);
        long now = System.nanoTime();
        trace.complete("conv \"1\"\\\n", "library", now, now + 2_500, 10, 20);
        trace.close();
        trace.complete("late", "library", now, now, 0, 0);
        String text = Files.readString(file);
        assertThat(text)
                .startsWith("[\n{")
                .endsWith("}\n]\n")
                .contains("\"conv \\\"1\\\"\\\\\\u000a\"")
                .contains("\"dur\":2.500")
                .contains("\"flops\":10,\"bytes\":20")
                .doesNotContain("late");
    }

    @Test
    void topicsAreParsed() {
        assertThat(Logs.parse("graph, PERF,,nonsense"))
                .containsExactlyInAnyOrder(Logs.GRAPH, Logs.PERF);
        assertThat(Logs.parse("all")).containsExactlyInAnyOrder(Logs.values());
        assertThat(Logs.parse("")).isEmpty();
    }
}
