package org.ipex4j.runtime.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ipex4j.runtime.ChildJvm;
import org.junit.jupiter.api.Test;

class LeakLogTest {
    /** Drops one storage and closes another. */
    public static final class Child {
        public static void main(String[] args) throws InterruptedException {
            dropOne();
            Storage.allocate(3 << 20).release();
            long start = System.nanoTime();
            while (Pool.shared().statistics().liveBytes() > 0
                    && System.nanoTime() - start < 10_000_000_000L) {
                System.gc();
                Thread.sleep(10);
            }
            System.out.println("live " + Pool.shared().statistics().liveBytes());
        }

        private static void dropOne() {
            Storage.allocate(2 << 20);
        }
    }

    @Test
    void tellsWhereADroppedStorageWasAllocated() throws Exception {
        String out =
                ChildJvm.finish(
                        ChildJvm.start(
                                Child.class,
                                List.of(
                                        "-Dai.djl.ipex.logs=memory",
                                        "-Dorg.slf4j.simpleLogger.log.org.ipex4j.memory=debug")));
        assertThat(out)
                .contains("2.00 MiB of native memory were dropped without close")
                .contains("LeakLogTest$Child.dropOne")
                .doesNotContain("3.00 MiB of native memory were dropped")
                .contains("live 0");
    }

    @Test
    void saysNothingUnasked() throws Exception {
        assertThat(ChildJvm.finish(ChildJvm.start(Child.class, List.of())))
                .doesNotContain("dropped")
                .contains("live 0");
    }
}
