package org.ipex4j.app.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.ipex4j.engine.Backends;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.ImageClassifier;

/**
 * Whole steps of training, forward to update, here and in the peers: from the same weights on the
 * same batches, so that the losses tell whether all do the same.
 *
 * @param imageSize height and width of pictures; null for the model's
 * @param peers Java peers
 * @param python an interpreter, or null for none
 * @param autotune whether max-autotune takes part
 * @param eager whether our engine takes part op by op
 * @param floor whether to measure it
 * @param checkSteps first steps whose losses are compared
 * @param tolerance relative difference of losses that is an error
 * @param memorySteps warm steps over which growth of memory is measured
 */
record TrainComparison(
        Integer imageSize,
        List<String> peers,
        Path python,
        List<String> pythonKinds,
        boolean autotune,
        boolean eager,
        boolean floor,
        Turns turns,
        int checkSteps,
        double tolerance,
        int memorySteps) {

    /**
     * Compares, and adds rows to the report.
     *
     * @throws IllegalStateException if losses differ
     */
    void compare(Setting setting, Report report, PrintWriter out) throws IOException {
        prepare(setting, checkSteps, imageSize);
        Commands commands = new Commands(setting);
        if (floor) {
            try (WorkerProcess w =
                    commands.start("floor", commands.ours(FloorWorker.class, "train"))) {
                w.awaitReady();
                report.floor(setting.batch(), w.facts().get("floor"));
            }
        }
        double coldFirst;
        // Cold, then warm: the second process finds what the first has stored.
        try (WorkerProcess cold = start(commands, "cold", "default")) {
            cold.awaitReady();
            cold.losses(1);
            cold.quit();
            coldFirst = cold.facts().get("first");
            out.printf(
                    Locale.ROOT,
                    "batch %d: the cold process peaks at %.0f MB%n",
                    setting.batch(),
                    cold.peakResidentBytes() / 1e6);
            out.flush();
        }
        List<WorkerProcess> workers = new ArrayList<>();
        try {
            startAll(commands, workers);
            Losses losses = new Losses();
            Map<WorkerProcess, Integer> runs = check(workers, losses, out);
            say(losses, out);
            losses.requireAgreement(tolerance);
            turns.take(runs);
            for (WorkerProcess w : runs.keySet()) {
                boolean ours = w.name().startsWith("ipex");
                Optional<MemoryGrowth> growth =
                        ours ? Optional.of(w.growth(memorySteps)) : Optional.empty();
                w.quit();
                Setting own = setting.dtype(commands.dtype(w.name()));
                report.add(row(own, w, coldFirst, losses.difference(w.name()), growth));
            }
        } finally {
            workers.forEach(WorkerProcess::close);
        }
    }

    private static WorkerProcess start(Commands commands, String name, String mode)
            throws IOException {
        return commands.start(name, commands.ours(IpexTrainWorker.class, mode));
    }

    /**
     * @param workers those that were started, also when one cannot be
     */
    private void startAll(Commands commands, List<WorkerProcess> workers) throws IOException {
        workers.add(start(commands, "ipex", "default"));
        if (autotune) {
            workers.add(start(commands, "ipex-autotune", "max-autotune"));
        }
        if (eager) {
            workers.add(start(commands, "ipex-eager", "eager"));
        }
        for (String peer : peers) {
            workers.add(commands.start(peer, commands.trainingPeer(peer)));
        }
        if (python != null) {
            for (String kind : pythonKinds) {
                workers.add(
                        commands.start("python-" + kind, commands.trainingPython(python, kind)));
            }
        }
    }

    /**
     * Every worker's first steps, one worker after the other. One of ours that cannot run is an
     * error; a peer is named and left out.
     *
     * @return how often each runs in one turn
     */
    private Map<WorkerProcess, Integer> check(
            List<WorkerProcess> workers, Losses losses, PrintWriter out) throws IOException {
        Map<WorkerProcess, Integer> runs = new LinkedHashMap<>();
        for (WorkerProcess w : workers) {
            try {
                w.awaitReady();
                List<Double> first = w.losses(checkSteps);
                runs.put(w, turns.probe(w, 1));
                losses.add(w.name(), first);
            } catch (IOException e) {
                if (w.name().startsWith("ipex")) {
                    throw e;
                }
                out.println("left out: " + e.getMessage());
                out.flush();
            }
        }
        return runs;
    }

    private void say(Losses losses, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "losses of the first %d steps (%s, tolerance %.0e):%n%s%n",
                checkSteps,
                losses.reference()
                        .map(r -> "compared with those of " + r)
                        .orElse("there is nothing to compare them with"),
                tolerance,
                losses);
        out.flush();
    }

    private static Report.Row row(
            Setting setting,
            WorkerProcess w,
            double coldFirst,
            double difference,
            Optional<MemoryGrowth> growth) {
        Statistics statistics = Statistics.of(w.times());
        double first = w.facts().get("first") - statistics.median();
        Map<String, Double> facts = new LinkedHashMap<>();
        if (w.name().equals("ipex")) {
            facts.put("cold", coldFirst - statistics.median());
            facts.put("warm", first);
        } else {
            facts.put("cold", first);
        }
        return new Report.Row(
                setting.model(),
                setting.dtype(),
                setting.batch(),
                setting.threads(),
                w.name(),
                statistics,
                w.times().size(),
                facts,
                w.peakResidentBytes(),
                difference,
                growth);
    }

    /**
     * Weights, batches and the exported model.
     *
     * @param batches a new one for each of the first steps
     * @throws IllegalArgumentException if the model draws random numbers in training
     */
    static void prepare(Setting setting, int batches, Integer imageSize) throws IOException {
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            ImageClassifier block = Classifiers.create(setting.model(), TrainRecipe.CLASSES);
            if (drops(block, manager)) {
                throw new IllegalArgumentException(
                        setting.model()
                                + ": has dropout, whose random numbers differ between engines, so that losses"
                                + " cannot be compared; choose a model without, such as resnet50");
            }
            // As training from the start begins: with wilder weights the smallest differences of
            // rounding grow tenfold in a few steps, in every worker.
            IpexEngine.instance().setRandomSeed(42);
            block.initialize(manager);
            Weights.save(block, setting.weights());
            Shape all = BenchCommand.pictures(block, batches * setting.batch(), imageSize);
            setting.writeInput(new Setting.Values(all.getShape(), BenchCommand.noise(all)));
            Random random = new Random(11);
            setting.writeLabels(random.longs(all.get(0), 0, TrainRecipe.CLASSES).toArray());
            Backends.register("export", new ExportBackend(setting, true, false));
            Setting.Values first = setting.readInput();
            try (NDArray pictures = manager.create(first.values(), new Shape(first.sizes()))) {
                Ipex.compile(block, CompileOptions.defaults().backend("export").fullGraph(true))
                        .forward(new ParameterStore(manager, false), new NDList(pictures), false)
                        .close();
            }
            Ipex.reset();
        }
        BenchCommand.writeScript(setting);
    }

    /** Whether any dropout in the block does drop: DJL does not tell the rate. */
    private static boolean drops(Block block, NDManager manager) {
        if (block instanceof Dropout dropout) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray ones = scope.ones(new Shape(1000), DataType.FLOAT32);
                NDArray kept =
                        dropout.forward(new ParameterStore(scope, false), new NDList(ones), true)
                                .singletonOrThrow();
                return kept.eq(0).any().getBoolean();
            }
        }
        return block.getChildren().values().stream().anyMatch(child -> drops(child, manager));
    }
}
