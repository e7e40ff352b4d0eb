package org.ipex4j.app.train;

import ai.djl.ndarray.NDArray;

/**
 * How well logits tell the labels of some pictures.
 *
 * @param loss the sum of softmax cross-entropies, in nats
 * @param correct pictures whose highest logit is the label's
 */
record Score(double loss, long correct, long pictures) {
    static final Score NONE = new Score(0, 0, 0);

    /**
     * Of a batch, reckoned on the host in double precision: a few numbers, of which the trainer
     * keeps none.
     *
     * @param logits [N, classes]
     * @param labels INT64 [N]
     */
    static Score of(NDArray logits, NDArray labels) {
        return of(logits.toFloatArray(), labels.toLongArray());
    }

    static Score of(float[] logits, long[] labels) {
        int classes = logits.length / labels.length;
        double loss = 0;
        long correct = 0;
        for (int n = 0; n < labels.length; n++) {
            int from = n * classes;
            int best = 0;
            for (int c = 1; c < classes; c++) {
                best = logits[from + c] > logits[from + best] ? c : best;
            }
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp((double) logits[from + c] - logits[from + best]);
            }
            loss += Math.log(sum) + logits[from + best] - logits[from + (int) labels[n]];
            correct += best == labels[n] ? 1 : 0;
        }
        return new Score(loss, correct, labels.length);
    }

    Score plus(Score other) {
        return new Score(loss + other.loss, correct + other.correct, pictures + other.pictures);
    }

    /** Per picture. */
    double meanLoss() {
        return loss / pictures;
    }

    /** Share of pictures, 0 … 1. */
    double accuracy() {
        return correct / (double) pictures;
    }
}
