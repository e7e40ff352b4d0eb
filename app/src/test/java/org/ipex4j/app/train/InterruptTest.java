package org.ipex4j.app.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Ctrl-C, in a process of its own. */
class InterruptTest {
    /** Waits to be interrupted, then tells what it still did. */
    public static final class Waiting {
        private Waiting() {}

        public static void main(String[] args) throws InterruptedException {
            try (Interrupt interrupt = new Interrupt()) {
                System.out.println("ready");
                for (int i = 0; i < 3000 && !interrupt.requested(); i++) {
                    Thread.sleep(10);
                }
                Thread.sleep(200);
                System.out.println("saved " + interrupt.requested());
            }
            System.exit(7);
        }
    }

    private static Process start() throws Exception {
        return new ProcessBuilder(
                        List.of(
                                // A background job of a shell ignores the signal, and so would
                                // whatever it starts.
                                "env",
                                "--default-signal=INT",
                                System.getProperty("java.home") + "/bin/java",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Waiting.class.getName()))
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void theRunFinishesItsStepAndTheStatusIsTheSignals() throws Exception {
        Process process = start();
        try (var lines = process.inputReader()) {
            assertThat(lines.readLine()).isEqualTo("ready");
            assertThat(
                            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                                    .start()
                                    .waitFor())
                    .isZero();
            assertThat(lines.readLine()).isEqualTo("saved true");
        }
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
    }

    @Test
    void withoutASignalNothingIsLeft() {
        for (int i = 0; i < 3; i++) {
            try (Interrupt interrupt = new Interrupt()) {
                assertThat(interrupt.requested()).isFalse();
            }
        }
    }
}
