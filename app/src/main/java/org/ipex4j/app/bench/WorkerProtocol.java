package org.ipex4j.app.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The worker's side of a comparison: a process that has prepared one configuration and runs it when told.
 * It prints lines that begin with {@code @}, and reads commands, one a line: {@code run N} answers {@code
 * @times} and N times in milliseconds, {@code quit} answers {@code @rss} and the peak resident bytes.
 */
final class WorkerProtocol {
    /** One run of what is measured. */
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    private final PrintStream out;

    WorkerProtocol(PrintStream out) {
        this.out = out;
    }

    /** Tells a fact that the report shows: {@code compile 812.5}. */
    void fact(String name, double value) {
        out.printf(Locale.ROOT, "@fact %s %.4f%n", name, value);
        out.flush();
    }

    /** Obeys commands until told to quit. */
    void serve(Body body) throws Exception {
        out.println("@ready");
        out.flush();
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine();
                line != null && !line.equals("quit");
                line = in.readLine()) {
            int n = Integer.parseInt(line.substring("run ".length()));
            StringBuilder times = new StringBuilder("@times");
            for (int i = 0; i < n; i++) {
                long start = System.nanoTime();
                body.run();
                times.append(
                        String.format(Locale.ROOT, " %.4f", (System.nanoTime() - start) / 1e6));
            }
            out.println(times);
            out.flush();
        }
        out.println("@rss " + peakResidentBytes());
        out.flush();
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
