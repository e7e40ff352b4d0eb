package org.ipex4j.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The command lines of the workers of one comparison. */
final class Commands {
    /** Our worker in FP32, beside workers that compute in BF16. */
    static final String OURS_IN_F32 = "ipex-f32";

    /** How names of Python's kinds end for that layout. */
    static final String CHANNELS_LAST = "-channels-last";

    private final Setting setting;
    private final String classPath = System.getProperty("java.class.path");

    Commands(Setting setting) {
        this.setting = setting;
    }

    WorkerProcess start(String name, List<String> command) throws IOException {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("OMP_NUM_THREADS", Integer.toString(setting.threads()));
        environment.put("DJL_OFFLINE", "true");
        return new WorkerProcess(
                name, command, environment, setting.directory().resolve("log-" + name));
    }

    /**
     * A worker of ours; kernels and tuning are stored inside the comparison's directory, so that
     * cold is cold.
     */
    List<String> ours(Class<?> main, String mode) {
        List<String> command = java();
        command.add("-Dai.djl.ipex.num_threads=" + setting.threads());
        command.add("-Dai.djl.ipex.disk_cache_dir=" + setting.directory().resolve("cache"));
        command.addAll(List.of("-cp", classPath, main.getName()));
        return with(command, mode);
    }

    /** A peer that runs in Java, on a class path of its own unless it is ours. */
    List<String> peer(String name) throws IOException {
        return switch (name) {
            case OURS_IN_F32 -> inF32(IpexWorker.class);
            case "onnxruntime" -> onPeersClassPath(OnnxWorker.class, "");
            default -> onPeersClassPath(TorchWorker.class, name);
        };
    }

    /** A peer that trains in Java, on a class path of its own unless it is ours. */
    List<String> trainingPeer(String name) throws IOException {
        return name.equals(OURS_IN_F32)
                ? inF32(IpexTrainWorker.class)
                : onPeersClassPath(TorchTrainWorker.class, name);
    }

    private List<String> inF32(Class<?> main) {
        return new Commands(setting.dtype("f32")).ours(main, "default");
    }

    /** What a worker computes in. */
    String dtype(String worker) {
        return worker.equals(OURS_IN_F32) ? "f32" : setting.dtype();
    }

    private List<String> onPeersClassPath(Class<?> main, String last) throws IOException {
        Path list =
                Path.of(System.getProperty("ipex.home", "."), "app", "target", "classpath-peers");
        if (!Files.exists(list)) {
            throw new IOException(
                    list + " is missing: peers run from a built checkout (./ipex build)");
        }
        List<String> command = java();
        command.addAll(
                List.of(
                        "-cp",
                        list.resolveSibling("classes") + ":" + Files.readString(list).strip(),
                        main.getName()));
        return with(command, last);
    }

    List<String> python(Path interpreter, String kind) {
        return python(interpreter, "infer", kind, "channels_last");
    }

    /**
     * Python training.
     *
     * @param kind {@code eager} or {@code inductor}, with {@link #CHANNELS_LAST} behind it for that
     *     layout
     */
    List<String> trainingPython(Path interpreter, String kind) {
        boolean last = kind.endsWith(CHANNELS_LAST);
        String compiler = last ? kind.substring(0, kind.length() - CHANNELS_LAST.length()) : kind;
        List<String> command =
                python(interpreter, "train", compiler, last ? "channels_last" : "contiguous");
        command.add(Float.toString(TrainRecipe.RATE));
        command.add(Float.toString(TrainRecipe.MOMENTUM));
        return command;
    }

    private List<String> python(Path interpreter, String mode, String kind, String format) {
        return new ArrayList<>(
                List.of(
                        interpreter.toString(),
                        setting.directory().resolve("torch_worker.py").toString(),
                        mode,
                        kind,
                        setting.directory().toString(),
                        Integer.toString(setting.batch()),
                        Integer.toString(setting.threads()),
                        format,
                        setting.dtype()));
    }

    /** The name under which a worker leaves its output. */
    String output(String worker) {
        return switch (worker) {
            case "ipex", OURS_IN_F32 -> IpexWorker.output("default", dtype(worker));
            case "ipex-autotune" -> IpexWorker.output("max-autotune", dtype(worker));
            case "ipex-eager" -> IpexWorker.output("eager", dtype(worker));
            case "torch", "torchscript" -> "torch-" + worker;
            default -> worker;
        };
    }

    private static List<String> java() {
        return new ArrayList<>(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-Xmn16m",
                        "-Xss4m"));
    }

    private List<String> with(List<String> command, String last) {
        command.addAll(setting.arguments());
        command.add(last);
        return command;
    }
}
