package org.ipex4j.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;
import org.ipex4j.engine.checkpoint.Checkpoint;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.zoo.ImageClassifier;
import org.ipex4j.zoo.RandomWeights;
import org.ipex4j.zoo.ResNet;
import org.ipex4j.zoo.data.DrawnPictures;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README's four programs, taken from the README. */
class ReadmeTest {
    private static final List<String> IMPORTS =
            List.of(
                    "ai.djl.Model",
                    "ai.djl.inference.Predictor",
                    "ai.djl.modality.cv.transform.*",
                    "ai.djl.ndarray.*",
                    "ai.djl.ndarray.types.*",
                    "ai.djl.training.*",
                    "ai.djl.training.dataset.*",
                    "ai.djl.training.listener.TrainingListener",
                    "ai.djl.training.loss.Loss",
                    "ai.djl.training.optimizer.Optimizer",
                    "ai.djl.training.tracker.Tracker",
                    "ai.djl.translate.NoopTranslator",
                    "java.nio.file.Path",
                    "java.util.Map",
                    "org.ipex4j.engine.*",
                    "org.ipex4j.engine.checkpoint.Checkpoint",
                    "org.ipex4j.zoo.*",
                    "org.ipex4j.zoo.data.Cifar10");

    @TempDir Path dir;

    private static String program(String heading) throws IOException {
        Path readme = Path.of("README.md");
        String text = Files.readString(Files.exists(readme) ? readme : Path.of("../README.md"));
        int section = text.indexOf("### " + heading + "\n");
        assertThat(section).as(heading).isPositive();
        int begin = text.indexOf("```java\n", section) + "```java\n".length();
        String program = text.substring(begin, text.indexOf("```", begin));
        assertThat(program).contains("Ipex.optimize(", "Ipex.compile(");
        assertThat(program.contains("BFLOAT16")).isEqualTo(heading.endsWith("BF16"));
        return program;
    }

    private Class<?> compiled(String program) throws Exception {
        StringBuilder source = new StringBuilder();
        IMPORTS.forEach(i -> source.append("import ").append(i).append(";\n"));
        source.append("public class Program {\npublic static void main(String[] args) throws ")
                .append("Exception {\n")
                .append(program)
                .append("}\n}\n");
        Path file = Files.writeString(dir.resolve("Program.java"), source);
        StringWriter errors = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var task =
                    compiler.getTask(
                            errors,
                            files,
                            null,
                            List.of(
                                    "-proc:none",
                                    "-d",
                                    dir.toString(),
                                    "-cp",
                                    System.getProperty("java.class.path")),
                            null,
                            files.getJavaFileObjects(file));
            assertThat(task.call()).as(errors + "\n" + source).isTrue();
        }
        return new URLClassLoader(new URL[] {dir.toUri().toURL()}).loadClass("Program");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Training", "Training in BF16", "Inference", "Inference in BF16"})
    void programsCompile(String heading) throws Exception {
        assertThat(compiled(program(heading)).getMethods())
                .extracting(Method::getName)
                .contains("main");
    }

    private void run(String program) throws Exception {
        compiled(program).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    }

    /** With pictures, paths and sizes of a test in place of the README's. */
    @ParameterizedTest
    @Tag("slow")
    @ValueSource(strings = {"Training", "Training in BF16"})
    void programsTrain(String heading) throws Exception {
        Path pictures = DrawnPictures.write(dir, 20, 1, 1);
        Path checkpoint = dir.resolve("trained.safetensors");
        String program =
                replaced(
                        program(heading),
                        Map.of(
                                "\"cifar-10-batches-bin\"",
                                "\"" + pictures + "\"",
                                "\"checkpoint.safetensors\"",
                                "\"" + checkpoint + "\"",
                                "128",
                                "8",
                                "224",
                                "32"));
        run(program);
        assertThat(Checkpoint.open(checkpoint).notes()).isEmpty();
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(strings = {"Inference", "Inference in BF16"})
    void programsInfer(String heading) throws Exception {
        Path weights = dir.resolve("weights.safetensors");
        try (NDManager manager = NDManager.newBaseManager("IPEX")) {
            ImageClassifier block = ResNet.resnet50();
            RandomWeights.fill(block, manager, 1);
            Weights.save(block, weights);
        }
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            run(
                    replaced(
                            program(heading),
                            Map.of(
                                    "\"resnet50.safetensors\"",
                                    "\"" + weights + "\"",
                                    "128",
                                    "2",
                                    "224",
                                    "64")));
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("(2)", "int64");
    }

    private static String replaced(String text, Map<String, String> words) {
        String out = text;
        for (Map.Entry<String, String> w : words.entrySet()) {
            assertThat(out).contains(w.getKey());
            out = out.replace(w.getKey(), w.getValue());
        }
        return out;
    }
}
