package org.ipex4j.zoo.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Transform;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.stream.IntStream;
import org.ipex4j.engine.IpexEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CIFAR-10 from its published binary files. A record is a picture, bytes [32, 32, 3], and its
 * label, INT64 []; a batch has labels [N] and whatever shape the transforms give its pictures.
 *
 * <pre>{@code
 * Cifar10.builder().optRoot(dir).setSampling(128, true)
 *         .addTransform(new Resize(224)).addTransform(new ToTensor()).addTransform(new Normalize(half, half))
 *         .build();
 * }</pre>
 *
 * Transforms run on whole batches, fused, while the batch before is used. Shuffles and random
 * transforms depend on the seed and the epoch alone; {@link #position()} and {@link #seek} stop and
 * resume.
 */
public final class Cifar10 extends RandomAccessDataset {
    private static final Logger logger = LoggerFactory.getLogger(Cifar10.class);

    private final Path root;
    private final Usage usage;

    /** Which records of the files these are; null: all. */
    private final int[] selection;

    private CifarFiles files;
    private BatchPipeline batchPipeline;
    private boolean perPicture;

    private Cifar10(Builder builder) {
        super(builder);
        root = builder.root;
        usage = builder.usage;
        selection = builder.selection;
        files = builder.files;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Maps and checks the files.
     *
     * @throws IOException if one is missing, cut short, or holds a label above 9: names the file
     *     and the offset
     */
    @Override
    public synchronized void prepare(Progress progress) throws IOException {
        if (files == null) {
            files =
                    CifarFiles.open(
                            root, usage == Usage.TRAIN ? CifarFiles.TRAIN : CifarFiles.TEST);
        }
        if (batchPipeline == null && !perPicture) {
            preparePipeline();
        }
    }

    private void preparePipeline() {
        List<Transform> transforms = pipeline == null ? List.of() : pipeline.getTransforms();
        Optional<Transform> unknown = BatchPipeline.unknown(transforms);
        if (unknown.isPresent()) {
            perPicture = true;
            logger.warn(
                    "Cifar10: the transform {} is not known for batches, so that all transforms run picture by picture; a {} would be fused with those beside it",
                    unknown.get().getClass().getName(),
                    BatchTransform.class.getSimpleName());
        } else if (dataBatchifier != Batchifier.STACK || labelBatchifier != Batchifier.STACK) {
            perPicture = true;
            logger.warn(
                    "Cifar10: batchifiers {} and {} need single pictures, so that all transforms run picture by picture",
                    dataBatchifier.getClass().getName(),
                    labelBatchifier.getClass().getName());
        } else {
            batchPipeline = BatchPipeline.of(transforms);
        }
    }

    private CifarFiles files() throws IOException {
        prepare(null);
        return files;
    }

    /** Names of the classes, by label. */
    public List<String> classNames() throws IOException {
        return files().classNames();
    }

    @Override
    protected synchronized long availableSize() {
        if (selection != null) {
            return selection.length;
        }
        if (files == null) {
            throw new IllegalStateException(
                    "Cifar10: prepare() comes first: the files tell the size");
        }
        return files.size();
    }

    private int record(long index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException("Cifar10: record " + index + " of " + size());
        }
        int i = Math.toIntExact(index);
        return selection == null ? i : selection[i];
    }

    /** A picture, bytes [32, 32, 3], and its label, INT64 []; transforms are not applied. */
    @Override
    public Record get(NDManager manager, long index) throws IOException {
        CifarFiles f = files();
        int record = record(index);
        try (NDArray planes = planes(manager, new int[] {record})) {
            NDArray picture = planes.squeeze(0).transpose(1, 2, 0);
            return new Record(
                    new NDList(picture), new NDList(manager.create((long) f.label(record))));
        }
    }

    /** The pixels of records, bytes [N, 3, 32, 32]. */
    private NDArray planes(NDManager manager, int[] records) {
        ByteBuffer pixels = ByteBuffer.allocate(records.length * CifarFiles.PIXELS);
        for (int r : records) {
            files.copyPixels(r, pixels);
        }
        return manager.create(
                pixels.flip(),
                new Shape(records.length, CifarFiles.CHANNELS, CifarFiles.SIDE, CifarFiles.SIDE),
                DataType.UINT8);
    }

    @Override
    public Iterable<Batch> getData(NDManager manager, Sampler order, ExecutorService executor)
            throws IOException {
        prepare(null);
        return new Batches(this, manager, order, prefetchNumber, executor);
    }

    /** A pass over the data set that can be given up by closing it. */
    public interface Pass extends Iterable<Batch>, AutoCloseable {
        /** Closes batches that nobody was given, and those that were. */
        @Override
        void close();
    }

    /** The next pass: {@code getData} as something to close. */
    public Pass pass(NDManager manager) throws IOException {
        prepare(null);
        return new Batches(this, manager, sampler, prefetchNumber, null);
    }

    /** Pictures in a batch, the last one aside. */
    public int batchSize() {
        return sampler.getBatchSize();
    }

    /** A transformed batch, which owns the manager. */
    Batch batch(NDManager manager, List<Long> indices, long progress, Random random)
            throws IOException, TranslateException {
        NDList data;
        NDList labels;
        if (perPicture) {
            NDList[] pictures = new NDList[indices.size()];
            NDList[] each = new NDList[indices.size()];
            for (int i = 0; i < pictures.length; i++) {
                Record record = get(manager, indices.get(i));
                pictures[i] =
                        pipeline == null ? record.getData() : pipeline.transform(record.getData());
                each[i] = record.getLabels();
            }
            data = dataBatchifier.batchify(pictures);
            labels = labelBatchifier.batchify(each);
            for (int i = 0; i < pictures.length; i++) {
                pictures[i].close();
                each[i].close();
            }
        } else {
            int[] records = indices.stream().mapToInt(this::record).toArray();
            try (NDArray planes = planes(manager, records)) {
                data = new NDList(batchPipeline.run(manager, planes, random));
            }
            labels =
                    new NDList(
                            manager.create(
                                    IntStream.of(records).mapToLong(files::label).toArray()));
        }
        if (targetPipeline != null) {
            labels = targetPipeline.transform(labels);
        }
        if (device != null) {
            data = data.toDevice(device, false);
            labels = labels.toDevice(device, false);
        }
        return new Batch(
                manager,
                data,
                labels,
                indices.size(),
                dataBatchifier,
                labelBatchifier,
                progress,
                size(),
                indices);
    }

    private EpochSampler epochSampler() {
        if (sampler instanceof EpochSampler e) {
            return e;
        }
        throw new IllegalStateException(
                "Cifar10: the position is known with setSampling(batchSize, ...) or an EpochSampler, not with "
                        + sampler.getClass().getName());
    }

    /** After the last batch that was handed out, for {@link #seek} of a later process. */
    public DataPosition position() {
        return epochSampler().position();
    }

    /** Makes the next {@code getData} begin here, in the order of the position's seed. */
    public void seek(DataPosition position) {
        epochSampler().seek(position);
    }

    @Override
    protected RandomAccessDataset newSubDataset(int[] indices, int from, int to) {
        return select(IntStream.range(from, to).map(i -> record(indices[i])).toArray());
    }

    @Override
    protected RandomAccessDataset newSubDataset(List<Long> subIndices) {
        return select(subIndices.stream().mapToInt(this::record).toArray());
    }

    private Cifar10 select(int[] records) {
        Builder b = new Builder();
        b.root = root;
        b.usage = usage;
        b.files = files;
        b.selection = records;
        // Each has a position of its own.
        b.setSampling(sampler instanceof EpochSampler e ? e.startOver() : sampler);
        b.optDataBatchifier(dataBatchifier).optLabelBatchifier(labelBatchifier);
        b.optPipeline(pipeline).optTargetPipeline(targetPipeline);
        b.optPrefetchNumber(prefetchNumber).optDevice(device);
        return b.build();
    }

    /** Makes a {@link Cifar10}. Root and sampling must be set. */
    public static final class Builder extends BaseBuilder<Builder> {
        private Path root;
        private Usage usage = Usage.TRAIN;
        private Long seed;
        private int[] selection;
        private CifarFiles files;
        private EpochOrder order;

        private Builder() {
            prefetchNumber = 1;
        }

        private record EpochOrder(int batchSize, boolean random, boolean dropLast) {}

        @Override
        protected Builder self() {
            return this;
        }

        /** Where the files are: {@code data_batch_1.bin} …, or the archive's directory of them. */
        public Builder optRoot(Path value) {
            root = value;
            return this;
        }

        /** {@code TRAIN} (the default) or {@code TEST}. */
        public Builder optUsage(Usage value) {
            usage = value;
            return this;
        }

        /**
         * Of shuffles and random transforms (default: what the engine's {@code setRandomSeed} was
         * given before the data set is built, or else 0).
         */
        public Builder optSeed(long value) {
            seed = value;
            return this;
        }

        private long seed() {
            Integer engines = IpexEngine.instance().getSeed();
            return seed != null ? seed : engines != null ? engines : 0;
        }

        @Override
        public Builder setSampling(int batchSize, boolean random, boolean dropLast) {
            order = new EpochOrder(batchSize, random, dropLast);
            sampler = null;
            return this;
        }

        @Override
        public Builder setSampling(Sampler value) {
            order = null;
            return super.setSampling(value);
        }

        @Override
        public Sampler getSampler() {
            if (sampler == null && order != null) {
                return new EpochSampler(order.batchSize, order.random, order.dropLast, seed());
            }
            return super.getSampler();
        }

        /**
         * @throws IllegalArgumentException if the usage is {@code VALIDATION}, which CIFAR-10 does
         *     not have
         */
        public Cifar10 build() {
            Objects.requireNonNull(root, "Cifar10: optRoot must say where the files are");
            if (usage == Usage.VALIDATION) {
                throw new IllegalArgumentException(
                        "Cifar10: there are no pictures for validation; expected TRAIN or TEST, or a part of TRAIN by randomSplit");
            }
            return new Cifar10(this);
        }
    }
}
