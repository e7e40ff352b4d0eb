package org.ipex4j.app.train;

import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.checkpoint.Checkpoint;
import org.ipex4j.formats.AtomicFile;
import org.ipex4j.zoo.data.Cifar10;
import org.ipex4j.zoo.data.DataPosition;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ipex train}: a classifier of small pictures, from nothing. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = {
            "Trains a classifier: on drawn pictures, or on CIFAR-10 (--data, --download).",
            "Ctrl-C saves, and says how to go on."
        })
public final class TrainCommand implements Callable<Integer> {
    /** The status of a process that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    /** Held-out pictures looked at during the run; all of them at its end. */
    private static final int GLANCE = 512;

    private static final int SHOWN = 8;

    @Mixin private TrainOptions options;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    private PrintWriter out;
    private Settings settings;
    private Path checkpointPath;

    @Override
    public Integer call() throws IOException, TranslateException, InterruptedException {
        out = spec.commandLine().getOut();
        options.check();
        if (options.threads != null) {
            System.setProperty("ai.djl.ipex.num_threads", options.threads.toString());
        }
        Checkpoint resumed = options.resume == null ? null : Checkpoint.open(options.resume);
        Notes notes = resumed == null ? null : new Notes(resumed.path(), resumed.notes());
        settings = options.over(notes == null ? Settings.DEFAULTS : Settings.of(notes));
        if (notes != null && !settings.model().equals(notes.text("model"))) {
            throw new IllegalArgumentException(
                    options.resume
                            + ": is of model "
                            + notes.text("model")
                            + ", --model says "
                            + settings.model());
        }
        Files.createDirectories(options.out);
        checkpointPath = options.out.resolve("checkpoint.safetensors");
        return train(resumed, notes);
    }

    private int train(Checkpoint resumed, Notes notes)
            throws IOException, TranslateException, InterruptedException {
        TrainingData data = TrainingData.find(options, settings, this::downloaded);
        Cifar10 pictures = data.training();
        Cifar10 heldOut = data.heldOut();
        int classes = pictures.classNames().size();
        int steps =
                settings.steps() > 0
                        ? settings.steps()
                        : settings.epochs()
                                * TrainingLoop.stepsPerEpoch(pictures, settings.batchSize());
        say("%s", Ipex.version());
        say(
                "%s in %s on %d pictures of %s, %dx%d, %d a step, %d steps, %s",
                settings.model(),
                settings.dtype(),
                pictures.size(),
                data.root(),
                settings.imageSize(),
                settings.imageSize(),
                settings.batchSize(),
                steps,
                options.eager ? "op by op" : "compiled");
        Comparison comparison =
                options.eager || options.compare == 0 || resumed != null
                        ? null
                        : Comparison.eager(settings, data, classes, options.compare, steps);
        try (Training training = new Training(settings, classes, steps, !options.eager)) {
            Progress progress = new Progress(0, new LearningCurve());
            if (resumed != null) {
                training.restore(resumed);
                progress =
                        new Progress(notes.integer("step"), LearningCurve.of(notes.text("curve")));
                pictures.seek(
                        new DataPosition(
                                notes.number("data.seed"),
                                notes.integer("data.epoch"),
                                notes.number("data.record")));
                say("goes on from %s after step %d", options.resume, progress.step);
            }
            boolean done;
            try (Interrupt interrupt = new Interrupt();
                    Display display =
                            new Display(out, progress.step, steps, Display.onTerminal())) {
                Run run = new Run(training, progress, pictures, heldOut, display, comparison);
                try {
                    new TrainingLoop(pictures, training.manager(), steps, options.stopOnNan)
                            .run(progress, training, run, interrupt::requested);
                    run.save(progress.step);
                } catch (NotFiniteException e) {
                    throw explained(e);
                }
                writeCurve(progress);
                done = progress.step >= steps;
                if (!done) {
                    display.say(
                            "stopped after step %d of %d; saved. To go on:%n  ./ipex train --resume %s%s",
                            progress.step, steps, checkpointPath, given());
                }
            }
            if (!done) {
                return INTERRUPTED;
            }
            finish(training, progress, heldOut);
        }
        return 0;
    }

    /** Options that are not in a checkpoint, as they were given. */
    private String given() {
        StringBuilder text = new StringBuilder();
        if (options.download) {
            text.append(" --download");
        }
        if (options.data != null) {
            text.append(" --data ").append(options.data);
        }
        if (options.eager) {
            text.append(" --eager");
        }
        if (options.threads != null) {
            text.append(" --threads ").append(options.threads);
        }
        return text.append(" --out ").append(options.out).toString();
    }

    private NotFiniteException explained(NotFiniteException e) {
        String good =
                Files.exists(checkpointPath)
                        ? "; the last good checkpoint is " + checkpointPath
                        : "; nothing was saved yet";
        return new NotFiniteException(e.getMessage() + good + ". A lower --lr may help", e);
    }

    private void finish(Training training, Progress progress, Cifar10 heldOut)
            throws IOException, TranslateException {
        Score score = Evaluation.run(training, heldOut, Long.MAX_VALUE);
        progress.curve.evaluate(progress.step, score.meanLoss(), score.accuracy());
        writeCurve(progress);
        say(
                "held out: %d pictures, loss %.3f, accuracy %.1f %%",
                score.pictures(), score.meanLoss(), 100 * score.accuracy());
        Evaluation.show(training, heldOut, SHOWN, out);
        Path weights = options.out.resolve(settings.model() + ".safetensors");
        training.saveWeights(weights);
        say("checkpoint %s", checkpointPath);
        say("weights    %s", weights);
        say("curve      %s", options.out.resolve("curve.svg"));
    }

    private void writeCurve(Progress progress) throws IOException {
        String title =
                String.format(
                        Locale.ROOT,
                        "%s in %s, %dx%d, %d pictures a step",
                        settings.model(),
                        settings.dtype(),
                        settings.imageSize(),
                        settings.imageSize(),
                        settings.batchSize());
        byte[] svg = CurveSvg.draw(progress.curve, title).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(
                options.out.resolve("curve.svg"),
                file -> AtomicFile.writeFully(file, ByteBuffer.wrap(svg)));
    }

    private long downloadShown;

    private void downloaded(long bytes, long total) {
        long mebibytes = bytes >> 20;
        if (mebibytes >= downloadShown + 10 || bytes == total) {
            downloadShown = mebibytes;
            say("downloaded %d of %s MiB", mebibytes, total < 0 ? "?" : Long.toString(total >> 20));
        }
    }

    private void say(String format, Object... args) {
        out.printf(Locale.ROOT, format + "%n", args);
        out.flush();
    }

    /** What happens between the steps of this run. */
    private final class Run implements TrainingLoop.Events {
        private final Training training;
        private final Progress progress;
        private final Cifar10 pictures;
        private final Cifar10 heldOut;
        private final Display display;
        private final Comparison comparison;

        Run(
                Training training,
                Progress progress,
                Cifar10 pictures,
                Cifar10 heldOut,
                Display display,
                Comparison comparison) {
            this.training = training;
            this.progress = progress;
            this.pictures = pictures;
            this.heldOut = heldOut;
            this.display = display;
            this.comparison = comparison;
        }

        @Override
        public void stepped(int step, Score score, double seconds) throws IOException {
            if (comparison != null && comparison.add(score.meanLoss(), seconds)) {
                display.say("%s", comparison);
            }
            display.stepped(
                    step, progress.curve.recent(Display.recent()), score.pictures(), seconds);
        }

        @Override
        public void evaluate(int step) throws IOException, TranslateException {
            Score score = Evaluation.run(training, heldOut, GLANCE);
            progress.curve.evaluate(step, score.meanLoss(), score.accuracy());
            display.say(
                    "step %d: held out: loss %.3f, accuracy %.1f %%",
                    step, score.meanLoss(), 100 * score.accuracy());
        }

        @Override
        public void save(int step) throws IOException {
            // A step whose loss was a number may have left parameters that are none.
            Optional<String> broken =
                    options.stopOnNan ? training.brokenParameter() : Optional.empty();
            if (broken.isPresent()) {
                throw new NotFiniteException(
                        "step " + step + ": " + broken.get() + " is not finite after it");
            }
            Map<String, String> notes = new LinkedHashMap<>(settings.toNotes());
            DataPosition at = pictures.position();
            notes.put("step", Integer.toString(step));
            notes.put("data.seed", Long.toString(at.seed()));
            notes.put("data.epoch", Integer.toString(at.epoch()));
            notes.put("data.record", Long.toString(at.record()));
            notes.put("curve", progress.curve.toText());
            training.save(checkpointPath, notes);
        }
    }
}
