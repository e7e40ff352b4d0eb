package org.ipex4j.app.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.runtime.memory.LiveBytes;
import org.ipex4j.zoo.data.Cifar10;
import org.ipex4j.zoo.data.DataPosition;
import org.ipex4j.zoo.data.DrawnPictures;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop, with a learner that only notes what it is given. */
class TrainingLoopTest {
    /** 7 batches of 8, the last one of 5. */
    private static final int PICTURES = 53;

    @TempDir static Path dir;
    private static Path root;

    private NDManager manager;
    private final List<List<?>> batches = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private int nanAt = -1;
    private int updates;

    @BeforeAll
    static void draw() throws IOException {
        root = DrawnPictures.write(dir, PICTURES, 3, 1);
    }

    @BeforeEach
    void open() {
        manager = IpexEngine.instance().newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static Cifar10 data() throws IOException {
        Cifar10 data = Cifar10.builder().optRoot(root).optSeed(6).setSampling(8, true).build();
        data.prepare(null);
        return data;
    }

    private final class Events implements TrainingLoop.Events {
        @Override
        public void stepped(int step, Score score, double seconds) {
            assertThat(seconds).isPositive();
        }

        @Override
        public void evaluate(int step) {
            events.add("evaluate " + step);
        }

        @Override
        public void save(int step) {
            events.add("save " + step);
        }
    }

    private final class Noting implements TrainingLoop.Learner {
        @Override
        public Score gradients(Batch batch) {
            batches.add(batch.getIndices());
            boolean nan = batches.size() == nanAt;
            return new Score(nan ? Double.NaN : 2.0 * batch.getSize(), 1, batch.getSize());
        }

        @Override
        public void update() {
            updates++;
        }

        @Override
        public String firstNotFinite(Batch batch) {
            assertThat(batch.getData().head().isReleased()).isFalse();
            return "it is aten.log";
        }
    }

    private Progress run(Cifar10 data, Progress progress, int steps, BooleanSupplier stop)
            throws Exception {
        new TrainingLoop(data, manager, steps, true)
                .run(progress, new Noting(), new Events(), stop);
        return progress;
    }

    private static Progress start() {
        return new Progress(0, new LearningCurve());
    }

    @Test
    void epochsFollowOneAnother() throws Exception {
        Cifar10 data = data();
        assertThat(TrainingLoop.stepsPerEpoch(data, 8)).isEqualTo(7);
        Progress p = run(data, start(), 17, () -> false);
        assertThat(p.step).isEqualTo(17);
        assertThat(batches).hasSize(17);
        assertThat(batches.get(6)).hasSize(5);
        assertThat(batches.subList(7, 14)).isNotEqualTo(batches.subList(0, 7));
        assertThat(p.curve.training()).hasSize(17);
        assertThat(p.curve.training().getFirst().loss()).isEqualTo(2);
        assertThat(data.position()).isEqualTo(new DataPosition(6, 2, 24));
        assertThat(events)
                .isEqualTo(
                        List.of(
                                "evaluate 4",
                                "save 7",
                                "evaluate 8",
                                "evaluate 12",
                                "save 14",
                                "evaluate 16"));
    }

    @Test
    void aStopIsHeededBeforeTheNextBatchAndResumingGoesOnThere() throws Exception {
        run(data(), start(), 17, () -> false);
        List<List<?>> whole = List.copyOf(batches);
        for (int at : new int[] {0, 3, 7, 10}) {
            batches.clear();
            Cifar10 first = data();
            Progress p = run(first, start(), 17, () -> batches.size() == at);
            assertThat(p.step).isEqualTo(at);
            DataPosition position = first.position();
            Cifar10 second = data();
            second.seek(position);
            run(second, new Progress(p.step, LearningCurve.of(p.curve.toText())), 17, () -> false);
            assertThat(batches).isEqualTo(whole);
        }
    }

    @Test
    void aLossThatIsNotANumberEndsTheRun() throws Exception {
        nanAt = 5;
        Progress p = start();
        assertThatThrownBy(() -> run(data(), p, 17, () -> false))
                .isInstanceOf(NotFiniteException.class)
                .hasMessage("step 5: the loss is NaN; it is aten.log");
        assertThat(p.step).isEqualTo(4);
        assertThat(updates).isEqualTo(4);
        assertThat(events).doesNotContain("save 7");
    }

    @Test
    void memoryGoesBackHoweverItEnds() throws Exception {
        Cifar10 data = data();
        run(data, start(), 14, () -> false);
        batches.clear();
        long before = LiveBytes.settled();
        run(data, start(), 17, () -> batches.size() == 9);
        nanAt = batches.size() + 2;
        assertThatThrownBy(() -> run(data, start(), 9, () -> false))
                .isInstanceOf(NotFiniteException.class);
        // A fetch may be under way when its pass is closed; it gives back what it has when it ends.
        for (int i = 0; i < 200 && LiveBytes.now() != before; i++) {
            Thread.sleep(10);
        }
        assertThat(LiveBytes.now()).isEqualTo(before);
    }
}
