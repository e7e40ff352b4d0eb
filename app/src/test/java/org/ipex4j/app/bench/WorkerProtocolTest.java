package org.ipex4j.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WorkerProtocolTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private WorkerProtocol protocol(String commands) {
        return new WorkerProtocol(
                new ByteArrayInputStream(commands.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    private List<String> answers() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void trainingAnswersLossesTimesAndGrowth() throws Exception {
        AtomicLong steps = new AtomicLong();
        protocol("check 2\nrun 3\ngrow 4\nquit\n")
                .train(() -> 8.0 / steps.incrementAndGet(), () -> 100 * steps.get());
        List<String> a = answers();
        assertThat(a).hasSize(6);
        assertThat(a.get(0)).isEqualTo("@ready");
        assertThat(a.get(1)).startsWith("@fact first ");
        assertThat(a.get(2)).isEqualTo("@losses 8.0 4.0");
        assertThat(a.get(3).split(" ")).hasSize(4);
        assertThat(MemoryGrowth.parse(a.get(4).substring("@growth".length())).arrays())
                .isEqualTo(100);
        assertThat(a.get(5)).startsWith("@rss ");
        assertThat(steps).hasValue(9);
    }

    @Test
    void aWorkerThatInfersKnowsNoLosses() throws Exception {
        protocol("run 2\n").serve(() -> {});
        assertThat(answers().get(1)).startsWith("@times ");
        assertThatThrownBy(() -> protocol("check 1\n").serve(() -> {}))
                .hasMessageContaining("check");
    }

    @Test
    void garbageAndHeapAreToldApart() throws Exception {
        int size = 1 << 20;
        List<byte[]> kept = new ArrayList<>();
        MemoryGrowth g =
                MemoryGrowth.measure(
                        () -> {
                            kept.add(new byte[size]);
                            return new byte[size].length;
                        },
                        () -> 0,
                        8);
        assertThat(g.garbage()).isBetween(2.0 * size, 4.0 * size);
        assertThat(g.heap()).isBetween(0.5 * size, 1.5 * size);
        assertThat(g.arrays()).isZero();
        assertThat(kept).hasSize(8);
        MemoryGrowth round = new MemoryGrowth(-4096.5, 0, 12, 1e9);
        assertThat(MemoryGrowth.parse(round.format())).isEqualTo(round);
    }
}
