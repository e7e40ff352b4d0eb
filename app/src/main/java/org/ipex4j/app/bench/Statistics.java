package org.ipex4j.app.bench;

import java.util.List;

/** Order statistics of measured times. */
record Statistics(double median, double p95, double least) {
    static Statistics of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no measurements");
        }
        List<Double> sorted = values.stream().sorted().toList();
        return new Statistics(at(sorted, 0.5), at(sorted, 0.95), sorted.getFirst());
    }

    private static double at(List<Double> sorted, double quantile) {
        double position = quantile * (sorted.size() - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) + (position - below) * (sorted.get(above) - sorted.get(below));
    }
}
