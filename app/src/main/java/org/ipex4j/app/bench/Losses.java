package org.ipex4j.app.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The losses of each worker's first steps, which all began with the same weights and batches. */
final class Losses {
    private final Map<String, List<Double>> byWorker = new LinkedHashMap<>();

    void add(String worker, List<Double> losses) {
        byWorker.put(worker, losses);
    }

    /** What was added. */
    List<Double> of(String worker) {
        return byWorker.get(worker);
    }

    /** The worker that the others are compared with: PyTorch where there is one. */
    Optional<String> reference() {
        return Stream.of("torch", "torch-contiguous", "python-eager", "ipex-eager")
                .filter(byWorker::containsKey)
                .findFirst();
    }

    /**
     * The greatest difference of a worker's losses from the reference's, relative to the
     * reference's; NaN for the reference itself and if there is none.
     */
    double difference(String worker) {
        Optional<String> reference = reference().filter(r -> !r.equals(worker));
        if (reference.isEmpty() || !byWorker.containsKey(worker)) {
            return Double.NaN;
        }
        List<Double> wanted = byWorker.get(reference.get());
        List<Double> got = byWorker.get(worker);
        double greatest = 0;
        for (int i = 0; i < wanted.size(); i++) {
            greatest = Math.max(greatest, Math.abs(got.get(i) / wanted.get(i) - 1));
        }
        return greatest;
    }

    /**
     * Makes sure that all workers train the same thing.
     *
     * @throws IllegalStateException if a loss is not finite, or farther from the reference's than
     *     the tolerance: names the workers and shows all losses
     */
    void requireAgreement(double tolerance) {
        byWorker.forEach(
                (worker, losses) -> {
                    if (!losses.stream().allMatch(Double::isFinite)) {
                        throw new IllegalStateException(
                                "the losses of " + worker + " are not finite:\n" + this);
                    }
                });
        for (String worker : byWorker.keySet()) {
            double d = difference(worker);
            if (d > tolerance) {
                throw new IllegalStateException(
                        String.format(
                                Locale.ROOT,
                                "the losses of %s differ from those of %s by %.1e relative,"
                                        + " tolerated are %.1e: they do not train the same.%n%s",
                                worker,
                                reference().orElseThrow(),
                                d,
                                tolerance,
                                this));
            }
        }
    }

    /** A line per worker. */
    @Override
    public String toString() {
        return byWorker.entrySet().stream()
                .map(
                        e ->
                                String.format(
                                        Locale.ROOT,
                                        "  %-24s %s",
                                        e.getKey(),
                                        e.getValue().stream()
                                                .map(v -> String.format(Locale.ROOT, "%.5f", v))
                                                .collect(Collectors.joining(" "))))
                .collect(Collectors.joining("\n"));
    }
}
