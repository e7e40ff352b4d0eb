package org.ipex4j.app.train;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import org.ipex4j.zoo.data.Cifar10;

/** Steps through the pictures, epoch after epoch, and says when to evaluate and when to save. */
final class TrainingLoop {
    /** Checkpoints are at most this far apart. */
    private static final long SAVE_NANOS = 300_000_000_000L;

    /** Evaluations in a run of one epoch or less. */
    private static final int EVALUATIONS = 4;

    /** Learns from a batch, which stays the loop's to close. */
    interface Learner {
        /** Forward, loss and backward. */
        Score gradients(Batch batch);

        /** Updates the parameters by the gradients. */
        void update();

        /** Says where in the step of a batch, not updated by yet, a number stops being finite. */
        String firstNotFinite(Batch batch);
    }

    /** What happens between steps. */
    interface Events {
        /**
         * @param seconds that the step took, waiting for its batch included
         */
        void stepped(int step, Score score, double seconds) throws IOException;

        /** Time to look at held-out pictures. */
        void evaluate(int step) throws IOException, TranslateException;

        /** Time to save. */
        void save(int step) throws IOException;
    }

    private final Cifar10 data;
    private final NDManager manager;
    private final int steps;
    private final boolean stopOnNan;

    /**
     * @param data stands where the run goes on
     * @param steps of the whole run
     * @param stopOnNan whether a loss that is not finite ends it
     */
    TrainingLoop(Cifar10 data, NDManager manager, int steps, boolean stopOnNan) {
        this.data = data;
        this.manager = manager;
        this.steps = steps;
        this.stopOnNan = stopOnNan;
    }

    /** Steps of a pass over all pictures, a last smaller batch included. */
    static int stepsPerEpoch(Cifar10 data, int batchSize) {
        return Math.toIntExact((data.size() + batchSize - 1) / batchSize);
    }

    /**
     * Goes on until all steps are done or a stop is asked for. Neither evaluates nor saves at the
     * end.
     *
     * @param stop asked for before each step
     * @throws NotFiniteException for such a loss; its step does not update the parameters
     */
    void run(Progress progress, Learner learner, Events events, BooleanSupplier stop)
            throws IOException, TranslateException {
        int perEpoch = stepsPerEpoch(data, data.batchSize());
        int evaluateEvery = Math.max(1, Math.min(perEpoch, steps / EVALUATIONS));
        long saved = System.nanoTime();
        while (progress.step < steps && !stop.getAsBoolean()) {
            try (Cifar10.Pass pass = data.pass(manager)) {
                Iterator<Batch> batches = pass.iterator();
                // The next batch is asked for only if it will be learnt from: the data's position
                // is the run's.
                while (progress.step < steps && !stop.getAsBoolean() && batches.hasNext()) {
                    long start = System.nanoTime();
                    Score score;
                    try (Batch batch = batches.next()) {
                        score = learner.gradients(batch);
                        if (stopOnNan && !Double.isFinite(score.loss())) {
                            throw new NotFiniteException(
                                    "step "
                                            + (progress.step + 1)
                                            + ": the loss is "
                                            + score.meanLoss()
                                            + "; "
                                            + learner.firstNotFinite(batch));
                        }
                        learner.update();
                    }
                    int step = ++progress.step;
                    progress.curve.train(step, score.meanLoss(), score.accuracy());
                    events.stepped(step, score, (System.nanoTime() - start) / 1e9);
                    if (step < steps && step % evaluateEvery == 0) {
                        events.evaluate(step);
                    }
                    if (step < steps
                            && (step % perEpoch == 0 || System.nanoTime() - saved > SAVE_NANOS)) {
                        events.save(step);
                        saved = System.nanoTime();
                    }
                }
            }
        }
    }
}
