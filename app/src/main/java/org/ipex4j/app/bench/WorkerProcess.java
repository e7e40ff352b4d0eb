package org.ipex4j.app.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parent's side of {@link WorkerProtocol}: one configuration in a process of its own. */
final class WorkerProcess implements AutoCloseable {
    private final String name;
    private final Process process;
    private final BufferedReader from;
    private final BufferedWriter to;
    private final Path log;
    private final Map<String, Double> facts = new LinkedHashMap<>();
    private final List<Double> times = new ArrayList<>();
    private long peakResidentBytes;
    private boolean ready;

    WorkerProcess(String name, List<String> command, Map<String, String> environment, Path log)
            throws IOException {
        this.name = name;
        this.log = log;
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(environment);
        process = builder.start();
        from = process.inputReader(StandardCharsets.UTF_8);
        to = process.outputWriter(StandardCharsets.UTF_8);
    }

    String name() {
        return name;
    }

    /**
     * Waits until the worker is ready; a worker that cannot run throws with the last lines of its
     * log.
     */
    void awaitReady() throws IOException {
        if (!ready) {
            answer("@ready");
            ready = true;
        }
    }

    /** Runs and keeps the times. */
    List<Double> run(int iterations) throws IOException {
        send("run " + iterations);
        List<Double> round = numbers(answer("@times"));
        times.addAll(round);
        return round;
    }

    /** Runs without keeping the times. */
    void warm(int iterations) throws IOException {
        send("run " + iterations);
        answer("@times");
    }

    /** Trains and learns the losses; the times are not kept. */
    List<Double> losses(int steps) throws IOException {
        send("check " + steps);
        return numbers(answer("@losses"));
    }

    /** Trains and learns what steps leave in memory. */
    MemoryGrowth growth(int steps) throws IOException {
        send("grow " + steps);
        return MemoryGrowth.parse(answer("@growth"));
    }

    private static List<Double> numbers(String text) {
        return Arrays.stream(text.strip().split(" ")).map(Double::parseDouble).toList();
    }

    private void send(String command) throws IOException {
        to.write(command + "\n");
        to.flush();
    }

    private String answer(String wanted) throws IOException {
        for (String line = from.readLine(); line != null; line = from.readLine()) {
            if (line.startsWith("@fact ")) {
                String[] parts = line.split(" ");
                facts.put(parts[1], Double.parseDouble(parts[2]));
            } else if (line.startsWith(wanted)) {
                return line.substring(wanted.length());
            }
        }
        List<String> lines =
                Files.exists(log) ? Files.readAllLines(log, StandardCharsets.UTF_8) : List.of();
        throw new IOException(
                name
                        + " ended without an answer; its log says:\n  "
                        + String.join(
                                "\n  ",
                                lines.subList(Math.max(0, lines.size() - 12), lines.size())));
    }

    Map<String, Double> facts() {
        return facts;
    }

    List<Double> times() {
        return times;
    }

    long peakResidentBytes() {
        return peakResidentBytes;
    }

    /** Ends the worker and learns its peak memory. */
    void quit() throws IOException {
        send("quit");
        peakResidentBytes = Long.parseLong(answer("@rss").strip());
        close();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
