package org.ipex4j.app.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.ipex4j.app.Precision;

/**
 * What a run does: given on the command line, taken from the checkpoint that is resumed, or by
 * default.
 *
 * @param model by torchvision's name
 * @param dtype what is computed in
 * @param imageSize pixels on each side that pictures are resized to
 * @param epochs passes over the training pictures
 * @param steps of the whole run; 0: as many as the epochs have
 * @param rate of learning, the highest
 * @param warmUp steps in which the rate rises to it
 * @param trainPictures drawn for training, where no data is given
 * @param testPictures drawn and held out
 */
record Settings(
        String model,
        Precision dtype,
        int imageSize,
        int batchSize,
        int epochs,
        int steps,
        float rate,
        float momentum,
        float weightDecay,
        int warmUp,
        long seed,
        int trainPictures,
        int testPictures) {

    /**
     * One epoch of 200 steps. At three times this rate the loss rises again after 40 steps, before
     * the rate has fallen.
     */
    static final Settings DEFAULTS =
            new Settings(
                    "resnet50", Precision.F32, 64, 32, 1, 0, 0.01f, 0.9f, 1e-4f, 10, 1, 6400, 500);

    Settings {
        positive("--image-size", imageSize);
        positive("--batch-size", batchSize);
        positive("--epochs", epochs);
        if (steps < 0) {
            throw new IllegalArgumentException("--steps " + steps + ": expected at least 1");
        }
        within("--lr", rate, Float.MIN_VALUE, Float.MAX_VALUE);
        within("--momentum", momentum, 0, 0.999999f);
        within("--weight-decay", weightDecay, 0, 1e6f);
        if (warmUp < 0) {
            throw new IllegalArgumentException("--warm-up " + warmUp + ": expected at least 0");
        }
    }

    private static void positive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " " + value + ": expected at least 1");
        }
    }

    private static void within(String option, float value, float least, float most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(
                    option + " " + value + ": expected " + least + " to " + most);
        }
    }

    /** As notes of a checkpoint. */
    Map<String, String> toNotes() {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("model", model);
        out.put("dtype", dtype.toString());
        out.put("image-size", Integer.toString(imageSize));
        out.put("batch-size", Integer.toString(batchSize));
        out.put("epochs", Integer.toString(epochs));
        out.put("steps", Integer.toString(steps));
        out.put("lr", Float.toString(rate));
        out.put("momentum", Float.toString(momentum));
        out.put("weight-decay", Float.toString(weightDecay));
        out.put("warm-up", Integer.toString(warmUp));
        out.put("seed", Long.toString(seed));
        out.put("train-pictures", Integer.toString(trainPictures));
        out.put("test-pictures", Integer.toString(testPictures));
        return out;
    }

    /** As a checkpoint's notes say. */
    static Settings of(Notes notes) {
        return new Settings(
                notes.text("model"),
                notes.precision("dtype"),
                notes.integer("image-size"),
                notes.integer("batch-size"),
                notes.integer("epochs"),
                notes.integer("steps"),
                notes.real("lr"),
                notes.real("momentum"),
                notes.real("weight-decay"),
                notes.integer("warm-up"),
                notes.number("seed"),
                notes.integer("train-pictures"),
                notes.integer("test-pictures"));
    }
}
