package org.ipex4j.app.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The files that all workers of one comparison share: weights, the exported graph, input and
 * outputs.
 */
record Setting(Path directory, String model, int batch, int threads) {
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

    Values readInput() throws IOException {
        ByteBuffer b =
                ByteBuffer.wrap(Files.readAllBytes(directory.resolve("input.bin")))
                        .order(ByteOrder.LITTLE_ENDIAN);
        long[] sizes = new long[b.getInt()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = b.getLong();
        }
        float[] values = new float[b.remaining() / 4];
        b.asFloatBuffer().get(values);
        return new Values(sizes, values);
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
