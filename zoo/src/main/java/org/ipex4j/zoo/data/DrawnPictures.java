package org.ipex4j.zoo.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Pictures drawn from a seed, in CIFAR-10's binary form: ten classes of shapes and textures, each
 * with a usual colour that varies enough to overlap with its neighbours', at any place, size and
 * angle, on noisy backgrounds. For trying to train where no data is at hand.
 */
public final class DrawnPictures {
    /**
     * Changes with what is drawn, so that a directory of an earlier version is not taken for it.
     */
    public static final int VERSION = 2;

    static final List<String> CLASSES =
            List.of(
                    "disc",
                    "ring",
                    "square",
                    "triangle",
                    "cross",
                    "star",
                    "stripes",
                    "checkerboard",
                    "dots",
                    "waves");

    private static final int SIDE = CifarFiles.SIDE;

    /** Samples along each side of a pixel, for smooth edges. */
    private static final int SAMPLES = 3;

    private DrawnPictures() {}

    /**
     * Writes the files, unless they are there already.
     *
     * @param parent gets a directory named after the version, the sizes and the seed
     * @param train pictures for training, shared out among five files
     * @param test held-out pictures
     * @return the directory, for {@link Cifar10.Builder#optRoot}
     */
    public static Path write(Path parent, int train, int test, long seed) throws IOException {
        if (train < CifarFiles.TRAIN.size() || test < 1) {
            throw new IllegalArgumentException(
                    "at least 5 training pictures and 1 held-out one expected, got "
                            + train
                            + " and "
                            + test);
        }
        Path directory =
                parent.resolve("drawn-v" + VERSION + "-" + train + "-" + test + "-" + seed);
        StagedDirectory.create(
                directory,
                staging -> {
                    int files = CifarFiles.TRAIN.size();
                    for (int f = 0; f < files; f++) {
                        int from = (int) ((long) train * f / files);
                        int to = (int) ((long) train * (f + 1) / files);
                        writeFile(staging.resolve(CifarFiles.TRAIN.get(f)), seed, 0, from, to);
                    }
                    writeFile(staging.resolve(CifarFiles.TEST.getFirst()), seed, 1, 0, test);
                    Files.write(staging.resolve(CifarFiles.NAMES), CLASSES);
                });
        return directory;
    }

    private static void writeFile(Path path, long seed, int part, int from, int to)
            throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path))) {
            byte[][] records =
                    IntStream.range(from, to)
                            .parallel()
                            .mapToObj(i -> record(Seeds.random(seed, part, i)))
                            .toArray(byte[][]::new);
            for (byte[] record : records) {
                out.write(record);
            }
        }
    }

    /** A label byte and the picture's three planes. */
    static byte[] record(Random random) {
        int label = random.nextInt(CifarFiles.CLASSES);
        Figure figure = Figure.of(label, random);
        float hue = label / 10f + 0.035f * (float) random.nextGaussian();
        float[] colour =
                rgb(hue, 0.55f + 0.4f * random.nextFloat(), 0.6f + 0.4f * random.nextFloat());
        float[] near =
                rgb(
                        random.nextFloat(),
                        0.35f * random.nextFloat(),
                        0.1f + 0.6f * random.nextFloat());
        float[] far =
                rgb(
                        random.nextFloat(),
                        0.35f * random.nextFloat(),
                        0.1f + 0.6f * random.nextFloat());
        double slope = 2 * Math.PI * random.nextDouble();
        double slopeX = Math.cos(slope) / (1.5 * SIDE);
        double slopeY = Math.sin(slope) / (1.5 * SIDE);
        float noise = 0.05f + 0.15f * random.nextFloat();
        byte[] out = new byte[CifarFiles.RECORD];
        out[0] = (byte) label;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                float covered = figure.coverage(x, y);
                double across = 0.5 + (x - SIDE / 2.0) * slopeX + (y - SIDE / 2.0) * slopeY;
                for (int c = 0; c < CifarFiles.CHANNELS; c++) {
                    double behind = near[c] + (far[c] - near[c]) * across;
                    double value =
                            behind + (colour[c] - behind) * covered + noise * triangular(random);
                    out[1 + (c * SIDE + y) * SIDE + x] =
                            (byte) Math.clamp(Math.round(255 * value), 0, 255);
                }
            }
        }
        return out;
    }

    /** A number in -1 … 1 around 0, from one draw. */
    private static float triangular(Random random) {
        int bits = random.nextInt();
        return ((bits >>> 16) + (bits & 0xffff)) / 65536f - 1;
    }

    /** Hue (any number, 1 is once round), saturation and value to red, green and blue in 0 … 1. */
    private static float[] rgb(float hue, float saturation, float value) {
        float[] out = new float[3];
        for (int c = 0; c < 3; c++) {
            double k = (((5 - 2 * c + 6 * hue) % 6) + 6) % 6;
            out[c] = (float) (value - value * saturation * Math.clamp(Math.min(k, 4 - k), 0, 1));
        }
        return out;
    }

    /** A shape or texture at a place, size and angle. */
    private record Figure(
            int label,
            double centreX,
            double centreY,
            double radius,
            double cosine,
            double sine,
            double extra) {
        /** No figure reaches further from its centre, in radii. */
        private static final double REACH = 1.31;

        static Figure of(int label, Random random) {
            double radius = 8 + 5 * random.nextDouble();
            double angle = 2 * Math.PI * random.nextDouble();
            double room = SIDE / 2.0 - radius + 3;
            return new Figure(
                    label,
                    SIDE / 2.0 + room * (2 * random.nextDouble() - 1),
                    SIDE / 2.0 + room * (2 * random.nextDouble() - 1),
                    radius,
                    Math.cos(angle),
                    Math.sin(angle),
                    random.nextDouble());
        }

        /** How much of a pixel it covers, 0 … 1. */
        float coverage(int x, int y) {
            if (Math.hypot(x + 0.5 - centreX, y + 0.5 - centreY) > REACH * radius + 1) {
                return 0;
            }
            int inside = 0;
            for (int i = 0; i < SAMPLES; i++) {
                for (int j = 0; j < SAMPLES; j++) {
                    double dx = x + (i + 0.5) / SAMPLES - centreX;
                    double dy = y + (j + 0.5) / SAMPLES - centreY;
                    double u = (dx * cosine + dy * sine) / radius;
                    double v = (dy * cosine - dx * sine) / radius;
                    inside += contains(u, v) ? 1 : 0;
                }
            }
            return inside / (float) (SAMPLES * SAMPLES);
        }

        /** Whether a point belongs to it, in its own coordinates: radius 1 round the origin. */
        private boolean contains(double u, double v) {
            double r = Math.hypot(u, v);
            double period = 0.45 + 0.2 * extra;
            return switch (CLASSES.get(label)) {
                case "disc" -> r < 0.9;
                case "ring" -> r < 1 && r > 0.55 + 0.1 * extra;
                case "square" -> Math.max(Math.abs(u), Math.abs(v)) < 0.8;
                case "triangle" -> v > -0.55 && v < 1 - 1.8 * Math.abs(u);
                case "cross" ->
                        Math.min(Math.abs(u), Math.abs(v)) < 0.25
                                && Math.max(Math.abs(u), Math.abs(v)) < 1;
                case "star" -> r < 0.65 + 0.38 * Math.cos(5 * Math.atan2(v, u));
                case "stripes" -> r < 1.3 && Math.floorMod((int) Math.floor(u / period), 2) == 0;
                case "checkerboard" ->
                        r < 1.3
                                && Math.floorMod(
                                                (int)
                                                        (Math.floor(u / period)
                                                                + Math.floor(v / period)),
                                                2)
                                        == 0;
                case "dots" ->
                        r < 1.3
                                && Math.hypot(
                                                u - period * Math.rint(u / period),
                                                v - period * Math.rint(v / period))
                                        < 0.3 * period;
                case "waves" ->
                        r < 1.3
                                && Math.floorMod(
                                                (int)
                                                        Math.floor(
                                                                (u + 0.3 * Math.sin(5 * v))
                                                                        / (0.8 * period)),
                                                2)
                                        == 0;
                default -> throw new AssertionError(CLASSES.get(label));
            };
        }
    }
}
