package org.ipex4j.app.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * Runs the exported graph in ONNX Runtime with all its optimisations, in this process of its own.
 * Arguments: directory, model, batch, threads.
 */
final class OnnxWorker {
    private OnnxWorker() {}

    /** The entry of the worker's process. */
    public static void main(String[] args) throws Exception {
        Setting setting = Setting.of(args);
        WorkerProtocol protocol = new WorkerProtocol(System.out);
        Setting.Values given = setting.readInput();
        FloatBuffer values =
                ByteBuffer.allocateDirect(4 * given.values().length)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer()
                        .put(given.values())
                        .flip();
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long start = System.nanoTime();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(setting.threads());
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            try (OrtSession session =
                            environment.createSession(setting.onnx().toString(), options);
                    OnnxTensor input =
                            OnnxTensor.createTensor(environment, values, given.sizes())) {
                String name = session.getInputNames().iterator().next();
                Map<String, OnnxTensor> inputs = Map.of(name, input);
                try (OrtSession.Result result = session.run(inputs)) {
                    protocol.fact("first", (System.nanoTime() - start) / 1e6);
                    setting.writeOutput("onnxruntime", values(result));
                }
                protocol.serve(() -> session.run(inputs).close());
            }
        }
    }

    private static float[] values(OrtSession.Result result) throws OrtException {
        if (!(result.get(0) instanceof OnnxTensor tensor)) {
            throw new IllegalStateException("the model's first result is no tensor: " + result);
        }
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] out = new float[buffer.remaining()];
        buffer.get(out);
        return out;
    }
}
