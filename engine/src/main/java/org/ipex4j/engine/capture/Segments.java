package org.ipex4j.engine.capture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.ir.graph.Graph;

/**
 * The compiled pieces of a block whose forward needs more than one graph. A piece is found by what
 * it computes. Which of its results are read later is learnt: the first time a piece is met it runs
 * op by op, and when the forward is over its needs are known; from the second time on it runs
 * compiled. Bounded; the piece used longest ago makes room. Threads share it.
 */
final class Segments implements AutoCloseable {
    /** Compiles a piece. */
    @FunctionalInterface
    interface Compile {
        CompiledFunction compile(Graph graph);
    }

    /** One piece, ready to run. */
    static final class Segment {
        private final Graph graph;
        private final List<Integer> outputs;
        private final CompiledFunction function;
        private int users;
        private boolean retired;

        private Segment(Graph graph, List<Integer> outputs, CompiledFunction function) {
            this.graph = graph;
            this.outputs = outputs;
            this.function = function;
        }

        /** Which results of the cut it computes, by number. */
        List<Integer> outputs() {
            return outputs;
        }

        CompiledFunction function() {
            return function;
        }

        Graph graph() {
            return graph;
        }
    }

    private static final class Known {
        private final TreeSet<Integer> needs = new TreeSet<>();
        private Segment segment;
    }

    private final int capacity;
    private final Compile compiler;
    private final Map<Cut.Key, Known> known;

    Segments(int capacity, Compile compiler) {
        this.capacity = capacity;
        this.compiler = compiler;
        this.known = new LinkedHashMap<>(16, 0.75f, true);
    }

    /**
     * The compiled form of a cut, or null if it has not been met before or does not compute what is
     * asked for. To be given back with {@link #release}.
     *
     * @param required numbers of results that are needed at once
     */
    synchronized Segment acquire(Cut cut, Recording recording, List<Integer> required) {
        Known k = known.get(cut.key());
        if (k == null || !k.needs.containsAll(required)) {
            return null;
        }
        if (k.segment == null) {
            List<Integer> outputs = List.copyOf(k.needs);
            Graph graph =
                    cut.graph(
                            recording,
                            outputs.stream().map(i -> cut.results().get(i)).toList(),
                            false);
            k.segment = new Segment(graph, outputs, compiler.compile(graph));
        }
        k.segment.users++;
        return k.segment;
    }

    synchronized void release(Segment segment) {
        segment.users--;
        closeIfIdle(segment);
    }

    /** Notes which results of a cut were read after it ended. */
    synchronized void learn(Cut.Key key, List<Integer> needed) {
        Known k = known.computeIfAbsent(key, x -> new Known());
        if (k.needs.addAll(needed) && k.segment != null) {
            retire(k);
        }
        while (known.size() > capacity) {
            Cut.Key eldest = known.keySet().iterator().next();
            retire(known.remove(eldest));
        }
    }

    /** The pieces compiled so far. */
    synchronized List<Segment> compiled() {
        List<Segment> out = new ArrayList<>();
        for (Known k : known.values()) {
            if (k.segment != null) {
                out.add(k.segment);
            }
        }
        return out;
    }

    @Override
    public synchronized void close() {
        known.values().forEach(Segments::retire);
        known.clear();
    }

    private static void retire(Known k) {
        if (k.segment != null) {
            k.segment.retired = true;
            closeIfIdle(k.segment);
            k.segment = null;
        }
    }

    private static void closeIfIdle(Segment s) {
        if (s.retired && s.users == 0) {
            s.function.close();
        }
    }
}
