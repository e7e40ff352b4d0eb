package org.ipex4j.compiler.pass;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.ipex4j.ir.graph.Graph;

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
            Pass pass = passes.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow(
                    () -> new IllegalArgumentException("skipPasses: unknown pass '" + name + "', known are "
                            + passes.stream().map(Pass::name).toList()));
            if (!pass.optional()) {
                throw new IllegalArgumentException("skipPasses: pass '" + name + "' cannot be skipped");
            }
        }
        Graph current = graph;
        for (Pass pass : passes) {
            if (!skipped.contains(pass.name())) {
                Graph before = current;
                current = stage(pass.name(), () -> pass.run(before), Graph::toString);
                if (verify) {
                    GraphVerifier.verify(current, pass.name(), graph);
                }
            }
        }
        return current;
    }

    /** Runs one named stage of any kind. */
    public <T> T stage(String name, Supplier<T> work, java.util.function.Function<T, String> print) {
        long start = System.nanoTime();
        T result = work.get();
        long nanos = System.nanoTime() - start;
        listener.finished(name, () -> print.apply(result), nanos);
        return result;
    }
}
