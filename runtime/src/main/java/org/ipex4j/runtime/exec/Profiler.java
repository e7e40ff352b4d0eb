package org.ipex4j.runtime.exec;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.runtime.log.Logs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Times of one plan's steps. {@code IPEX_LOGS=perf} logs them after the first, tenth, hundredth … run;
 * the property {@code ai.djl.ipex.trace} (or {@code IPEX_TRACE}) names a file that gets every step of
 * every run in Chrome's trace format. Otherwise nothing is measured.
 */
final class Profiler {
    private static final Logger LOG = LoggerFactory.getLogger(Profiler.class);
    private static final Trace TRACE = Trace.open();

    private final Plan plan;
    private final List<String> implementations;
    private final double[] sums;
    private final double[] least;
    private int runs;
    private int nextReport = 1;

    Profiler(LoadedPlan plan) {
        this.plan = plan.plan();
        this.implementations = implementations(plan);
        sums = new double[this.plan.steps().size()];
        least = new double[sums.length];
        java.util.Arrays.fill(least, Double.POSITIVE_INFINITY);
    }

    /** Whether every run is to be timed. */
    static boolean wanted() {
        return TRACE != null || Logs.PERF.enabled();
    }

    private static List<String> implementations(LoadedPlan plan) {
        List<String> out = new ArrayList<>();
        for (int i = 0; i < plan.steps().length; i++) {
            out.add(switch (plan.steps()[i]) {
                case LoadedPlan.Linked.Library l -> l.primitive().implementation();
                case LoadedPlan.Linked.Kernel _ -> ((Step.Kernel) plan.plan().steps().get(i)).symbol();
                case LoadedPlan.Linked.Host _ -> "java";
            });
        }
        return out;
    }

    /** Takes the times of one run, in nanoseconds of {@link System#nanoTime()}. */
    synchronized void add(long start, long[] ends) {
        long from = start;
        for (int i = 0; i < ends.length; i++) {
            double seconds = (ends[i] - from) * 1e-9;
            sums[i] += seconds;
            least[i] = Math.min(least[i], seconds);
            from = ends[i];
        }
        runs++;
        if (TRACE != null) {
            TRACE.add(plan, implementations, start, ends);
        }
        if (Logs.PERF.enabled() && runs == nextReport) {
            nextReport *= 10;
            Logs.PERF.log(profile().toString());
        }
    }

    synchronized Profile profile() {
        List<Profile.StepTime> out = new ArrayList<>();
        for (int i = 0; i < sums.length; i++) {
            Step s = plan.steps().get(i);
            String kind = switch (s) {
                case Step.Kernel _ -> "kernel";
                case Step.Library l -> l.call().kind();
                case Step.Host _ -> "host";
            };
            out.add(new Profile.StepTime(
                    s.label(), kind, implementations.get(i), sums[i] / Math.max(1, runs), least[i], s.work().flops(),
                    s.work().bytes()));
        }
        return new Profile(runs, out);
    }

    /** A file of events; the format allows it to end anywhere. */
    private static final class Trace {
        private final Writer out;
        private final long origin = System.nanoTime();
        private boolean failed;

        private Trace(Writer out) {
            this.out = out;
        }

        static Trace open() {
            String file = System.getProperty("ai.djl.ipex.trace", System.getenv("IPEX_TRACE"));
            if (file == null || file.isBlank()) {
                return null;
            }
            try {
                Writer w = Files.newBufferedWriter(Path.of(file));
                w.write("[\n");
                return new Trace(w);
            } catch (IOException e) {
                LOG.warn("cannot write the trace file {}: {}", file, e.toString());
                return null;
            }
        }

        synchronized void add(Plan plan, List<String> implementations, long start, long[] ends) {
            if (failed) {
                return;
            }
            try {
                long from = start;
                for (int i = 0; i < ends.length; i++) {
                    Step s = plan.steps().get(i);
                    out.write(String.format(
                            Locale.ROOT,
                            "{\"name\":%s,\"cat\":\"%s\",\"ph\":\"X\",\"ts\":%.3f,\"dur\":%.3f,\"pid\":%d,\"tid\":%d,"
                                    + "\"args\":{\"implementation\":%s,\"flops\":%.0f,\"bytes\":%.0f}},%n",
                            quote(s.label()), s.getClass().getSimpleName().toLowerCase(Locale.ROOT),
                            (from - origin) * 1e-3, (ends[i] - from) * 1e-3, ProcessHandle.current().pid(),
                            Thread.currentThread().threadId(), quote(implementations.get(i)), s.work().flops(),
                            s.work().bytes()));
                    from = ends[i];
                }
                out.flush();
            } catch (IOException e) {
                failed = true;
                LOG.warn("the trace ends here: {}", e.toString());
            }
        }

        private static String quote(String s) {
            StringBuilder out = new StringBuilder("\"");
            for (char c : s.toCharArray()) {
                if (c == '"' || c == '\\') {
                    out.append('\\').append(c);
                } else if (c < ' ') {
                    out.append(String.format("\\u%04x", (int) c));
                } else {
                    out.append(c);
                }
            }
            return out.append('"').toString();
        }
    }
}
