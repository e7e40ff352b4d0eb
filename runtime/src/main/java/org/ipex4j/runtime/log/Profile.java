package org.ipex4j.runtime.log;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Time per step of one plan, summed over its runs. Recording allocates nothing. With {@code
 * IPEX_LOGS=perf} the table is logged after runs 1, 10, 100 and so on, and with {@code
 * ai.djl.ipex.trace=FILE} each step goes to a Chrome trace file.
 */
public final class Profile {
    /**
     * What is known of a step beforehand.
     *
     * @param label ops and block path
     * @param kind {@code kernel}, {@code library} or {@code host}, with the implementation if known
     * @param flops floating-point operations
     * @param bytes bytes that must move
     */
    public record Step(String label, String kind, double flops, double bytes) {}

    private final String name;
    private final List<Step> steps;
    private final long[] total;
    private final long[] least;
    private long runs;
    private long nextTable = 1;

    public Profile(String name, List<Step> steps) {
        this.name = name;
        this.steps = List.copyOf(steps);
        this.total = new long[steps.size()];
        this.least = new long[steps.size()];
    }

    /** Whether the user asked for times at all. */
    public static boolean enabled() {
        return Logs.PERF.enabled() || Trace.active() != null;
    }

    /** Adds one run; see {@link #add(long[], int, int)}. */
    public void add(long[] stamps) {
        add(stamps, 0, steps.size());
    }

    /**
     * Adds a stretch of a run; the last one ends it.
     *
     * @param stamps {@link System#nanoTime} before each step, and after the last
     * @param from the first step timed
     * @param to one past the last step timed
     */
    public synchronized void add(long[] stamps, int from, int to) {
        if (stamps.length != steps.size() + 1) {
            throw new IllegalArgumentException(
                    steps.size()
                            + " steps need "
                            + (steps.size() + 1)
                            + " stamps, got "
                            + stamps.length);
        }
        Trace trace = Trace.active();
        for (int i = from; i < to; i++) {
            long nanos = stamps[i + 1] - stamps[i];
            total[i] += nanos;
            least[i] = runs == 0 ? nanos : Math.min(least[i], nanos);
            if (trace != null) {
                Step s = steps.get(i);
                trace.complete(s.label(), s.kind(), stamps[i], stamps[i + 1], s.flops(), s.bytes());
            }
        }
        if (to < steps.size()) {
            return;
        }
        runs++;
        if (runs == nextTable && Logs.PERF.enabled()) {
            nextTable *= 10;
            Logs.PERF.log(table());
        }
    }

    public synchronized long runs() {
        return runs;
    }

    /** Mean nanoseconds of one run. */
    public synchronized double meanNanos() {
        long sum = 0;
        for (long t : total) {
            sum += t;
        }
        return runs == 0 ? 0 : (double) sum / runs;
    }

    /**
     * The steps as a table, the most expensive first, with rates and shares, and a last line of
     * sums.
     */
    public synchronized String table() {
        double n = Math.max(1, runs);
        double sum = meanNanos();
        List<Integer> order = new ArrayList<>();
        double flops = 0;
        double bytes = 0;
        for (int i = 0; i < total.length; i++) {
            order.add(i);
            flops += steps.get(i).flops();
            bytes += steps.get(i).bytes();
        }
        order.sort(Comparator.comparingLong((Integer i) -> -total[i]).thenComparing(i -> i));
        StringBuilder out =
                new StringBuilder(
                        String.format(
                                Locale.ROOT,
                                "%s: %d runs, %.3f ms a run%n",
                                name,
                                runs,
                                sum / 1e6));
        out.append(
                String.format(
                        "%10s %10s %6s %9s %8s  %-24s %s%n",
                        "mean us", "min us", "share", "GFLOP/s", "GB/s", "kind", "step"));
        for (int i : order) {
            Step s = steps.get(i);
            double mean = total[i] / n;
            out.append(
                    line(mean, least[i], sum, s.flops(), s.bytes(), s.kind(), i + " " + s.label()));
        }
        return out.append(line(sum, sum, sum, flops, bytes, "", "all")).toString();
    }

    private static String line(
            double mean,
            double min,
            double sum,
            double flops,
            double bytes,
            String kind,
            String label) {
        double share = sum == 0 ? 0 : 100 * mean / sum;
        double nanos = Math.max(1, mean);
        return String.format(
                Locale.ROOT,
                "%10.1f %10.1f %5.1f%% %9.1f %8.1f  %-24s %s%n",
                mean / 1e3,
                min / 1e3,
                share,
                flops / nanos,
                bytes / nanos,
                kind,
                label);
    }
}
