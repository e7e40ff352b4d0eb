package org.ipex4j.zoo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.Dataset.Usage;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.SequenceSampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.api.Test;

class Cifar10Test extends DataTest {
    private static Cifar10.Builder builder() {
        return Cifar10.builder().optRoot(root);
    }

    @Test
    void recordsArePicturesAndLabels() throws IOException {
        Cifar10 data = builder().setSampling(8, false).build();
        data.prepare(null);
        assertThat(data.size()).isEqualTo(TRAIN);
        assertThat(data.classNames()).hasSize(10).contains("disc");
        CifarFiles files = CifarFiles.open(root, CifarFiles.TRAIN);
        for (int i : new int[] {0, 11, 52}) {
            Record r = data.get(manager, i);
            NDArray picture = r.getData().singletonOrThrow();
            assertThat(picture.getShape()).isEqualTo(new Shape(32, 32, 3));
            assertThat(picture.getDataType()).isEqualTo(DataType.UINT8);
            NDArray label = r.getLabels().singletonOrThrow();
            assertThat(label.getShape()).isEqualTo(new Shape());
            assertThat(label.getLong()).isEqualTo(files.label(i));
            java.nio.ByteBuffer pixels = java.nio.ByteBuffer.allocate(CifarFiles.PIXELS);
            files.copyPixels(i, pixels);
            assertThat(picture.transpose(2, 0, 1).toByteArray()).isEqualTo(pixels.array());
        }
        assertThatThrownBy(() -> data.get(manager, TRAIN))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("53");
    }

    @Test
    void batchesHoldEveryRecordOnceAndALastSmallerOne() throws IOException, TranslateException {
        Cifar10 data = builder().setSampling(8, true).build();
        Set<Object> seen = new HashSet<>();
        int batches = 0;
        CifarFiles files = CifarFiles.open(root, CifarFiles.TRAIN);
        for (Batch b : data.getData(manager)) {
            int size = batches++ == 6 ? 5 : 8;
            assertThat(b.getSize()).isEqualTo(size);
            assertThat(b.getData().singletonOrThrow().getShape())
                    .isEqualTo(new Shape(size, 32, 32, 3));
            assertThat(b.getProgress()).isEqualTo(Math.min(8L * batches, TRAIN));
            assertThat(b.getProgressTotal()).isEqualTo(TRAIN);
            long[] labels = b.getLabels().singletonOrThrow().toLongArray();
            for (int i = 0; i < size; i++) {
                long index = (Long) b.getIndices().get(i);
                seen.add(index);
                assertThat(labels[i]).isEqualTo(files.label((int) index));
            }
            b.close();
        }
        assertThat(batches).isEqualTo(7);
        assertThat(seen).hasSize(TRAIN);
    }

    @Test
    void theLastBatchCanBeLeftOut() throws IOException, TranslateException {
        Cifar10 data = builder().setSampling(8, true, true).build();
        assertThat(pass(data.getData(manager))).hasSize(6).allMatch(b -> b.size() == 8);
    }

    @Test
    void limitUsageAndPartsAreHonoured() throws IOException, TranslateException {
        Cifar10 test = builder().optUsage(Usage.TEST).setSampling(3, false).build();
        assertThat(pass(test.getData(manager)))
                .isEqualTo(List.of(List.of(0L, 1L, 2L), List.of(3L, 4L, 5L), List.of(6L)));
        Cifar10 limited = builder().optLimit(10).setSampling(8, false).build();
        limited.prepare(null);
        assertThat(limited.size()).isEqualTo(10);
        assertThat(pass(limited.getData(manager))).hasSize(2);

        RandomAccessDataset part = limited.subDataset(3, 7);
        RandomAccessDataset nested = part.subDataset(List.of(3L, 0L));
        assertThat(part.size()).isEqualTo(4);
        assertThat(label(nested, 0)).isEqualTo(label(limited, 6));
        assertThat(label(nested, 1)).isEqualTo(label(limited, 3));

        RandomAccessDataset[] split = limited.randomSplit(7, 3);
        assertThat(split[0].size()).isEqualTo(7);
        assertThat(split[1].size()).isEqualTo(3);
        assertThat(pass(split[1].getData(manager))).hasSize(1);
    }

    private long label(RandomAccessDataset data, long index) throws IOException {
        return data.get(manager, index).getLabels().singletonOrThrow().getLong();
    }

    @Test
    void shufflesDependOnSeedAndEpochAlone() throws IOException, TranslateException {
        Cifar10 a = builder().setSampling(8, true).optSeed(3).build();
        Cifar10 b = builder().optSeed(3).setSampling(8, true).optPrefetchNumber(0).build();
        Cifar10 other = builder().optSeed(4).setSampling(8, true).build();
        List<List<?>> first = pass(a.getData(manager));
        List<List<?>> second = pass(a.getData(manager));
        assertThat(first).isNotEqualTo(second);
        assertThat(pass(b.getData(manager))).isEqualTo(first);
        assertThat(pass(b.getData(manager))).isEqualTo(second);
        assertThat(pass(other.getData(manager))).isNotEqualTo(first);
    }

    @Test
    void theEnginesSeedServesWhereNoneIsGiven() throws IOException, TranslateException {
        Cifar10 given = builder().setSampling(8, true).optSeed(77).build();
        IpexEngine.instance().setRandomSeed(77);
        Cifar10 byEngine = builder().setSampling(8, true).build();
        IpexEngine.instance().setRandomSeed(78);
        Cifar10 another = builder().setSampling(8, true).build();
        List<List<?>> order = pass(given.getData(manager));
        assertThat(pass(byEngine.getData(manager))).isEqualTo(order);
        assertThat(pass(another.getData(manager))).isNotEqualTo(order);
    }

    @Test
    void aPassIsResumedAtTheSameBatch() throws IOException, TranslateException {
        Cifar10 whole = builder().optSeed(3).setSampling(8, true).build();
        pass(whole.getData(manager));
        List<List<?>> second = pass(whole.getData(manager));
        assertThat(whole.position()).isEqualTo(new DataPosition(3, 2, 0));

        Cifar10 broken = builder().optSeed(3).setSampling(8, true).build();
        pass(broken.getData(manager));
        int n = 0;
        for (Batch b : broken.getData(manager)) {
            b.close();
            if (++n == 4) {
                break;
            }
        }
        DataPosition at = broken.position();
        assertThat(at).isEqualTo(new DataPosition(3, 1, 32));

        Cifar10 resumed = builder().optSeed(99).setSampling(8, true).build();
        resumed.seek(at);
        assertThat(pass(resumed.getData(manager))).isEqualTo(second.subList(4, 7));
        assertThat(resumed.position()).isEqualTo(new DataPosition(3, 2, 0));

        resumed.seek(new DataPosition(3, 0, TRAIN + 1));
        assertThatThrownBy(() -> resumed.getData(manager))
                .hasMessageContaining("record 54 of a data set of 53");
    }

    @Test
    void othersSamplersWorkButHaveNoPosition() throws IOException, TranslateException {
        Cifar10 data = builder().setSampling(new BatchSampler(new SequenceSampler(), 20)).build();
        assertThat(pass(data.getData(manager)))
                .hasSize(3)
                .first()
                .isEqualTo(LongStream.range(0, 20).boxed().toList());
        assertThatThrownBy(data::position).hasMessageContaining("BatchSampler");
    }

    @Test
    void misuseIsToldWhatIsExpected() {
        assertThatThrownBy(() -> Cifar10.builder().setSampling(8, false).build())
                .hasMessageContaining("optRoot");
        assertThatThrownBy(() -> builder().build()).hasMessageContaining("sampler");
        assertThatThrownBy(() -> builder().optUsage(Usage.VALIDATION).setSampling(8, false).build())
                .hasMessageContaining("TRAIN or TEST");
        assertThatThrownBy(() -> builder().setSampling(0, false).build())
                .hasMessageContaining("batch size 0");
        assertThatThrownBy(() -> builder().setSampling(8, false).build().size())
                .hasMessageContaining("prepare()");
    }
}
