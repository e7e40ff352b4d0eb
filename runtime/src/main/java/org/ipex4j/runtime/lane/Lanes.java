package org.ipex4j.runtime.lane;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.ipex4j.runtime.natives.NativeLibraries;
import org.ipex4j.runtime.natives.OpenMp;

/**
 * A fixed number of threads on which all parallel work runs, each with an OpenMP team of its own.
 * libgomp keeps a team for every thread that ever opened a parallel region; were callers to run
 * plans on their own threads, their teams together would outnumber the cores and stall each other.
 *
 * <p>Callers hand work over and wait. Both sides look for the other a few microseconds before they
 * sleep. Work handed over from a lane runs where it is.
 */
public final class Lanes implements AutoCloseable {
    /** How long a caller looks whether a sleeping lane has taken its work. */
    private static final long START_SPIN_NANOS = 100_000;

    /**
     * How long it looks for its result then: longer would keep a core from the team that makes it.
     */
    private static final long RESULT_SPIN_NANOS = 5_000;

    /** How long an idle lane looks for work. */
    private static final long LANE_SPIN_NANOS = 50_000;

    private static final long YIELD_NANOS = 2_000;
    private static final long STACK_BYTES = 8L << 20;

    private final int threadsPerLane;
    private final List<Lane> lanes = new ArrayList<>();
    private final ConcurrentLinkedQueue<Job<?>> queue = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    /** Work with a result; {@code E} is what it may throw. */
    @FunctionalInterface
    public interface Task<T, E extends Exception> {
        T run() throws E;
    }

    /**
     * Starts the threads.
     *
     * @param count number of lanes
     * @param threadsPerLane threads of a lane's parallel regions, itself included
     */
    public Lanes(int count, int threadsPerLane) {
        if (count < 1 || threadsPerLane < 1) {
            throw new IllegalArgumentException(
                    "lanes and threads must be at least 1, got "
                            + count
                            + " lanes of "
                            + threadsPerLane
                            + " threads");
        }
        this.threadsPerLane = threadsPerLane;
        for (int i = 0; i < count; i++) {
            Lane lane = new Lane(i);
            lanes.add(lane);
            lane.start();
        }
    }

    public int count() {
        return lanes.size();
    }

    /** Threads of one lane's parallel regions. */
    public int threadsPerLane() {
        return threadsPerLane;
    }

    /** Whether the calling thread is a lane. */
    public static boolean onLane() {
        return Thread.currentThread() instanceof Lane;
    }

    /**
     * Runs a task on a lane and waits for it. An interrupt does not cut the waiting short, as the
     * task may be using the caller's tensors; the thread's interrupt status stays set.
     *
     * @return the task's result
     * @throws E what the task threw; the caller's stack is added as a suppressed exception
     * @throws IllegalStateException if the lanes are closed
     */
    public <T, E extends Exception> T call(Task<T, E> task) throws E {
        if (onLane()) {
            return task.run();
        }
        Job<T> job = new Job<>(task);
        queue.add(job);
        if (closed && queue.remove(job)) {
            throw new IllegalStateException("the lanes are closed");
        }
        wakeOne();
        return job.<E>await();
    }

    /**
     * Runs small work on the calling thread, whose parallel regions (in oneDNN, say) have one
     * thread then.
     */
    public static <T, E extends Exception> T inline(Task<T, E> task) throws E {
        if (!onLane()) {
            // Each time: a virtual thread may have moved to another carrier since.
            OpenMp.setThreads(1);
        }
        return task.run();
    }

    /** Lets the other side go on; after some time it may be waiting for this very processor. */
    private static void relax(long waitedNanos) {
        if (waitedNanos < YIELD_NANOS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    private void wakeOne() {
        for (Lane lane : lanes) {
            if (lane.sleeping.compareAndSet(true, false)) {
                LockSupport.unpark(lane);
                return;
            }
        }
    }

    /** Takes no more work, finishes what was taken, and waits for the threads to end. */
    @Override
    public void close() {
        closed = true;
        for (Lane lane : lanes) {
            LockSupport.unpark(lane);
        }
        if (onLane()) {
            return; // It cannot wait for itself; the threads end on their own.
        }
        boolean interrupted = false;
        for (Lane lane : lanes) {
            while (lane.isAlive()) {
                try {
                    lane.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Lane extends Thread {
        final AtomicBoolean sleeping = new AtomicBoolean();

        Lane(int index) {
            super(null, null, "ipex-lane-" + index, STACK_BYTES);
            setDaemon(true);
        }

        @Override
        public void run() {
            Throwable broken = null;
            try {
                NativeLibraries
                        .openmp(); // First, as a class that failed to initialise does not say why.
                OpenMp.setDynamic(false);
                OpenMp.setThreads(threadsPerLane);
            } catch (Throwable t) {
                broken = t; // No OpenMP, no work: every caller is told why.
            }
            for (Job<?> job; (job = next()) != null; ) {
                job.run(broken);
            }
        }

        /** The next job; null when closed and all is done. */
        private Job<?> next() {
            while (true) {
                long start = System.nanoTime();
                long waited = 0;
                do {
                    Job<?> job = queue.poll();
                    if (job != null) {
                        return job;
                    }
                    relax(waited);
                    waited = System.nanoTime() - start;
                } while (!closed && waited < LANE_SPIN_NANOS);
                sleeping.set(true);
                // Whoever added a job before it could see the flag must be noticed here.
                if (queue.isEmpty()) {
                    if (closed) {
                        return null;
                    }
                    LockSupport.park(Lanes.this);
                }
                sleeping.set(false);
            }
        }
    }

    private static final class Job<T> {
        private static final int QUEUED = 0;
        private static final int RUNNING = 1;
        private static final int DONE = 2;
        private static final int FAILED = 3;

        private final Task<T, ?> task;
        private final Thread caller = Thread.currentThread();
        private T result;
        private Throwable failure;
        private volatile int state = QUEUED;
        private volatile boolean sleeping;

        Job(Task<T, ?> task) {
            this.task = task;
        }

        void run(Throwable broken) {
            state = RUNNING;
            int end = DONE;
            try {
                if (broken != null) {
                    throw new IllegalStateException(
                            "the lane has no OpenMP runtime: " + broken.getMessage(), broken);
                }
                result = task.run();
            } catch (Throwable t) {
                failure = t;
                end = FAILED;
            }
            state = end;
            if (sleeping) {
                LockSupport.unpark(caller);
            }
        }

        @SuppressWarnings("unchecked") // Besides E a task throws only unchecked exceptions.
        <E extends Exception> T await() throws E {
            spin(QUEUED, START_SPIN_NANOS);
            spin(RUNNING, RESULT_SPIN_NANOS);
            if (state <= RUNNING) {
                sleep();
            }
            if (state == FAILED) {
                failure.addSuppressed(new CalledFrom(caller.getName()));
                if (failure instanceof Error e) {
                    throw e;
                }
                throw (E) failure;
            }
            return result;
        }

        private void spin(int whileIn, long nanos) {
            long start = System.nanoTime();
            for (long waited = 0;
                    state == whileIn && waited < nanos;
                    waited = System.nanoTime() - start) {
                relax(waited);
            }
        }

        private void sleep() {
            boolean interrupted = false;
            sleeping = true;
            while (state <= RUNNING) {
                LockSupport.park(this);
                // An interrupt makes park return at once for ever after, unless it is cleared.
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Shows, in an exception from a lane, where the work was handed over. */
    private static final class CalledFrom extends Exception {
        private static final long serialVersionUID = 1L;

        CalledFrom(String thread) {
            super("handed to a lane by thread '" + thread + "'");
        }
    }
}
