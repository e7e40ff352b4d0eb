package org.ipex4j.app;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.transform.Normalize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images to inputs of a torchvision classifier, and its scores to class names: shorter side to 256
 * pixels, the middle 224x224, each colour normalised.
 */
final class ImageNet implements Translator<Image, Classifications> {
    private static final int RESIZED = 256;
    private static final int CROP = 224;
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

    private final List<String> classes;

    ImageNet(int classes) {
        this.classes = names(classes);
    }

    /** The thousand class names of ImageNet; numbers for models with another number of classes. */
    static List<String> names(int classes) {
        if (classes != 1000) {
            return IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
        }
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(
                                ImageNet.class.getResourceAsStream("imagenet-classes.txt"),
                                StandardCharsets.UTF_8))) {
            return in.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Batchifier getBatchifier() {
        return Batchifier.STACK;
    }

    @Override
    public NDList processInput(TranslatorContext context, Image image) {
        NDArray pixels = crop(shrink(image)).toNDArray(context.getNDManager(), Image.Flag.COLOR);
        return new NDList(
                new Normalize(MEAN, DEVIATION).transform(new ToTensor().transform(pixels)));
    }

    @Override
    public Classifications processOutput(TranslatorContext context, NDList list) {
        // Scores may be BF16, whose three digits are too few for probabilities.
        NDArray scores = list.singletonOrThrow().toType(DataType.FLOAT32, false);
        return new Classifications(classes, scores.softmax(0));
    }

    /**
     * To 256 pixels on the shorter side; by halves first, because bilinear scaling skips pixels
     * beyond that.
     */
    private static Image shrink(Image image) {
        int shorter = Math.min(image.getWidth(), image.getHeight());
        Image out = image;
        while (shorter / 2 >= RESIZED) {
            out = out.resize(out.getWidth() / 2, out.getHeight() / 2, false);
            shorter = Math.min(out.getWidth(), out.getHeight());
        }
        double scale = RESIZED / (double) shorter;
        return out.resize(
                (int) Math.round(out.getWidth() * scale),
                (int) Math.round(out.getHeight() * scale),
                false);
    }

    private static Image crop(Image image) {
        return image.getSubImage(
                (image.getWidth() - CROP) / 2, (image.getHeight() - CROP) / 2, CROP, CROP);
    }
}
