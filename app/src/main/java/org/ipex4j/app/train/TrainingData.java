package org.ipex4j.app.train;

import ai.djl.modality.cv.transform.Normalize;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.training.dataset.Dataset.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ipex4j.runtime.natives.CacheDirectory;
import org.ipex4j.zoo.data.Cifar10;
import org.ipex4j.zoo.data.Cifar10Archive;
import org.ipex4j.zoo.data.Download;
import org.ipex4j.zoo.data.DrawnPictures;

/** The pictures of a run. */
final class TrainingData {
    private static final float[] HALF = {0.5f, 0.5f, 0.5f};

    private final Path root;
    private final Settings settings;

    private TrainingData(Path root, Settings settings) {
        this.root = root;
        this.settings = settings;
    }

    /** Finds, fetches or draws the pictures. */
    static TrainingData find(TrainOptions options, Settings settings, Download.Progress progress)
            throws IOException, InterruptedException {
        Path cache = CacheDirectory.get().resolve("data");
        if (options.download) {
            Path parent = options.data == null ? cache : options.data;
            Path files = Cifar10Archive.fetch(parent, options.url, options.md5, progress);
            return new TrainingData(files, settings);
        }
        if (options.data != null) {
            if (!Files.isDirectory(options.data)) {
                throw new IOException(
                        options.data
                                + ": no such directory; expected one with CIFAR-10's binary files (--download fetches them)");
            }
            return new TrainingData(options.data, settings);
        }
        return new TrainingData(
                DrawnPictures.write(
                        cache, settings.trainPictures(), settings.testPictures(), settings.seed()),
                settings);
    }

    Path root() {
        return root;
    }

    /** Pictures to learn from, shuffled, standing at the beginning. */
    Cifar10 training() throws IOException {
        return open(Usage.TRAIN, settings.batchSize(), true);
    }

    /** Held-out pictures in order. */
    Cifar10 heldOut() throws IOException {
        return open(Usage.TEST, settings.batchSize(), false);
    }

    private Cifar10 open(Usage usage, int batchSize, boolean shuffled) throws IOException {
        Cifar10 data =
                Cifar10.builder()
                        .optRoot(root)
                        .optUsage(usage)
                        .optSeed(settings.seed())
                        .setSampling(batchSize, shuffled)
                        .addTransform(new Resize(settings.imageSize()))
                        .addTransform(new ToTensor())
                        .addTransform(new Normalize(HALF, HALF))
                        .build();
        data.prepare(null);
        return data;
    }
}
