package org.ipex4j.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void quantilesLieBetweenNeighbours() {
        Statistics s = Statistics.of(List.of(4.0, 1.0, 3.0, 2.0));
        assertThat(s.median()).isEqualTo(2.5);
        assertThat(s.least()).isEqualTo(1);
        Statistics many =
                Statistics.of(DoubleStream.iterate(0, i -> i + 1).limit(101).boxed().toList());
        assertThat(many.p95()).isEqualTo(95);
        assertThat(Statistics.of(List.of(7.0))).isEqualTo(new Statistics(7, 7, 7));
        assertThatThrownBy(() -> Statistics.of(List.of())).hasMessageContaining("no measurements");
    }

    private static Report.Row row(String worker, double median, double difference) {
        return new Report.Row(
                "resnet50",
                "f32",
                4,
                2,
                worker,
                new Statistics(median, 2 * median, median / 2),
                9,
                Map.of("cold", 1234.0),
                50_000_000,
                difference,
                Optional.empty());
    }

    @Test
    void rowsAreSetAgainstOursAndTheFloor() throws Exception {
        Report report = new Report("infer");
        report.add(row("ipex", 10, Double.NaN));
        report.add(row("torch", 30, 1e-6));
        report.floor(4, 8);
        StringWriter text = new StringWriter();
        report.print(new PrintWriter(text));
        assertThat(text.toString().lines().toList().get(2))
                .containsSubsequence(
                        "torch", "30.00", "60.00", "133.3", "3.00", "3.75", "1234", "1.0e-06");
        JsonNode ours = new ObjectMapper().readTree(report.jsonLines().getFirst());
        assertThat(ours.get("floor_ms").asDouble()).isEqualTo(8);
        assertThat(ours.get("images_per_second").asDouble()).isEqualTo(400);
        assertThat(ours.has("difference")).isFalse();
    }

    @Test
    void growthOfMemoryIsShownPerStep() throws Exception {
        Report report = new Report("train");
        report.add(
                new Report.Row(
                        "resnet50",
                        "f32",
                        4,
                        2,
                        "ipex",
                        new Statistics(10, 10, 10),
                        3,
                        Map.of(),
                        1,
                        1e-5,
                        Optional.of(new MemoryGrowth(4096, 0, 500, 70_000))));
        StringWriter text = new StringWriter();
        report.print(new PrintWriter(text));
        assertThat(text.toString()).containsSubsequence("4.1 kB resident", "0.0", "0.5", "70.0");
        JsonNode row = new ObjectMapper().readTree(report.jsonLines().getFirst());
        assertThat(row.get("mode").asText()).isEqualTo("train");
        assertThat(row.get("garbage_bytes_per_step").asDouble()).isEqualTo(70_000);
    }
}
