package org.ipex4j.engine.plan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.ir.codec.CodecException;
import org.ipex4j.ir.codec.RecordCodec;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphPrinter;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.runtime.Runtime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled graphs on disk, so that a process that runs a graph compiled by an earlier one does not
 * compile it. The key is everything that a plan depends on: the graph's text, options, the
 * processor, oneDNN and its instruction set, and our own code, as a checksum of the jars or
 * directories it was loaded from.
 */
public final class PlanCache {
    private static final Logger LOG = LoggerFactory.getLogger(PlanCache.class);
    private static final String KIND = "plan";

    private PlanCache() {}

    /**
     * A compiled graph and what {@code explain} tells of it.
     *
     * @param kernels as in {@link org.ipex4j.engine.CompiledFunction.Report}, like the others
     */
    public record Stored(
            CompiledGraph graph,
            List<String> kernels,
            List<String> libraryCalls,
            List<String> prologues,
            double bytes,
            double flops) {}

    private static final class Codec {
        static final RecordCodec<Stored> STORED = RecordCodec.of(Stored.class);
    }

    /** What plans depend on besides graph and options; empty if our code cannot be told apart. */
    private static final class Circumstances {
        static final Optional<String> TEXT =
                code().map(code -> code + "\n" + Runtime.instance().circumstances() + "\n");

        private static Optional<String> code() {
            CRC32C sum = new CRC32C();
            try {
                // One class of each module that has a say: ir, compiler, runtime, engine.
                for (Class<?> c :
                        List.of(Graph.class, Compiler.class, Runtime.class, PlanCache.class)) {
                    CodeSource source = c.getProtectionDomain().getCodeSource();
                    if (source == null || source.getLocation() == null) {
                        return Optional.empty();
                    }
                    add(sum, Path.of(source.getLocation().toURI()));
                }
                return Optional.of("code " + Long.toHexString(sum.getValue()));
            } catch (IOException
                    | UncheckedIOException
                    | URISyntaxException
                    | IllegalArgumentException
                    | java.nio.file.FileSystemNotFoundException e) {
                LOG.warn("plans will not be remembered on disk: cannot read our own code: {}", e);
                return Optional.empty();
            }
        }

        private static void add(CRC32C sum, Path path) throws IOException {
            if (!Files.isDirectory(path)) {
                sum.update(Files.readAllBytes(path));
                return;
            }
            List<Path> files = new ArrayList<>();
            try (Stream<Path> all = Files.walk(path)) {
                all.filter(p -> p.toString().endsWith(".class")).sorted().forEach(files::add);
            }
            for (Path p : files) {
                sum.update(Files.readAllBytes(p));
            }
        }
    }

    /** The key of a compilation; empty if it cannot be remembered. */
    public static Optional<String> key(Graph graph, CompileOptions options) {
        return Circumstances.TEXT.map(
                c ->
                        c
                                + options.mode()
                                + " "
                                + options.floatMode()
                                + " "
                                + options.inputLayouts()
                                + " "
                                + options.outputLayouts()
                                + " "
                                + options.foldBatchNorm()
                                + " "
                                + options.fp32Math()
                                + " "
                                + new TreeSet<>(options.skipPasses())
                                + " "
                                + options.outputsInto()
                                + "\n"
                                + GraphPrinter.print(graph));
    }

    /** What the disk has under a key; nothing, with a warning, if it cannot be read. */
    public static Optional<Stored> get(String key) {
        return Runtime.instance()
                .diskCache()
                .get(KIND, key)
                .flatMap(
                        bytes -> {
                            try {
                                return Optional.of(Codec.STORED.read(bytes));
                            } catch (CodecException e) {
                                LOG.warn(
                                        "compiling again: a plan on disk cannot be read: {}",
                                        e.getMessage());
                                return Optional.empty();
                            }
                        });
    }

    /**
     * Writes a plan on a thread of its own, so that the first call need not wait; the process waits
     * for it before it ends.
     */
    static void put(String key, Stored plan) {
        Thread.ofPlatform()
                .daemon(false)
                .name("ipex-plan-writer")
                .start(
                        () ->
                                Runtime.instance()
                                        .diskCache()
                                        .put(KIND, key, Codec.STORED.write(plan)));
    }
}
