package org.ipex4j.runtime.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InParallelTest {
    @Test
    void doesEveryItemOnce() {
        for (int n : new int[] {0, 1, 7, 8, 100}) {
            ConcurrentLinkedQueue<Integer> done = new ConcurrentLinkedQueue<>();
            InParallel.each(IntStream.range(0, n).boxed().toList(), 3, done::add);
            assertThat(done)
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, n).boxed().toList());
        }
    }

    @Test
    void worksOnSeveralThreadsAtOnce() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        CountDownLatch both = new CountDownLatch(2);
        InParallel.each(
                IntStream.range(0, 8).boxed().toList(),
                2,
                i -> {
                    if (threads.add(Thread.currentThread())) {
                        both.countDown();
                    }
                    try {
                        assertThat(both.await(20, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
        assertThat(threads).hasSize(2).contains(Thread.currentThread());
    }

    @Test
    void throwsTheFailureOfAnyThread() {
        assertThatThrownBy(
                        () ->
                                InParallel.each(
                                        IntStream.range(0, 50).boxed().toList(),
                                        4,
                                        i -> {
                                            if (i == 30) {
                                                throw new IllegalArgumentException("item " + i);
                                            }
                                        }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("item 30");
    }
}
