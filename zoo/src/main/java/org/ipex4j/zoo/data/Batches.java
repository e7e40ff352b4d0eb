package org.ipex4j.zoo.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * One pass over a data set, with batches made ready in the background: while one is used, the next
 * ones are fetched, at most as many as the data set's prefetch number. Each fetch is a task of its
 * own, so that nothing waits when a pass is given up; its arithmetic runs on the engine's lanes
 * between the consumer's own. Closing, or reaching the end, closes batches that nobody was given.
 * For one consumer.
 */
final class Batches implements Cifar10.Pass, Iterator<Batch> {
    private final Cifar10 dataset;
    private final NDManager manager;
    private final Sampler sampler;
    private final Iterator<List<Long>> order;
    private final int ahead;
    private final Executor executor;
    private final Deque<Fetch> fetches = new ArrayDeque<>();
    private long progress;
    private boolean closed;

    /** A batch under way, and where the data set stands once it is handed out. */
    private record Fetch(CompletableFuture<Batch> batch, DataPosition after) {}

    /**
     * @param manager the batches' manager is made below it
     * @param ahead batches to fetch in advance; 0: each is fetched when it is asked for
     * @param executor runs the fetches; null: a thread for each
     */
    Batches(Cifar10 dataset, NDManager manager, Sampler sampler, int ahead, Executor executor) {
        this.dataset = dataset;
        this.manager = manager.newSubManager();
        this.manager.setName("batches");
        this.sampler = sampler;
        this.ahead = ahead;
        this.executor =
                executor != null
                        ? executor
                        : task -> Thread.ofPlatform().daemon().name("ipex-batch").start(task);
        order = sampler.sample(dataset);
    }

    @Override
    public Iterator<Batch> iterator() {
        return this;
    }

    @Override
    public boolean hasNext() {
        boolean more = !closed && (!fetches.isEmpty() || order.hasNext());
        if (!more) {
            close();
        }
        return more;
    }

    /**
     * The next batch, the caller's to close.
     *
     * @throws IllegalStateException if reading or transforming it failed, with the cause
     */
    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more batches");
        }
        if (fetches.isEmpty()) {
            fetches.add(fetch(Runnable::run));
        }
        Fetch first = fetches.remove();
        Batch batch;
        try {
            batch = first.batch().join();
        } catch (CompletionException e) {
            close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException("a batch failed: " + cause.getMessage(), cause);
        }
        // Only now, so that the background works while the caller uses this batch and not before.
        while (fetches.size() < ahead && order.hasNext()) {
            fetches.add(fetch(executor));
        }
        if (first.after() != null) {
            ((EpochSampler) sampler).reached(first.after());
        }
        return batch;
    }

    private Fetch fetch(Executor runner) {
        Random random =
                order instanceof EpochSampler.Pass pass ? pass.random() : Seeds.random(0, progress);
        List<Long> records = order.next();
        progress += records.size();
        long done = progress;
        CompletableFuture<Batch> batch =
                CompletableFuture.supplyAsync(() -> make(records, done, random), runner);
        return new Fetch(batch, order instanceof EpochSampler.Pass pass ? pass.position() : null);
    }

    private Batch make(List<Long> records, long done, Random random) {
        NDManager scope = manager.newSubManager();
        try {
            return dataset.batch(scope, records, done, random);
        } catch (IOException | TranslateException e) {
            scope.close();
            throw new CompletionException(e);
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    /**
     * Ends the pass. Batches that were handed out are closed too, as DJL's iterators do; at the
     * latest when fetches that are under way have ended.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        // What is under way keeps its manager until it ends: nothing is pulled from under it.
        CompletableFuture.allOf(
                        fetches.stream().map(Fetch::batch).toArray(CompletableFuture[]::new))
                .whenComplete((_, _) -> manager.close());
        fetches.clear();
    }
}
