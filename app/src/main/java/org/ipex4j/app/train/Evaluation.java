package org.ipex4j.app.train;

import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.ipex4j.zoo.data.Cifar10;

/** How well a model tells held-out pictures apart. */
final class Evaluation {
    private Evaluation() {}

    /**
     * @param most pictures to look at, rounded up to whole batches
     */
    static Score run(Training training, Cifar10 heldOut, long most)
            throws IOException, TranslateException {
        Score score = Score.NONE;
        try (Cifar10.Pass pass = heldOut.pass(training.manager())) {
            Iterator<Batch> batches = pass.iterator();
            while (score.pictures() < most && batches.hasNext()) {
                try (Batch batch = batches.next()) {
                    score =
                            score.plus(
                                    Score.of(
                                            training.infer(batch),
                                            batch.getLabels().singletonOrThrow()));
                }
            }
        }
        return score;
    }

    /** Says what the model takes the first pictures for. */
    static void show(Training training, Cifar10 heldOut, int pictures, PrintWriter out)
            throws IOException, TranslateException {
        List<String> names = heldOut.classNames();
        try (Cifar10.Pass pass = heldOut.pass(training.manager());
                Batch batch = pass.iterator().next()) {
            NDArray likely = training.infer(batch).softmax(1);
            float[] p = likely.toFloatArray();
            long[] labels = batch.getLabels().singletonOrThrow().toLongArray();
            for (int n = 0; n < Math.min(pictures, labels.length); n++) {
                int best = 0;
                for (int c = 1; c < names.size(); c++) {
                    best = p[n * names.size() + c] > p[n * names.size() + best] ? c : best;
                }
                out.printf(
                        Locale.ROOT,
                        "  a %-12s is taken for a %-12s (%.1f %%)%n",
                        names.get((int) labels[n]),
                        names.get(best),
                        100 * p[n * names.size() + best]);
            }
        }
    }
}
