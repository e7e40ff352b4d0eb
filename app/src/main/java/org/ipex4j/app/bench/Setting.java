package org.ipex4j.app.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The files that all workers of one comparison share: weights, the exported graph, input and
 * outputs; in training the pictures and labels of all batches. All files are FP32.
 *
 * @param dtype what workers compute in: {@code f32} or {@code bf16}
 */
record Setting(Path directory, String model, int batch, int threads, String dtype) {
    /** Arguments of a worker before its own. */
    static final int ARGUMENTS = 5;

    /** As a worker's arguments begin: directory, model, batch, threads, dtype. */
    static Setting of(String[] args) {
        return new Setting(
                Path.of(args[0]),
                args[1],
                Integer.parseInt(args[2]),
                Integer.parseInt(args[3]),
                args[4]);
    }

    /** The arguments that {@link #of} reads. */
    List<String> arguments() {
        return List.of(
                directory.toString(),
                model,
                Integer.toString(batch),
                Integer.toString(threads),
                dtype);
    }

    /** The same files for a worker that computes in another type. */
    Setting dtype(String other) {
        return new Setting(directory, model, batch, threads, other);
    }

    boolean isBf16() {
        return dtype.equals("bf16");
    }

    Path weights() {
        return directory.resolve("weights.safetensors");
    }

    Path archive() {
        return directory.resolve("model.pt");
    }

    Path onnx() {
        return directory.resolve("model.onnx");
    }

    Path output(String worker) {
        return directory.resolve("output-" + worker + ".bin");
    }

    /** A tensor as rank, sizes (64 bits each) and FP32 elements, little-endian. */
    record Values(long[] sizes, float[] values) {}

    /**
     * Writes the input; in training those of all batches one after the other, in one dimension with
     * the batch.
     */
    void writeInput(Values v) throws IOException {
        ByteBuffer b =
                ByteBuffer.allocate(4 + 8 * v.sizes.length + 4 * v.values.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(v.sizes.length);
        for (long s : v.sizes) {
            b.putLong(s);
        }
        b.asFloatBuffer().put(v.values);
        Files.write(directory.resolve("input.bin"), b.array());
    }

    /** How many batches there are in the input. */
    int batches() throws IOException {
        try (InputStream raw = Files.newInputStream(directory.resolve("input.bin"))) {
            bytes(raw, Integer.BYTES);
            return Math.toIntExact(bytes(raw, Long.BYTES).getLong() / batch);
        }
    }

    /** The input of inference, or the first batch's. */
    Values readInput() throws IOException {
        return readInput(0);
    }

    /**
     * One batch's input; reads no more than that, as peak memory is measured.
     *
     * @param number of the batch, from 0
     */
    Values readInput(int number) throws IOException {
        try (InputStream raw = Files.newInputStream(directory.resolve("input.bin"))) {
            long[] sizes = new long[bytes(raw, Integer.BYTES).getInt()];
            bytes(raw, Long.BYTES * sizes.length).asLongBuffer().get(sizes);
            long numel = batch;
            for (int i = 1; i < sizes.length; i++) {
                numel *= sizes[i];
            }
            sizes[0] = batch;
            float[] values = new float[Math.toIntExact(numel)];
            raw.skipNBytes(number * Float.BYTES * numel);
            bytes(raw, Float.BYTES * values.length).asFloatBuffer().get(values);
            return new Values(sizes, values);
        }
    }

    private static ByteBuffer bytes(InputStream in, int count) throws IOException {
        byte[] read = in.readNBytes(count);
        if (read.length < count) {
            throw new EOFException("input.bin ends " + (count - read.length) + " bytes too early");
        }
        return ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes the labels of all batches, 64 bits each, little-endian. */
    void writeLabels(long[] labels) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(8 * labels.length).order(ByteOrder.LITTLE_ENDIAN);
        b.asLongBuffer().put(labels);
        Files.write(directory.resolve("labels.bin"), b.array());
    }

    /**
     * One batch's labels.
     *
     * @param number of the batch, from 0
     */
    long[] readLabels(int number) throws IOException {
        long[] labels = new long[batch];
        ByteBuffer.wrap(Files.readAllBytes(directory.resolve("labels.bin")))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(number * batch, labels);
        return labels;
    }

    void writeOutput(String worker, float[] values) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        b.asFloatBuffer().put(values);
        Files.write(output(worker), b.array());
    }

    float[] readOutput(String worker) throws IOException {
        FloatBuffer b =
                ByteBuffer.wrap(Files.readAllBytes(output(worker)))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer();
        float[] values = new float[b.remaining()];
        b.get(values);
        return values;
    }
}
