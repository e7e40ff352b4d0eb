package org.ipex4j.app.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.ImageClassifier;

/** Runs a model compiled, or eagerly on this engine. Arguments: those of {@link Setting}, mode. */
final class IpexWorker {
    private IpexWorker() {}

    /** The name of the worker's output. */
    static String output(String mode, String dtype) {
        return "ipex-" + mode + "-" + dtype;
    }

    /** The entry of the worker's process. */
    public static void main(String[] args) throws Exception {
        Setting setting = Setting.of(args);
        String mode = args[Setting.ARGUMENTS];
        WorkerProtocol protocol = new WorkerProtocol(System.out);
        Setting.Values given = setting.readInput();
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            ImageClassifier model = Classifiers.create(setting.model(), 1000);
            Weights.from(setting.weights()).mapped(true).load(model, manager, model.inputShape());
            DataType type = setting.isBf16() ? DataType.BFLOAT16 : DataType.FLOAT32;
            Block optimized = Ipex.optimize(model, OptimizeOptions.inference().dtype(type));
            Block block =
                    mode.equals("eager")
                            ? optimized
                            : Ipex.compile(optimized, CompileOptions.defaults().mode(mode));
            ParameterStore store = new ParameterStore(manager, false);
            NDArray input = manager.create(given.values(), new Shape(given.sizes()));
            long start = System.nanoTime();
            try (NDArray output = forward(block, store, input)) {
                protocol.fact("first", (System.nanoTime() - start) / 1e6);
                try (NDArray floats = output.toType(DataType.FLOAT32, true)) {
                    setting.writeOutput(output(mode, setting.dtype()), floats.toFloatArray());
                }
            }
            for (int i = 0; i < 3; i++) {
                forward(block, store, input).close();
            }
            if (!mode.equals("eager")) {
                protocol.fact("rebatch", rebatch(block, store, input));
            }
            protocol.serve(() -> forward(block, store, input).close());
        }
    }

    /** Milliseconds by which the first run of another batch size exceeds the second. */
    private static double rebatch(Block block, ParameterStore store, NDArray input) {
        long[] sizes = input.getShape().getShape().clone();
        sizes[0]++;
        try (NDArray other = input.getManager().zeros(new Shape(sizes))) {
            long start = System.nanoTime();
            forward(block, store, other).close();
            long first = System.nanoTime();
            forward(block, store, other).close();
            return (first - start - (System.nanoTime() - first)) / 1e6;
        }
    }

    private static NDArray forward(Block block, ParameterStore store, NDArray input) {
        // As a predictor does: what the forward leaves behind goes with a scope.
        try (NDManager scope = input.getManager().newSubManager()) {
            NDManager owner = input.getManager();
            input.attach(scope);
            try {
                NDArray output = block.forward(store, new NDList(input), false).singletonOrThrow();
                output.attach(owner);
                return output;
            } finally {
                input.attach(owner);
            }
        }
    }
}
