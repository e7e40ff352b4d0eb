package org.ipex4j.runtime.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipex4j.runtime.natives.OpenMp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LanesTest {
    private final Lanes lanes = new Lanes(2, 3);

    @AfterEach
    void close() {
        lanes.close();
    }

    @Test
    void runsOnALaneWithItsTeam() {
        assertThat(Lanes.onLane()).isFalse();
        assertThat(lanes.<Boolean, RuntimeException>call(Lanes::onLane)).isTrue();
        assertThat(lanes.<Integer, RuntimeException>call(OpenMp::threads)).isEqualTo(3);
        assertThat(lanes.<String, RuntimeException>call(() -> Thread.currentThread().getName()))
                .startsWith("ipex-lane-");
    }

    @Test
    void nestedCallsRunWhereTheyAre() {
        boolean same =
                lanes.call(
                        () -> {
                            Thread outer = Thread.currentThread();
                            return lanes.call(() -> Thread.currentThread() == outer);
                        });
        assertThat(same).isTrue();
    }

    @Test
    void smallWorkStaysOnTheCallerWithOneThread() {
        Thread caller = Thread.currentThread();
        assertThat(Lanes.<Thread, RuntimeException>inline(Thread::currentThread)).isSameAs(caller);
        assertThat(Lanes.<Integer, RuntimeException>inline(OpenMp::threads)).isEqualTo(1);
        assertThat(
                        lanes.<Integer, RuntimeException>call(
                                () -> Lanes.<Integer, RuntimeException>inline(OpenMp::threads)))
                .isEqualTo(3);
    }

    @Test
    void exceptionsKeepTheirTypeAndShowBothStacks() {
        assertThatThrownBy(
                        () ->
                                lanes.call(
                                        () -> {
                                            throw new IOException("inside");
                                        }))
                .isInstanceOf(IOException.class)
                .hasMessage("inside")
                .satisfies(
                        e ->
                                assertThat(e.getStackTrace())
                                        .anyMatch(f -> f.getClassName().contains("Lanes$Job")))
                .satisfies(
                        e ->
                                assertThat(e.getSuppressed()[0].getStackTrace())
                                        .anyMatch(
                                                f ->
                                                        f.getMethodName()
                                                                .equals(
                                                                        "exceptionsKeepTheirTypeAndShowBothStacks")));
        assertThatThrownBy(
                        () ->
                                lanes.call(
                                        () -> {
                                            throw new StackOverflowError();
                                        }))
                .isInstanceOf(StackOverflowError.class);
        assertThat(lanes.<Integer, RuntimeException>call(() -> 7)).isEqualTo(7);
    }

    @Test
    void noMoreTasksRunAtOnceThanThereAreLanes() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        AtomicInteger sum = new AtomicInteger();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> jobs = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                int value = i;
                jobs.add(
                        () ->
                                lanes.call(
                                        () -> {
                                            most.accumulateAndGet(
                                                    running.incrementAndGet(), Math::max);
                                            seen.add(Thread.currentThread());
                                            sum.addAndGet(value);
                                            running.decrementAndGet();
                                            return value;
                                        }));
            }
            int i = 0;
            for (Future<Integer> f : callers.invokeAll(jobs)) {
                assertThat(f.get()).isEqualTo(i++);
            }
        }
        assertThat(sum.get()).isEqualTo(1_999_000);
        assertThat(most.get()).isLessThanOrEqualTo(2);
        assertThat(seen).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void bothLanesWork() throws Exception {
        // Each task waits for the other: this ends only if they run at the same time.
        CountDownLatch met = new CountDownLatch(2);
        try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
            Callable<Boolean> meet =
                    () ->
                            lanes.call(
                                    () -> {
                                        met.countDown();
                                        met.await();
                                        return true;
                                    });
            for (Future<Boolean> f : callers.invokeAll(List.of(meet, meet))) {
                assertThat(f.get()).isTrue();
            }
        }
    }

    @Test
    void wakesUpAfterSleeping() throws Exception {
        for (int i = 0; i < 20; i++) {
            Thread.sleep(i % 3);
            assertThat(lanes.<Integer, RuntimeException>call(() -> 1)).isEqualTo(1);
        }
    }

    @Test
    void anInterruptIsKeptButDoesNotCutTheTaskShort() throws Exception {
        AtomicInteger done = new AtomicInteger();
        Thread.currentThread().interrupt();
        lanes.call(
                () -> {
                    Thread.sleep(20);
                    return done.incrementAndGet();
                });
        assertThat(done).hasValue(1);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void closedLanesRefuseWork() {
        Lanes other = new Lanes(1, 1);
        assertThat(other.<Integer, RuntimeException>call(() -> 3)).isEqualTo(3);
        other.close();
        other.close();
        assertThatThrownBy(() -> other.call(() -> 3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void refusesSenselessNumbers() {
        assertThatThrownBy(() -> new Lanes(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Lanes(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
