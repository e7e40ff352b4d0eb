package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.Map;
import java.util.Random;
import org.ipex4j.engine.weights.StateDict;

/**
 * Weights that depend on a seed alone, not on engine or threads, with BatchNorm statistics unlike
 * their initial values: so that a comparison of outputs compares something.
 */
public final class RandomWeights {
    private RandomWeights() {}

    /** Initialises the model with random values that keep activations of moderate size. */
    public static void fill(ImageClassifier model, NDManager manager, long seed) {
        fill(model, manager, seed, model.inputShape());
    }

    /** Like {@link #fill(ImageClassifier, NDManager, long)}, for images of another size. */
    public static void fill(ImageClassifier model, NDManager manager, long seed, Shape inputShape) {
        Random random = new Random(seed);
        for (Map.Entry<String, Parameter> e : StateDict.of(model).entrySet()) {
            String name = e.getKey();
            e.getValue().setInitializer((m, shape, type) -> values(m, shape, type, name, random));
        }
        model.initialize(manager, DataType.FLOAT32, inputShape);
    }

    private static NDArray values(
            NDManager manager, Shape shape, DataType type, String name, Random random) {
        float[] v = new float[(int) shape.size()];
        boolean matrix = shape.dimension() > 1;
        long fanIn = matrix ? shape.size() / shape.get(0) : 1;
        float scale = (float) Math.sqrt(2.0 / fanIn);
        for (int i = 0; i < v.length; i++) {
            if (name.endsWith("running_var") || !matrix && name.endsWith("weight")) {
                v[i] = 0.5f + random.nextFloat();
            } else if (matrix) {
                // Uniform of the same variance: several times quicker to draw than a Gaussian.
                v[i] = scale * 1.7320508f * (2 * random.nextFloat() - 1);
            } else {
                v[i] = 0.1f * (2 * random.nextFloat() - 1);
            }
        }
        NDArray array = manager.create(v, shape);
        return type == DataType.FLOAT32 ? array : array.toType(type, false);
    }
}
