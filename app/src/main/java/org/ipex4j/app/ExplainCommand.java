package org.ipex4j.app;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.zoo.ImageClassifier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ipex explain}: what compiling makes of a model. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Shows what compiling makes of a model: graphs, breaks, kernels, library calls, costs.")
final class ExplainCommand implements Callable<Integer> {
    @Mixin private ModelOptions options;

    @Parameters(paramLabel = "MODEL", arity = "0..1", description = "Model, instead of --model.")
    private String model;

    @Option(
            names = "--batch",
            defaultValue = "1",
            description = "Images at once (default: ${DEFAULT-VALUE}).")
    private int batch;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (model != null) {
            options.model = model;
        }
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            ImageClassifier block = options.load(manager);
            Shape one = block.inputShape();
            NDArray input = manager.zeros(new Shape(batch, one.get(1), one.get(2), one.get(3)));
            spec.commandLine()
                    .getOut()
                    .println(Ipex.explain(options.optimize(block), new NDList(input)));
        }
        return 0;
    }
}
