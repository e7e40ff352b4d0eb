package org.ipex4j.zoo.data;

import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

/**
 * Batches of record numbers, in order or shuffled. The shuffle depends on the seed and the epoch
 * alone. Each call of {@link #sample} is the next epoch, unless {@link #seek} says where to begin.
 */
public final class EpochSampler implements Sampler {
    private final int batchSize;
    private final boolean shuffle;
    private final boolean dropLast;

    private DataPosition next;
    private DataPosition reached;

    /**
     * @param dropLast whether a last batch that is smaller than the rest is left out
     * @param seed of the order, if it is shuffled
     */
    public EpochSampler(int batchSize, boolean shuffle, boolean dropLast, long seed) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch size " + batchSize + ": expected at least 1");
        }
        this.batchSize = batchSize;
        this.shuffle = shuffle;
        this.dropLast = dropLast;
        next = new DataPosition(seed, 0, 0);
        reached = next;
    }

    @Override
    public int getBatchSize() {
        return batchSize;
    }

    @Override
    public Iterator<List<Long>> sample(RandomAccessDataset dataset) {
        return begin(dataset.size());
    }

    /** The next pass over this many records. */
    synchronized Pass begin(long size) {
        DataPosition from = next;
        if (from.record() > size) {
            throw new IllegalStateException(
                    "data position: record "
                            + from.record()
                            + " of a data set of "
                            + size
                            + "; was it another data set?");
        }
        next = new DataPosition(from.seed(), from.epoch() + 1, 0);
        reached = from;
        return new Pass(from, size);
    }

    /** One of the same kind and seed that stands at the beginning. */
    synchronized EpochSampler startOver() {
        return new EpochSampler(batchSize, shuffle, dropLast, next.seed());
    }

    /** After the last batch that a consumer was given. */
    public synchronized DataPosition position() {
        return reached;
    }

    /** Makes the next pass begin here. */
    public synchronized void seek(DataPosition position) {
        next = position;
        reached = position;
    }

    /** Tells that a batch was handed out, and where the next one begins. */
    synchronized void reached(DataPosition position) {
        reached = position;
    }

    /** One pass: lists of record numbers. Not safe for concurrent use. */
    final class Pass implements Iterator<List<Long>> {
        private final long seed;
        private final int epoch;
        private final int[] order;
        private final long end;
        private long at;

        private Pass(DataPosition from, long size) {
            seed = from.seed();
            epoch = from.epoch();
            at = from.record();
            order = order(Math.toIntExact(size));
            // Whole batches are counted from where the pass begins.
            end = dropLast ? at + (size - at) / batchSize * batchSize : size;
        }

        private int[] order(int size) {
            int[] out = new int[size];
            Random random = Seeds.random(seed, epoch);
            for (int i = 0; i < size; i++) {
                int j = shuffle ? random.nextInt(i + 1) : i;
                out[i] = out[j];
                out[j] = i;
            }
            return out;
        }

        @Override
        public boolean hasNext() {
            return at < end;
        }

        @Override
        public List<Long> next() {
            if (!hasNext()) {
                throw new NoSuchElementException("epoch " + epoch + " is over");
            }
            List<Long> batch = new ArrayList<>(batchSize);
            for (int i = 0; i < batchSize && at < end; i++) {
                batch.add((long) order[Math.toIntExact(at++)]);
            }
            return batch;
        }

        /** Where the batch after the last one begins; the next epoch if that was the last. */
        DataPosition position() {
            return hasNext()
                    ? new DataPosition(seed, epoch, at)
                    : new DataPosition(seed, epoch + 1, 0);
        }

        /** Random numbers of the batch that comes next, for transforms. */
        Random random() {
            return Seeds.random(seed, epoch, at, 1);
        }
    }
}
