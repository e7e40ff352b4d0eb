package org.ipex4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs a main class in a JVM of its own, for tests of what processes share. */
public final class ChildJvm {
    private ChildJvm() {}

    /** Starts a class's main method with this process's class path. */
    public static Process start(Class<?> main, List<String> jvmOptions, String... args)
            throws IOException {
        return start(System.getProperty("java.class.path"), main, jvmOptions, args);
    }

    /** Starts a class's main method without the jars whose path contains a text. */
    public static Process startWithout(
            String jar, Class<?> main, List<String> jvmOptions, String... args) throws IOException {
        String path =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(p -> !p.contains(jar))
                        .collect(Collectors.joining(File.pathSeparator));
        return start(path, main, jvmOptions, args);
    }

    private static Process start(
            String classPath, Class<?> main, List<String> jvmOptions, String... args)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-cp",
                        classPath,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED"));
        command.addAll(jvmOptions);
        command.add(main.getName());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // They would stand before the system properties that a test sets.
        builder.environment().keySet().removeAll(List.of("ENGINE_CACHE_DIR", "DJL_CACHE_DIR"));
        return builder.start();
    }

    /** Waits for a successful end; returns what it printed. */
    public static String finish(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
