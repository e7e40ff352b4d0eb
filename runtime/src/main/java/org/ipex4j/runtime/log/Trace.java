package org.ipex4j.runtime.log;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of timed events that {@code chrome://tracing} and Perfetto show: the JSON array form of
 * the Trace Event Format. The process's trace is named by {@code ai.djl.ipex.trace}.
 */
public final class Trace implements AutoCloseable {
    private static final Logger logger = LoggerFactory.getLogger(Trace.class);

    private static final class Active {
        static final Trace TRACE = open();

        private static Trace open() {
            String file = System.getProperty("ai.djl.ipex.trace");
            if (file == null || file.isBlank()) {
                return null;
            }
            try {
                Trace trace = new Trace(Path.of(file));
                java.lang.Runtime.getRuntime()
                        .addShutdownHook(new Thread(trace::close, "ipex-trace-close"));
                return trace;
            } catch (IOException e) {
                logger.warn(
                        "cannot write the trace file ai.djl.ipex.trace={}: {}", file, e.toString());
                return null;
            }
        }
    }

    private final BufferedWriter out;
    private final long start = System.nanoTime();
    private final long pid = ProcessHandle.current().pid();
    private boolean closed;

    /** Starts a file, replacing what was there. */
    public Trace(Path file) throws IOException {
        out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
        out.write(
                "[\n{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":"
                        + pid
                        + ",\"args\":{\"name\":\"ipex4j\"}}");
    }

    /** The process's trace; null unless the user asked for one. */
    public static Trace active() {
        return Active.TRACE;
    }

    /**
     * Adds an event that the calling thread was busy with.
     *
     * @param from start, by {@link System#nanoTime}
     * @param to end
     */
    public synchronized void complete(
            String name, String category, long from, long to, double flops, double bytes) {
        if (closed) {
            return;
        }
        try {
            out.write(
                    String.format(
                            Locale.ROOT,
                            ",\n{\"name\":%s,\"cat\":%s,\"ph\":\"X\",\"ts\":%.3f,\"dur\":%.3f,\"pid\":%d,\"tid\":%d,\"args\":{\"flops\":%.0f,\"bytes\":%.0f}}",
                            quote(name),
                            quote(category),
                            (from - start) / 1e3,
                            (to - from) / 1e3,
                            pid,
                            Thread.currentThread().threadId(),
                            flops,
                            bytes));
        } catch (IOException e) {
            closed = true;
            logger.warn("the trace file ends here: {}", e.toString());
        }
    }

    /** Ends the file; later events are dropped. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (out) {
            out.write("\n]\n");
        } catch (IOException e) {
            logger.warn("cannot end the trace file: {}", e.toString());
        }
    }

    /** A text as a JSON string. */
    static String quote(String text) {
        StringBuilder s = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> s.append("\\\"");
                case '\\' -> s.append("\\\\");
                default -> {
                    if (c < ' ') {
                        s.append(String.format("\\u%04x", (int) c));
                    } else {
                        s.append(c);
                    }
                }
            }
        }
        return s.append('"').toString();
    }
}
