package org.ipex4j.zoo.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The published binary files, mapped: records of one label byte and 3072 pixel bytes, a plane each
 * of red, green and blue, 32 rows of 32 (https://www.cs.toronto.edu/~kriz/cifar.html). A file may
 * hold any number of whole records; the published ones hold 10000.
 */
final class CifarFiles {
    static final int SIDE = 32;
    static final int CHANNELS = 3;
    static final int PIXELS = CHANNELS * SIDE * SIDE;
    static final int RECORD = 1 + PIXELS;
    static final int CLASSES = 10;

    /** The directory inside the published archive. */
    static final String DIRECTORY = "cifar-10-batches-bin";

    static final String NAMES = "batches.meta.txt";
    static final List<String> TRAIN =
            List.of(
                    "data_batch_1.bin",
                    "data_batch_2.bin",
                    "data_batch_3.bin",
                    "data_batch_4.bin",
                    "data_batch_5.bin");
    static final List<String> TEST = List.of("test_batch.bin");

    private final List<MappedByteBuffer> files;

    /** The number of the first record of each file, and one past the last of all. */
    private final int[] starts;

    private final List<String> classNames;

    private CifarFiles(List<MappedByteBuffer> files, int[] starts, List<String> classNames) {
        this.files = files;
        this.starts = starts;
        this.classNames = classNames;
    }

    /** The directory that holds the files: the given one, or the archive's inside it. */
    static Path directory(Path root) {
        Path inside = root.resolve(DIRECTORY);
        return Files.isDirectory(inside) ? inside : root;
    }

    /**
     * Maps files and checks every record's label.
     *
     * @param root holds the files, or holds {@link #DIRECTORY}
     * @throws IOException if a file is missing, cut short or holds a label above 9: names the file,
     *     the record and the offset
     */
    static CifarFiles open(Path root, List<String> names) throws IOException {
        Path directory = directory(root);
        List<MappedByteBuffer> files = new ArrayList<>();
        int[] starts = new int[names.size() + 1];
        for (int i = 0; i < names.size(); i++) {
            Path path = directory.resolve(names.get(i));
            MappedByteBuffer file = map(path);
            files.add(file);
            starts[i + 1] = Math.addExact(starts[i], file.capacity() / RECORD);
            checkLabels(path, file);
        }
        return new CifarFiles(files, starts, classNames(directory.resolve(NAMES)));
    }

    private static MappedByteBuffer map(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size == 0) {
                throw new IOException(
                        path + ": is empty, expected records of " + RECORD + " bytes");
            }
            long rest = size % RECORD;
            if (rest != 0) {
                throw new IOException(
                        path
                                + ": cut short: record "
                                + size / RECORD
                                + " at offset "
                                + (size - rest)
                                + " has "
                                + rest
                                + " of "
                                + RECORD
                                + " bytes");
            }
            if (size > Integer.MAX_VALUE) {
                throw new IOException(path + ": has " + size + " bytes, more than 2 GiB");
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    path
                            + ": no such file; expected CIFAR-10's binary version ("
                            + String.join(", ", TRAIN)
                            + ", "
                            + String.join(", ", TEST)
                            + ")",
                    e);
        }
    }

    private static void checkLabels(Path path, ByteBuffer file) throws IOException {
        for (int at = 0; at < file.capacity(); at += RECORD) {
            int label = file.get(at) & 0xff;
            if (label >= CLASSES) {
                throw new IOException(
                        path
                                + ": record "
                                + at / RECORD
                                + " at offset "
                                + at
                                + " has label "
                                + label
                                + ", expected 0 to "
                                + (CLASSES - 1));
            }
        }
    }

    private static List<String> classNames(Path path) throws IOException {
        List<String> names;
        try (var lines = Files.lines(path)) {
            names = lines.map(String::strip).filter(line -> !line.isEmpty()).toList();
        } catch (NoSuchFileException e) {
            throw new IOException(path + ": no such file; expected the names of the classes", e);
        }
        if (names.size() != CLASSES) {
            throw new IOException(
                    path + ": names " + names.size() + " classes, expected " + CLASSES);
        }
        return names;
    }

    int size() {
        return starts[starts.length - 1];
    }

    /** Names of the classes, by label. */
    List<String> classNames() {
        return classNames;
    }

    int label(int record) {
        int f = file(record);
        return files.get(f).get((record - starts[f]) * RECORD);
    }

    /** Copies a record's pixels, red, green and blue plane, to where the buffer stands. */
    void copyPixels(int record, ByteBuffer to) {
        int f = file(record);
        to.put(to.position(), files.get(f), (record - starts[f]) * RECORD + 1, PIXELS);
        to.position(to.position() + PIXELS);
    }

    private int file(int record) {
        if (record < 0 || record >= size()) {
            throw new IndexOutOfBoundsException("record " + record + " of " + size());
        }
        int f = 0;
        while (record >= starts[f + 1]) {
            f++;
        }
        return f;
    }
}
