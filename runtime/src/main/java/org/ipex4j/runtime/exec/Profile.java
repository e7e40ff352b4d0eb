package org.ipex4j.runtime.exec;

import java.util.List;
import java.util.Locale;

/**
 * Times of a plan's steps over some runs.
 *
 * @param runs how many runs were timed
 * @param steps one element per step, in order
 */
public record Profile(int runs, List<StepTime> steps) {
    /**
     * One step.
     *
     * @param kind {@code kernel}, {@code host}, or oneDNN's primitive kind
     * @param implementation a kernel's symbol, or oneDNN's implementation
     * @param seconds mean time of a run
     * @param leastSeconds least time of a run
     * @param flops floating-point operations of a run
     * @param bytes bytes that a run must move
     */
    public record StepTime(
            String label, String kind, String implementation, double seconds, double leastSeconds, double flops,
            double bytes) {}

    /** Sum of the steps' mean times. */
    public double seconds() {
        return steps.stream().mapToDouble(StepTime::seconds).sum();
    }

    /** A table, one line per step. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT, "%d runs, %.3f ms in %d steps%n%10s %10s %6s %9s %8s  %-12s %-28s %s", runs, seconds() * 1e3,
                steps.size(), "mean us", "least us", "share", "GFLOP/s", "GB/s", "kind", "implementation", "ops"));
        for (StepTime s : steps) {
            out.append(String.format(
                    Locale.ROOT, "%n%10.1f %10.1f %5.1f%% %9.1f %8.1f  %-12s %-28s %s", s.seconds * 1e6,
                    s.leastSeconds * 1e6, 100 * s.seconds / seconds(), s.flops / s.seconds * 1e-9,
                    s.bytes / s.seconds * 1e-9, s.kind, s.implementation, s.label));
        }
        return out.toString();
    }
}
