package org.ipex4j.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;
import org.ipex4j.engine.checkpoint.Checkpoint;
import org.ipex4j.zoo.data.DrawnPictures;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's training program, taken from the README. */
class ReadmeTest {
    private static final List<String> IMPORTS =
            List.of(
                    "ai.djl.Model",
                    "ai.djl.modality.cv.transform.*",
                    "ai.djl.ndarray.types.Shape",
                    "ai.djl.training.*",
                    "ai.djl.training.dataset.*",
                    "ai.djl.training.listener.TrainingListener",
                    "ai.djl.training.loss.Loss",
                    "ai.djl.training.optimizer.Optimizer",
                    "ai.djl.training.tracker.Tracker",
                    "java.nio.file.Path",
                    "java.util.Map",
                    "org.ipex4j.engine.Ipex",
                    "org.ipex4j.engine.checkpoint.Checkpoint",
                    "org.ipex4j.zoo.ResNet",
                    "org.ipex4j.zoo.data.Cifar10");

    @TempDir Path dir;

    private static String program() throws Exception {
        Path readme = Path.of("README.md");
        String text = Files.readString(Files.exists(readme) ? readme : Path.of("../README.md"));
        int section = text.indexOf("## Training in Java");
        int begin = text.indexOf("```java\n", section) + "```java\n".length();
        String program = text.substring(begin, text.indexOf("```", begin));
        assertThat(program).contains("Ipex.compile(trainer)");
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

    @Test
    void theProgramCompiles() throws Exception {
        assertThat(compiled(program()).getMethods()).extracting(Method::getName).contains("main");
    }

    /** With pictures, paths and sizes of a test in place of the README's. */
    @Test
    @Tag("slow")
    void theProgramTrains() throws Exception {
        Path pictures = DrawnPictures.write(dir, 20, 1, 1);
        Path checkpoint = dir.resolve("trained.safetensors");
        String program =
                replaced(
                        program(),
                        Map.of(
                                "\"cifar-10-batches-bin\"",
                                "\"" + pictures + "\"",
                                "\"checkpoint.safetensors\"",
                                "\"" + checkpoint + "\"",
                                "128",
                                "8",
                                "224",
                                "32"));
        compiled(program).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        assertThat(Checkpoint.open(checkpoint).notes()).isEmpty();
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
