package org.ipex4j.app;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.ImageClassifier;
import org.ipex4j.zoo.RandomWeights;
import picocli.CommandLine.Option;

/** What commands that run a model have in common. */
final class ModelOptions {
    @Option(
            names = "--model",
            defaultValue = "resnet50",
            description = "Model, by torchvision's name (default: ${DEFAULT-VALUE}).")
    String model;

    @Option(
            names = "--weights",
            description =
                    "Weights: safetensors, or .pth of torch.save. Without: random ones from a seed.")
    Path weights;

    @Option(
            names = "--classes",
            defaultValue = "1000",
            description = "Number of classes (default: ${DEFAULT-VALUE}).")
    int classes;

    @Option(
            names = "--dtype",
            defaultValue = "f32",
            converter = Precision.Converter.class,
            description = "What to compute in: f32 or bf16 (default: ${DEFAULT-VALUE}).")
    Precision dtype;

    /** The model prepared to compute in {@link #dtype}; its weights stay FP32. */
    Block optimize(ImageClassifier block) {
        return Ipex.optimize(block, OptimizeOptions.inference().dtype(dtype.type()));
    }

    /** The model with its weights. */
    ImageClassifier load(NDManager manager) throws IOException {
        ImageClassifier block = Classifiers.create(model, classes);
        if (weights != null) {
            block.load(manager, weights);
        } else {
            RandomWeights.fill(block, manager, 42);
        }
        return block;
    }
}
