package org.ipex4j.zoo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.modality.cv.transform.Normalize;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ResizeShort;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Transform;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.Test;

/** Batches made in the background. */
class BatchesTest extends DataTest {
    private static Cifar10.Builder builder() {
        return Cifar10.builder().optRoot(root).optSeed(1).setSampling(8, true);
    }

    /** A transform of batches that tells and decides what happens. */
    private static final class Probe implements Transform {
        final AtomicInteger pictures = new AtomicInteger();
        volatile int failAt = Integer.MAX_VALUE;
        volatile Thread thread;

        @Override
        public NDArray transform(NDArray picture) {
            thread = Thread.currentThread();
            if (pictures.incrementAndGet() >= failAt) {
                throw new IllegalArgumentException("picture refused");
            }
            return picture.duplicate();
        }
    }

    private static List<float[]> values(Iterable<Batch> batches) {
        List<float[]> out = new ArrayList<>();
        for (Batch b : batches) {
            out.add(b.getData().singletonOrThrow().toFloatArray());
            b.close();
        }
        return out;
    }

    @Test
    void theBackgroundChangesNothing() throws IOException, TranslateException {
        ExecutorService executor = Executors.newFixedThreadPool(3);
        List<List<float[]>> runs = new ArrayList<>();
        for (int ahead : new int[] {0, 1, 4}) {
            Cifar10 data =
                    builder()
                            .optPrefetchNumber(ahead)
                            .addTransform(new RandomCrop(32, 4))
                            .addTransform(RandomFlip.leftRight())
                            .addTransform(new ToTensor())
                            .build();
            runs.add(values(data.getData(manager, ahead == 4 ? executor : null)));
        }
        executor.shutdown();
        assertThat(runs.get(0)).hasSize(7);
        for (int b = 0; b < 7; b++) {
            assertThat(runs.get(1).get(b)).isEqualTo(runs.get(0).get(b));
            assertThat(runs.get(2).get(b)).isEqualTo(runs.get(0).get(b));
        }
    }

    @Test
    void pictureByPictureGivesTheSame() throws IOException, TranslateException {
        float[] half = {0.5f, 0.5f, 0.5f};
        Cifar10 batched =
                builder()
                        .addTransform(new Resize(64))
                        .addTransform(new ToTensor())
                        .addTransform(new Normalize(half, half))
                        .build();
        // The same of a square picture, but not known for batches.
        Cifar10 single =
                builder()
                        .addTransform(new ResizeShort(64))
                        .addTransform(new ToTensor())
                        .addTransform(new Normalize(half, half))
                        .build();
        List<float[]> a = values(batched.getData(manager));
        List<float[]> b = values(single.getData(manager));
        assertThat(a).hasSameSizeAs(b);
        for (int i = 0; i < a.size(); i++) {
            assertThat(a.get(i)).isEqualTo(b.get(i));
        }
    }

    @Test
    void oneBatchIsMadeAheadAndNoMore() throws Exception {
        Probe probe = new Probe();
        Cifar10 data = builder().addTransform(probe).build();
        CountDownLatch idle = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        Iterator<Batch> batches = data.getData(manager, executor).iterator();
        assertThat(probe.pictures).hasValue(0);
        batches.next().close();
        executor.execute(idle::countDown);
        assertThat(idle.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(probe.pictures).hasValue(16);
        assertThat(probe.thread).isNotSameAs(Thread.currentThread());
        executor.shutdown();
    }

    @Test
    void aFailureInTheBackgroundReachesTheConsumer() throws Exception {
        Probe probe = new Probe();
        probe.failAt = 20;
        Cifar10 data = builder().addTransform(probe).build();
        Iterator<Batch> batches = data.getData(manager).iterator();
        batches.next().close();
        batches.next().close();
        assertThatThrownBy(batches::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("picture refused")
                .hasRootCauseInstanceOf(IllegalArgumentException.class);
        assertThat(batches.hasNext()).isFalse();
        assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void memoryGoesBackAfterAPassAndAfterClosingEarly() throws Exception {
        Cifar10 data = builder().addTransform(new Resize(64)).addTransform(new ToTensor()).build();
        pass(data.getData(manager));
        long before = LiveBytes.settled();
        pass(data.getData(manager));
        assertThat(LiveBytes.now()).isEqualTo(before);
        for (int n = 0; n < 4; n++) {
            ExecutorService executor = Executors.newSingleThreadExecutor();
            Batches batches = (Batches) data.getData(manager, executor);
            for (int i = 0; i < n; i++) {
                batches.next().close();
            }
            batches.close();
            executor.shutdown();
            assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            assertThat(batches.hasNext()).isFalse();
            assertThat(LiveBytes.now()).isEqualTo(before);
        }
    }

    @Test
    void aPassGivenUpGoesWithItsManager() throws Exception {
        Cifar10 data = builder().addTransform(new ToTensor()).build();
        pass(data.getData(manager));
        long before = LiveBytes.settled();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (NDManager scope = manager.newSubManager()) {
            Iterator<Batch> batches = data.getData(scope, executor).iterator();
            batches.next();
            assertThat(batches.hasNext()).isTrue();
        }
        executor.shutdown();
        assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(LiveBytes.now()).isEqualTo(before);
    }
}
