package org.ipex4j.zoo;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import org.ipex4j.engine.weights.LoadReport;
import org.ipex4j.engine.weights.Weights;

/** A model from images [N, 3, H, W] to one score per class [N, classes]. */
public abstract class ImageClassifier extends TorchModule {
    private final String name;

    ImageClassifier(String name) {
        this.name = name;
    }

    /** torchvision's name of the model, {@code resnet50}. */
    public String name() {
        return name;
    }

    /** The shape of one image as the published weights were trained: [1, 3, 224, 224]. */
    public Shape inputShape() {
        return new Shape(1, 3, 224, 224);
    }

    /**
     * Loads published weights: safetensors, or {@code .pth} as {@code torch.save} writes it. Names
     * and shapes must match; {@link Weights} has a choice of how strictly.
     *
     * @param manager owns the parameters
     */
    public LoadReport load(NDManager manager, Path weights) throws IOException {
        return Weights.from(weights).load(this, manager, inputShape());
    }

    /** Gives the parameters initial values, for training from the start and for tests. */
    public void initialize(NDManager manager) {
        initialize(manager, DataType.FLOAT32, inputShape());
    }
}
