package org.ipex4j.app.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * The worker's side of a comparison: a process that has prepared one configuration and runs it when told.
 * It prints lines that begin with {@code @}, and reads commands, one a line: {@code run N} answers {@code
 * @times} and N times in milliseconds, {@code quit} answers {@code @rss} and the peak resident bytes. A
 * worker that trains also knows {@code check N}, which answers {@code @losses} and the losses of N steps,
 * and {@code grow N}, which answers {@code @growth} and what N steps leave in memory.
 */
final class WorkerProtocol {
    /** One run of what is measured. */
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    /** One step of training. */
    @FunctionalInterface
    interface Step {
        /**
         * @return the loss before the step
         */
        double run() throws Exception;
    }

    private final InputStream commands;
    private final PrintStream out;

    WorkerProtocol(PrintStream out) {
        this(System.in, out);
    }

    WorkerProtocol(InputStream commands, PrintStream out) {
        this.commands = commands;
        this.out = out;
    }

    /** Tells a fact that the report shows: {@code compile 812.5}. */
    void fact(String name, double value) {
        out.printf(Locale.ROOT, "@fact %s %.4f%n", name, value);
        out.flush();
    }

    /** Obeys commands until told to quit. */
    void serve(Body body) throws Exception {
        serve(
                (command, n) -> {
                    if (!command.equals("run")) {
                        throw new IllegalArgumentException("unknown command: " + command);
                    }
                    return times(body, n);
                });
    }

    /**
     * Obeys commands until told to quit. The first step's milliseconds are the fact {@code first}.
     *
     * @param arrays bytes of arrays in use
     */
    void train(Step step, LongSupplier arrays) throws Exception {
        boolean[] begun = {false};
        Step counted =
                () -> {
                    long start = System.nanoTime();
                    double loss = step.run();
                    if (!begun[0]) {
                        begun[0] = true;
                        fact("first", (System.nanoTime() - start) / 1e6);
                    }
                    return loss;
                };
        serve(
                (command, n) ->
                        switch (command) {
                            case "run" -> times(counted::run, n);
                            case "check" -> losses(counted, n);
                            case "grow" ->
                                    "@growth " + MemoryGrowth.measure(counted, arrays, n).format();
                            default ->
                                    throw new IllegalArgumentException(
                                            "unknown command: " + command);
                        });
    }

    private interface Command {
        String answer(String command, int n) throws Exception;
    }

    private void serve(Command known) throws Exception {
        out.println("@ready");
        out.flush();
        BufferedReader in =
                new BufferedReader(new InputStreamReader(commands, StandardCharsets.UTF_8));
        for (String line = in.readLine();
                line != null && !line.equals("quit");
                line = in.readLine()) {
            String[] words = line.split(" ");
            out.println(known.answer(words[0], Integer.parseInt(words[1])));
            out.flush();
        }
        out.println("@rss " + peakResidentBytes());
        out.flush();
    }

    private static String times(Body body, int n) throws Exception {
        StringBuilder times = new StringBuilder("@times");
        for (int i = 0; i < n; i++) {
            long start = System.nanoTime();
            body.run();
            times.append(String.format(Locale.ROOT, " %.4f", (System.nanoTime() - start) / 1e6));
        }
        return times.toString();
    }

    private static String losses(Step step, int n) throws Exception {
        StringBuilder losses = new StringBuilder("@losses");
        for (int i = 0; i < n; i++) {
            losses.append(' ').append(step.run());
        }
        return losses.toString();
    }

    private static long peakResidentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }
}
