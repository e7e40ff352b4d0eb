package org.ipex4j.app.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a comparison found, as a table and as JSON lines. */
final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One configuration.
     *
     * @param facts {@code cold} and {@code warm} compile times, {@code rebatch}, all in
     *     milliseconds
     * @param difference greatest difference of outputs from the reference worker's, relative to its
     *     greatest output, or of losses in training; NaN if there is none
     * @param growth what warm steps of training leave in memory, if it was measured
     */
    record Row(
            String model,
            String dtype,
            int batch,
            int threads,
            String worker,
            Statistics milliseconds,
            int samples,
            Map<String, Double> facts,
            long peakResidentBytes,
            double difference,
            Optional<MemoryGrowth> growth) {}

    private final String mode;
    private final List<Row> rows = new ArrayList<>();
    private final Map<Integer, Double> floors = new java.util.TreeMap<>();

    /**
     * @param mode {@code infer} or {@code train}
     */
    Report(String mode) {
        this.mode = mode;
    }

    void add(Row row) {
        rows.add(row);
    }

    /** The least time that library calls and memory allow, in milliseconds, for a batch size. */
    void floor(int batch, double milliseconds) {
        floors.put(batch, milliseconds);
    }

    void print(PrintWriter out) {
        out.printf(
                "%-14s %5s %-20s %9s %9s %9s %8s %8s %9s %9s %8s %8s %9s%n",
                "model",
                "batch",
                "worker",
                "median ms",
                "p95 ms",
                "images/s",
                "vs ipex",
                "x floor",
                "cold ms",
                "warm ms",
                "new b.",
                "RSS MB",
                "diff");
        for (Row r : rows) {
            Row ours =
                    rows.stream()
                            .filter(o -> o.batch == r.batch && o.worker.equals("ipex"))
                            .findFirst()
                            .orElse(r);
            Double floor = floors.get(r.batch);
            out.printf(
                    Locale.ROOT,
                    "%-14s %5d %-20s %9.2f %9.2f %9.1f %8.2f %8s %9s %9s %8s %8.0f %9s%n",
                    r.model,
                    r.batch,
                    r.worker,
                    r.milliseconds.median(),
                    r.milliseconds.p95(),
                    1000.0 * r.batch / r.milliseconds.median(),
                    r.milliseconds.median() / ours.milliseconds.median(),
                    floor == null
                            ? ""
                            : String.format(Locale.ROOT, "%.2f", r.milliseconds.median() / floor),
                    fact(r, "cold"),
                    fact(r, "warm"),
                    fact(r, "rebatch"),
                    r.peakResidentBytes / 1e6,
                    Double.isNaN(r.difference)
                            ? ""
                            : String.format(Locale.ROOT, "%.1e", r.difference));
        }
        floors.forEach(
                (batch, ms) ->
                        out.printf(
                                Locale.ROOT,
                                "floor at batch %d: %.2f ms (best library times, measured in this run)%n",
                                batch,
                                ms));
        for (Row r : rows) {
            r.growth.ifPresent(
                    g ->
                            out.printf(
                                    Locale.ROOT,
                                    "%s at batch %d grows by %.1f kB resident, %.1f kB of arrays and %.1f kB of Java heap"
                                            + " a step, and makes %.1f kB of garbage%n",
                                    r.worker,
                                    r.batch,
                                    g.resident() / 1e3,
                                    g.arrays() / 1e3,
                                    g.heap() / 1e3,
                                    g.garbage() / 1e3));
        }
        out.flush();
    }

    private static String fact(Row r, String name) {
        Double v = r.facts.get(name);
        return v == null ? "" : String.format(Locale.ROOT, "%.0f", v);
    }

    List<String> jsonLines() throws JsonProcessingException {
        List<String> lines = new ArrayList<>();
        for (Row r : rows) {
            ObjectNode n = JSON.createObjectNode();
            n.put("model", r.model)
                    .put("mode", mode)
                    .put("dtype", r.dtype)
                    .put("batch", r.batch)
                    .put("threads", r.threads);
            n.put("worker", r.worker)
                    .put("median_ms", r.milliseconds.median())
                    .put("p95_ms", r.milliseconds.p95());
            n.put("least_ms", r.milliseconds.least()).put("samples", r.samples);
            n.put("images_per_second", 1000.0 * r.batch / r.milliseconds.median());
            n.put("peak_resident_bytes", r.peakResidentBytes);
            if (floors.containsKey(r.batch)) {
                n.put("floor_ms", floors.get(r.batch));
            }
            if (!Double.isNaN(r.difference)) {
                n.put("difference", r.difference);
            }
            r.facts.forEach((k, v) -> n.put(k + "_ms", v));
            r.growth.ifPresent(
                    g ->
                            n.put("resident_growth_bytes_per_step", g.resident())
                                    .put("array_growth_bytes_per_step", g.arrays())
                                    .put("heap_growth_bytes_per_step", g.heap())
                                    .put("garbage_bytes_per_step", g.garbage()));
            lines.add(JSON.writeValueAsString(n));
        }
        return lines;
    }
}
