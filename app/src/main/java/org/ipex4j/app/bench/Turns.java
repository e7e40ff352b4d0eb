package org.ipex4j.app.bench;

import java.io.IOException;
import java.util.Map;

/**
 * How workers take turns, so that what else the machine does falls on each alike.
 *
 * @param rounds turns of each worker
 * @param seconds about how long one turn takes
 */
record Turns(int rounds, double seconds) {
    /** Runs in one turn, however short they are. */
    private static final int MOST = 1000;

    /** How often a worker that takes this long a run does so in one turn. */
    int runs(double milliseconds) {
        return (int) Math.max(1, Math.min(MOST, Math.round(seconds * 1000 / milliseconds)));
    }

    /**
     * Runs the workers in turn; their times are kept.
     *
     * @param runs of each worker in one turn, in the order of turns
     */
    void take(Map<WorkerProcess, Integer> runs) throws IOException {
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<WorkerProcess, Integer> e : runs.entrySet()) {
                e.getKey().run(e.getValue());
            }
        }
    }

    /** Finds by a few runs, which are not kept, how many make one turn of a worker. */
    int probe(WorkerProcess worker, int probes) throws IOException {
        double once = Statistics.of(worker.run(probes)).least();
        worker.times().clear();
        return runs(once);
    }
}
