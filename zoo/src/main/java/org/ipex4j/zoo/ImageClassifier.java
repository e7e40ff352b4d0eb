package org.ipex4j.zoo;

import ai.djl.ndarray.types.Shape;

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
}
