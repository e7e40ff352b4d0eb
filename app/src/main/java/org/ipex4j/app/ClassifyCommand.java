package org.ipex4j.app;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.nn.Block;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ipex classify}: what is on a picture. */
@Command(
        name = "classify",
        mixinStandardHelpOptions = true,
        description = "Names what is on pictures: the five likeliest classes.")
final class ClassifyCommand implements Callable<Integer> {
    @Mixin private ModelOptions options;

    @Option(names = "--eager", description = "Also runs the model op by op, and compares.")
    private boolean eager;

    @Option(
            names = "--top",
            defaultValue = "5",
            description = "How many classes to print (default: ${DEFAULT-VALUE}).")
    private int top;

    @Parameters(
            paramLabel = "IMAGE",
            arity = "0..*",
            description = "JPEG or PNG files. Without any, a drawn sample.")
    private List<Path> images = new ArrayList<>();

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, TranslateException {
        PrintWriter out = spec.commandLine().getOut();
        List<Image> pictures = load(images);
        if (options.weights == null) {
            out.println("No --weights: random ones, so the classes mean nothing.");
        }
        try (Model model = Model.newInstance(options.model, IpexEngine.NAME)) {
            Block optimized = options.optimize(options.load(model.getNDManager()));
            ImageNet translator = new ImageNet(options.classes);
            model.setBlock(Ipex.compile(optimized));
            try (Predictor<Image, Classifications> predictor = model.newPredictor(translator)) {
                for (Image image : pictures) {
                    classify(out, predictor, image, "compiled");
                }
            }
            if (eager) {
                model.setBlock(optimized);
                try (Predictor<Image, Classifications> predictor = model.newPredictor(translator)) {
                    for (Image image : pictures) {
                        classify(out, predictor, image, "eager");
                    }
                }
            }
        }
        return 0;
    }

    private void classify(
            PrintWriter out, Predictor<Image, Classifications> predictor, Image image, String how)
            throws TranslateException {
        long start = System.nanoTime();
        Classifications first = predictor.predict(image);
        long warm = System.nanoTime();
        predictor.predict(image);
        long end = System.nanoTime();
        out.printf(
                Locale.ROOT,
                "%s, %s, %s, %dx%d: first %.0f ms, again %.1f ms%n",
                options.model,
                options.dtype,
                how,
                image.getWidth(),
                image.getHeight(),
                (warm - start) / 1e6,
                (end - warm) / 1e6);
        for (Classifications.Classification c : first.<Classifications.Classification>topK(top)) {
            out.printf(Locale.ROOT, "  %6.2f %%  %s%n", 100 * c.getProbability(), c.getClassName());
        }
        out.flush();
    }

    private static List<Image> load(List<Path> paths) throws IOException {
        if (paths.isEmpty()) {
            return List.of(SampleImage.draw());
        }
        List<Image> out = new ArrayList<>();
        for (Path p : paths) {
            if (!Files.isReadable(p)) {
                throw new IOException(p + ": no such file, or not readable");
            }
            try {
                out.add(ImageFactory.getInstance().fromFile(p));
            } catch (IOException e) {
                throw new IOException(p + ": not a picture that can be read (JPEG and PNG can)", e);
            }
        }
        return out;
    }
}
