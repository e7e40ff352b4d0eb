package org.ipex4j.engine.optim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Collects the updates that optimizers ask for on this thread, so that all parameters are updated
 * by one run. Optimizers themselves need not know: DJL's end in {@code NDArrayEx}'s update methods,
 * which hand their work to the open batch.
 */
public final class UpdateBatch implements AutoCloseable {
    private static final ThreadLocal<UpdateBatch> CURRENT = new ThreadLocal<>();

    private final List<Update> updates = new ArrayList<>();

    private final boolean fused;

    private UpdateBatch(boolean fused) {
        this.fused = fused;
    }

    /** {@link #open(boolean)}, fused. */
    public static UpdateBatch open() {
        return open(true);
    }

    /**
     * Opens a batch on this thread.
     *
     * @param fused run as generated kernels, one a parameter; otherwise op by op
     * @throws IllegalStateException if one is open
     */
    public static UpdateBatch open(boolean fused) {
        if (CURRENT.get() != null) {
            throw new IllegalStateException("an update batch is open on this thread");
        }
        UpdateBatch batch = new UpdateBatch(fused);
        CURRENT.set(batch);
        return batch;
    }

    /** Does an update now, or leaves it to the open batch. Takes the update over. */
    static void submit(Update update) {
        UpdateBatch batch = CURRENT.get();
        if (batch != null) {
            batch.updates.add(update);
            return;
        }
        try (update) {
            if (update.maxNorm().isPresent()) {
                throw new IllegalStateException(
                        update.name()
                                + ": clipping by the norm of all gradients needs them at once:"
                                + " step through the engine's trainer, or in an UpdateBatch");
            }
            UpdateGraphs.shared().run(List.of(update), OptionalDouble.empty(), true);
        }
    }

    /** What has been asked for and not yet done, in order; the batch closes them. */
    public List<Update> updates() {
        return List.copyOf(updates);
    }

    /** Does everything collected so far. */
    public void run() {
        // DJL's store has parameters by random ids; in one order, the graph is the same in each
        // process, and the disk has its plan.
        updates.sort(Comparator.comparing(Update::name));
        Map<OptionalDouble, List<Update>> byNorm = new LinkedHashMap<>();
        updates.forEach(u -> byNorm.computeIfAbsent(u.maxNorm(), k -> new ArrayList<>()).add(u));
        byNorm.forEach((norm, some) -> UpdateGraphs.shared().run(some, norm, fused));
        forget();
    }

    private void forget() {
        updates.forEach(Update::close);
        updates.clear();
    }

    /** Drops what was not run. */
    @Override
    public void close() {
        CURRENT.remove();
        forget();
    }
}
