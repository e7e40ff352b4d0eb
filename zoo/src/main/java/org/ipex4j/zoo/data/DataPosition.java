package org.ipex4j.zoo.data;

/**
 * How far a data set was read: enough to go on at the same record in the same order.
 *
 * @param seed of the order
 * @param epoch passes over all records that were finished
 * @param record records of the pass under way that were handed out
 */
public record DataPosition(long seed, int epoch, long record) {
    public DataPosition {
        if (epoch < 0 || record < 0) {
            throw new IllegalArgumentException(
                    "data position: epoch " + epoch + ", record " + record + ": both from 0");
        }
    }
}
