package org.ipex4j.app.train;

import java.net.URI;
import java.nio.file.Path;
import org.ipex4j.app.Precision;
import org.ipex4j.zoo.data.Cifar10Archive;
import picocli.CommandLine.Option;

/** The command line of {@code ipex train}. What is not given is null. */
final class TrainOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "CIFAR-10's binary files (data_batch_1.bin ...). Without: drawn pictures of ten kinds.")
    Path data;

    @Option(
            names = "--download",
            description =
                    "Fetches CIFAR-10 into --data (default: the cache directory), unless it is there.")
    boolean download;

    @Option(
            names = "--url",
            description = "Where --download fetches from (default: ${DEFAULT-VALUE}).")
    URI url = Cifar10Archive.PUBLISHED;

    @Option(
            names = "--md5",
            description = "Checksum of what --download fetches (default: ${DEFAULT-VALUE}).")
    String md5 = Cifar10Archive.MD5;

    @Option(names = "--model", description = "Model, by torchvision's name (default: resnet50).")
    String model;

    @Option(names = "--image-size", description = "Pixels on each side (default: 64).")
    Integer imageSize;

    @Option(names = "--batch-size", description = "Pictures per step (default: 32).")
    Integer batchSize;

    @Option(names = "--epochs", description = "Passes over the training pictures (default: 1).")
    Integer epochs;

    @Option(names = "--steps", description = "Steps of the whole run, instead of --epochs.")
    Integer steps;

    @Option(names = "--lr", description = "Highest learning rate (default: 0.01).")
    Float rate;

    @Option(names = "--momentum", description = "Momentum of SGD (default: 0.9).")
    Float momentum;

    @Option(names = "--weight-decay", description = "Weight decay (default: 0.0001).")
    Float weightDecay;

    @Option(
            names = "--warm-up",
            description =
                    "Steps in which the learning rate rises; it falls along a cosine afterwards (default: 10).")
    Integer warmUp;

    @Option(names = "--seed", description = "Of weights, order and drawn pictures (default: 1).")
    Long seed;

    @Option(names = "--eager", description = "Trains op by op instead of compiled.")
    boolean eager;

    @Option(
            names = "--compare",
            paramLabel = "STEPS",
            description =
                    "Steps done both compiled and op by op at the start, to compare (default: ${DEFAULT-VALUE}; 0: none).")
    int compare = 3;

    @Option(
            names = "--resume",
            paramLabel = "FILE",
            description =
                    "Goes on from a checkpoint, with its options; those given here replace them.")
    Path resume;

    @Option(names = "--threads", description = "Threads (default: physical cores).")
    Integer threads;

    @Option(
            names = "--dtype",
            converter = Precision.Converter.class,
            description =
                    "What to compute in: f32, or bf16 by autocast and split weights (default: f32).")
    Precision dtype;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Checkpoint, weights and learning curve (default: ${DEFAULT-VALUE}).")
    Path out = Path.of("ipex-train");

    @Option(
            names = "--stop-on-nan",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Stops when a loss is not a finite number (default: on; --no-stop-on-nan goes on).")
    boolean stopOnNan;

    /** The settings of the run: these options, over a checkpoint's or the defaults. */
    Settings over(Settings base) {
        return new Settings(
                or(model, base.model()),
                or(dtype, base.dtype()),
                or(imageSize, base.imageSize()),
                or(batchSize, base.batchSize()),
                or(epochs, base.epochs()),
                // Epochs that are given replace steps that a checkpoint names.
                steps != null ? steps : epochs != null ? 0 : base.steps(),
                or(rate, base.rate()),
                or(momentum, base.momentum()),
                or(weightDecay, base.weightDecay()),
                or(warmUp, base.warmUp()),
                or(seed, base.seed()),
                base.trainPictures(),
                base.testPictures());
    }

    private static <T> T or(T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    /** Checks what a run's settings do not hold. */
    void check() {
        if (threads != null && threads < 1) {
            throw new IllegalArgumentException("--threads " + threads + ": expected at least 1");
        }
        if (steps != null && steps < 1) {
            throw new IllegalArgumentException("--steps " + steps + ": expected at least 1");
        }
        if (compare < 0) {
            throw new IllegalArgumentException("--compare " + compare + ": expected at least 0");
        }
    }
}
