package org.ipex4j.app.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.ipex4j.engine.Backends;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.ImageClassifier;
import org.ipex4j.zoo.RandomWeights;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ipex bench}: a model compiled here against the same model in libtorch and Python. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Times a model against its peers, each in its own process, taking turns.")
public final class BenchCommand implements Callable<Integer> {
    private static final List<String> PEERS =
            List.of("torch", "torchscript", "onnxruntime", Commands.OURS_IN_F32, "none");
    private static final List<String> TRAINING_PEERS =
            List.of("torch", "torch-contiguous", Commands.OURS_IN_F32, "none");

    @Parameters(
            paramLabel = "MODEL",
            defaultValue = "resnet50",
            description = "Model (default: ${DEFAULT-VALUE}).")
    private String model;

    @Option(
            names = "--mode",
            defaultValue = "infer",
            description = "What to time: infer or train (default: ${DEFAULT-VALUE}).")
    private String mode;

    @Option(
            names = "--dtype",
            defaultValue = "f32",
            description =
                    "What all compute in: f32, or bf16 by Ipex.optimize here and by autocast in the"
                            + " peers (default: ${DEFAULT-VALUE}).")
    private String dtype;

    @Option(
            names = "--batch",
            split = ",",
            defaultValue = "1",
            description = "Batch sizes (default: ${DEFAULT-VALUE}).")
    private List<Integer> batches;

    @Option(
            names = "--peers",
            split = ",",
            description =
                    "Peers in Java: torch (libtorch op by op, channels-last), torchscript (frozen),"
                            + " onnxruntime; none (default: torch,torchscript). To train: torch,"
                            + " torch-contiguous; none (default: torch). In bf16: ipex-f32, our own"
                            + " f32.")
    private List<String> peers;

    @Option(names = "--python", description = "A Python that has torch: adds --python-kinds.")
    private Path python;

    @Option(
            names = "--python-kinds",
            split = ",",
            description =
                    "Which of Python's to run (default: eager,inductor,frozen, all channels-last; to"
                            + " train: eager,eager-channels-last,inductor; there is"
                            + " inductor-channels-last too).")
    private List<String> pythonKinds;

    @Option(names = "--autotune", description = "Adds our max-autotune mode.")
    private boolean autotune;

    @Option(names = "--eager", description = "Adds our engine op by op.")
    private boolean eager;

    @Option(names = "--no-floor", description = "Leaves out measuring the floor.")
    private boolean noFloor;

    @Option(
            names = "--threads",
            description = "Threads of every worker (default: the processor's cores).")
    private Integer threads;

    @Option(
            names = "--rounds",
            defaultValue = "7",
            description = "Turns of each worker (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "1.5",
            description = "About how long one turn takes (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--image-size",
            description = "Height and width of pictures (default: the model's).")
    private Integer imageSize;

    @Option(
            names = "--check-steps",
            defaultValue = "10",
            description =
                    "To train: first steps whose losses are compared (default: ${DEFAULT-VALUE}).")
    private int checkSteps;

    // libtorch's own losses with its two memory formats are 4e-3 apart after a few steps of
    // ResNet-50: sums near zero round either way, and turn the masks of ReLUs.
    @Option(
            names = "--tolerance",
            description =
                    "To train: relative difference of losses that is an error (default: 1e-2, in"
                            + " bf16 5e-2).")
    private Double tolerance;

    @Option(
            names = "--memory-steps",
            defaultValue = "20",
            description =
                    "To train: warm steps over which growth of memory is measured (default:"
                            + " ${DEFAULT-VALUE}).")
    private int memorySteps;

    @Option(names = "--json", description = "Also writes JSON lines to this file.")
    private Path json;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        boolean training = mode.equals("train");
        boolean bf16 = dtype.equals("bf16");
        if (!training && !mode.equals("infer") || !bf16 && !dtype.equals("f32")) {
            throw misuse(
                    "--mode "
                            + mode
                            + " --dtype "
                            + dtype
                            + ": this version times --mode infer and train, --dtype f32 and bf16");
        }
        if (tolerance == null) {
            tolerance = bf16 ? 5e-2 : 1e-2;
        }
        List<String> known = training ? TRAINING_PEERS : PEERS;
        if (peers == null) {
            peers = training ? List.of("torch") : List.of("torch", "torchscript");
        }
        for (String peer : peers) {
            if (!known.contains(peer)) {
                throw misuse(
                        "--peers " + peer + " in --mode " + mode + ": expected some of " + known);
            }
        }
        if (bf16 && peers.contains("onnxruntime")) {
            throw misuse("--peers onnxruntime --dtype bf16: it computes in f32 on this processor");
        }
        if (!bf16 && peers.contains(Commands.OURS_IN_F32)) {
            throw misuse("--peers ipex-f32 --dtype f32: that is what is timed; expected bf16");
        }
        if (pythonKinds == null) {
            pythonKinds =
                    training
                            ? List.of("eager", "eager-channels-last", "inductor")
                            : List.of("eager", "inductor", "frozen");
        }
        requirePositive("--rounds", rounds);
        requirePositive("--check-steps", checkSteps);
        requirePositive("--memory-steps", memorySteps);
        int width = threads != null ? threads : org.ipex4j.runtime.Runtime.instance().threads();
        PrintWriter out = spec.commandLine().getOut();
        Report report = new Report(mode);
        for (int batch : batches) {
            requirePositive("--batch", batch);
            Path directory = Files.createTempDirectory("ipex-bench");
            try {
                Setting setting = new Setting(directory, model, batch, width, dtype);
                if (training) {
                    training().compare(setting, report, out);
                } else {
                    compare(setting, report, out);
                }
            } finally {
                delete(directory);
            }
        }
        report.print(out);
        if (json != null) {
            Files.write(json, report.jsonLines());
        }
        report.jsonLines().forEach(out::println);
        return 0;
    }

    private TrainComparison training() {
        return new TrainComparison(
                imageSize,
                peers.stream().filter(p -> !p.equals("none")).toList(),
                python,
                pythonKinds,
                autotune,
                eager,
                !noFloor,
                new Turns(rounds, seconds),
                checkSteps,
                tolerance,
                memorySteps);
    }

    private void requirePositive(String option, int value) {
        if (value < 1) {
            throw misuse(option + " " + value + ": expected 1 or more");
        }
    }

    private CommandLine.ParameterException misuse(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }

    private void compare(Setting setting, Report report, PrintWriter out) throws Exception {
        prepare(setting, imageSize, peers.contains("onnxruntime"));
        Commands commands = new Commands(setting);
        Map<String, Double> compile = new LinkedHashMap<>();
        if (!noFloor) {
            try (WorkerProcess w =
                    commands.start("floor", commands.ours(FloorWorker.class, mode))) {
                w.awaitReady();
                report.floor(setting.batch(), w.facts().get("floor"));
            }
        }
        // Cold, then warm: the second process finds what the first has stored.
        try (WorkerProcess cold =
                commands.start("cold", commands.ours(IpexWorker.class, "default"))) {
            cold.awaitReady();
            compile.put("cold", cold.facts().get("first"));
            // Where no plan is on disk yet, neither for the new batch size.
            compile.put("rebatch", cold.facts().get("rebatch"));
        }
        List<WorkerProcess> workers = new ArrayList<>();
        try {
            workers.add(commands.start("ipex", commands.ours(IpexWorker.class, "default")));
            workers.getFirst().awaitReady();
            if (autotune) {
                workers.add(
                        commands.start(
                                "ipex-autotune", commands.ours(IpexWorker.class, "max-autotune")));
            }
            if (eager) {
                workers.add(commands.start("ipex-eager", commands.ours(IpexWorker.class, "eager")));
            }
            for (String peer : peers) {
                if (!peer.equals("none")) {
                    workers.add(commands.start(peer, commands.peer(peer)));
                }
            }
            if (python != null) {
                for (String kind : pythonKinds) {
                    workers.add(commands.start("python-" + kind, commands.python(python, kind)));
                }
            }
            List<WorkerProcess> able = takeTurns(workers, out);
            for (WorkerProcess w : able) {
                w.quit();
            }
            for (WorkerProcess w : able) {
                Map<String, Double> facts = new LinkedHashMap<>(w.facts());
                Double first = facts.remove("first");
                if (w.name().equals("ipex")) {
                    facts.putAll(compile);
                    facts.put("warm", first);
                } else {
                    facts.put("cold", first);
                }
                Statistics statistics = Statistics.of(w.times());
                facts.computeIfPresent("cold", (k, v) -> v - statistics.median());
                facts.computeIfPresent("warm", (k, v) -> v - statistics.median());
                report.add(
                        new Report.Row(
                                setting.model(),
                                commands.dtype(w.name()),
                                setting.batch(),
                                setting.threads(),
                                w.name(),
                                statistics,
                                w.times().size(),
                                facts,
                                w.peakResidentBytes(),
                                difference(setting, commands.output(w.name())),
                                Optional.empty()));
            }
        } finally {
            workers.forEach(WorkerProcess::close);
        }
    }

    /**
     * Warms every worker, then runs them in turn; a worker that cannot run is named and left out.
     */
    private List<WorkerProcess> takeTurns(List<WorkerProcess> workers, PrintWriter out)
            throws IOException {
        Turns turns = new Turns(rounds, seconds);
        Map<WorkerProcess, Integer> able = new LinkedHashMap<>();
        for (WorkerProcess w : workers) {
            try {
                w.awaitReady();
                w.warm(5);
                able.put(w, turns.probe(w, 5));
            } catch (IOException e) {
                out.println("left out: " + e.getMessage());
            }
        }
        turns.take(able);
        return List.copyOf(able.keySet());
    }

    /** Weights, input, the exported graph and the reference output. */
    private static void prepare(Setting setting, Integer imageSize, boolean onnx)
            throws IOException {
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            ImageClassifier block = Classifiers.create(setting.model(), 1000);
            RandomWeights.fill(block, manager, 42);
            Weights.save(block, setting.weights());
            Shape shape = pictures(block, setting.batch(), imageSize);
            float[] values = noise(shape);
            setting.writeInput(new Setting.Values(shape.getShape(), values));
            Backends.register("export", new ExportBackend(setting, false, onnx));
            try (NDArray output =
                    Ipex.compile(block, CompileOptions.defaults().backend("export").fullGraph(true))
                            .forward(
                                    new ParameterStore(manager, false),
                                    new NDList(manager.create(values, shape)),
                                    false)
                            .singletonOrThrow()) {
                setting.writeOutput("reference", output.toFloatArray());
            }
            Ipex.reset();
        }
        writeScript(setting);
    }

    /**
     * The shape of a batch.
     *
     * @param imageSize null for the model's
     */
    static Shape pictures(ImageClassifier block, int batch, Integer imageSize) {
        Shape one = block.inputShape();
        return imageSize == null
                ? new Shape(batch, one.get(1), one.get(2), one.get(3))
                : new Shape(batch, one.get(1), imageSize, imageSize);
    }

    static float[] noise(Shape shape) {
        float[] values = new float[Math.toIntExact(shape.size())];
        Random random = new Random(7);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    static void writeScript(Setting setting) throws IOException {
        try (InputStream script = BenchCommand.class.getResourceAsStream("torch_worker.py")) {
            Files.copy(
                    script,
                    setting.directory().resolve("torch_worker.py"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static double difference(Setting setting, String worker) throws IOException {
        String reference =
                Files.exists(setting.output("torch-torch")) ? "torch-torch" : "reference";
        if (worker.equals(reference) || !Files.exists(setting.output(worker))) {
            return Double.NaN;
        }
        float[] a = setting.readOutput(worker);
        float[] b = setting.readOutput(reference);
        double greatest = 0;
        double scale = 0;
        for (int i = 0; i < b.length; i++) {
            greatest = Math.max(greatest, Math.abs(a[i] - b[i]));
            scale = Math.max(scale, Math.abs(b[i]));
        }
        return greatest / scale;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path p : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }
}
