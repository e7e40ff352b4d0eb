package org.ipex4j.compiler.pass;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphVerifier;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;

/** Runs stages: times them, tells the listener, and verifies graphs after each pass if asked to. */
public final class PassRunner {
    private final Set<String> skipped;
    private final StageListener listener;
    private final boolean verify;

    public PassRunner(Set<String> skipped, StageListener listener, boolean verify) {
        this.skipped = Set.copyOf(skipped);
        this.listener = listener;
        this.verify = verify;
    }

    /**
     * The graph after all passes.
     *
     * @throws IllegalArgumentException if a pass to be skipped is unknown or needed by later stages
     */
    public Graph run(List<Pass> passes, Graph graph) {
        for (String name : skipped) {
            Pass pass =
                    passes.stream()
                            .filter(p -> p.name().equals(name))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "skipPasses: unknown pass '"
                                                            + name
                                                            + "', known are "
                                                            + passes.stream()
                                                                    .map(Pass::name)
                                                                    .toList()));
            if (!pass.optional()) {
                throw new IllegalArgumentException(
                        "skipPasses: pass '" + name + "' cannot be skipped");
            }
        }
        Graph current = graph;
        for (Pass pass : passes) {
            if (!skipped.contains(pass.name())) {
                Graph before = current;
                current = stage(pass.name(), () -> pass.run(before), Graph::toString);
                if (verify) {
                    verify(current, pass.name(), graph);
                }
            }
        }
        return current;
    }

    /** Runs one named stage of any kind. */
    public <T> T stage(
            String name, Supplier<T> work, java.util.function.Function<T, String> print) {
        long start = System.nanoTime();
        T result = work.get();
        long nanos = System.nanoTime() - start;
        listener.finished(name, () -> print.apply(result), nanos);
        return result;
    }

    /** The graph is sound, and its inputs and output types are the original's. */
    private static void verify(Graph graph, String after, Graph original) {
        try {
            GraphVerifier.verify(graph);
        } catch (IllegalStateException e) {
            throw new IllegalStateException("after pass " + after + ": " + e.getMessage(), e);
        }
        List<String> inputs = graph.inputs().stream().map(PassRunner::describe).toList();
        List<String> before = original.inputs().stream().map(PassRunner::describe).toList();
        if (!inputs.equals(before)) {
            throw new IllegalStateException(
                    "after pass " + after + ": inputs changed from " + before + " to " + inputs);
        }
        List<TensorType> outputs = graph.outputs().stream().map(Value::type).toList();
        List<TensorType> wanted = original.outputs().stream().map(Value::type).toList();
        if (!outputs.equals(wanted)) {
            throw new IllegalStateException(
                    "after pass "
                            + after
                            + ": output types changed from "
                            + wanted
                            + " to "
                            + outputs);
        }
    }

    private static String describe(Input in) {
        return in.role().text() + " " + in.name() + ": " + in.value().type();
    }
}
