package org.ipex4j.app.train;

import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.ipex4j.zoo.data.Cifar10;

/**
 * The first steps of a run, done op by op too: from the same weights on the same pictures, so that
 * losses should agree and times can be compared.
 */
final class Comparison {
    private record Step(double loss, double seconds) {}

    private final List<Step> eager = new ArrayList<>();
    private final List<Step> compiled = new ArrayList<>();

    /** Does the steps op by op, with a trainer of their own. */
    static Comparison eager(Settings settings, TrainingData data, int classes, int steps, int of)
            throws IOException, TranslateException {
        Comparison out = new Comparison();
        Cifar10 pictures = data.training();
        try (Training training = new Training(settings, classes, of, false);
                Cifar10.Pass pass = pictures.pass(training.manager())) {
            Iterator<Batch> batches = pass.iterator();
            for (int i = 0; i < steps && batches.hasNext(); i++) {
                long start = System.nanoTime();
                try (Batch batch = batches.next()) {
                    Score score = training.gradients(batch);
                    training.update();
                    out.eager.add(new Step(score.meanLoss(), (System.nanoTime() - start) / 1e9));
                }
            }
        }
        return out;
    }

    /**
     * Takes a step of the compiled run.
     *
     * @return true when this was the last one to compare
     */
    boolean add(double loss, double seconds) {
        if (compiled.size() >= eager.size()) {
            return false;
        }
        compiled.add(new Step(loss, seconds));
        return compiled.size() == eager.size();
    }

    /** Both, side by side. First steps compile; of the others the quickest count. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("compiled and op by op, from the same weights:");
        for (int i = 0; i < compiled.size(); i++) {
            Step c = compiled.get(i);
            Step e = eager.get(i);
            out.append(
                    String.format(
                            Locale.ROOT,
                            "%n  step %d: loss %.5f and %.5f, %.2f s and %.2f s",
                            i + 1,
                            c.loss,
                            e.loss,
                            c.seconds,
                            e.seconds));
        }
        if (compiled.size() > 1) {
            out.append(
                    String.format(
                            Locale.ROOT,
                            "%n  compiled is %.2f times as fast",
                            quickest(eager) / quickest(compiled)));
        }
        return out.toString();
    }

    private static double quickest(List<Step> steps) {
        return steps.stream().skip(1).mapToDouble(Step::seconds).min().orElseThrow();
    }
}
