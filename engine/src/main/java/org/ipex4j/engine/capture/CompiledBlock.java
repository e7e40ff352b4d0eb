package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.ipex4j.engine.Backend;
import org.ipex4j.engine.Backends;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.engine.GraphBreak;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.autograd.Tape;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.log.Logs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A block whose forward runs as compiled graphs; in training, with the backend {@code ipex},
 * backward too. The first call with inputs of some kind captures and compiles; later calls of that
 * kind only run. Threads may share it.
 *
 * <p>One graph stands for the forward as it ran while captured: what Java code did then besides
 * array ops (a counter, a branch on a field) is not done again, and not seen again. Only where the
 * forward reads numbers of arrays on the host does Java code run at each call.
 */
public final class CompiledBlock extends WrappedBlock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CompiledBlock.class);

    /** Reasons of recompilations kept for {@code explain}. */
    private static final int MISSES_KEPT = 1000;

    private final CompileOptions options;
    private final OptimizeOptions optimize;
    private final boolean anew;
    private final Backend backend;
    private final Segments segments;
    private final CompiledTraining trained;

    /** Forwards in inference that gradients flow through. */
    private final CompiledTraining recorded;

    private final AtomicLong clock = new AtomicLong();
    private final List<String> misses = new ArrayList<>();
    private volatile Entry[] entries = {};
    private int recompilations;
    private boolean warnedLimit;
    private boolean warnedSizes;
    private boolean warnedParams;
    private double captureSeconds;
    private double compileSeconds;

    /**
     * One kind of call, and what serves it: a region, or, after graph breaks, tracing anew at each
     * call.
     */
    private static final class Entry {
        private final Signature signature;
        private final BlockTree tree;
        private final Region region;
        private final List<GraphBreak> breaks;
        private volatile long used;

        Entry(Signature signature, BlockTree tree, Region region, List<GraphBreak> breaks) {
            this.signature = signature;
            this.tree = tree;
            this.region = region;
            this.breaks = breaks;
        }
    }

    /** What {@code explain} shows of one kind of call. */
    public record Snapshot(
            List<String> guards,
            List<Graph> graphs,
            List<CompiledFunction.Report> reports,
            List<GraphBreak> breaks) {}

    /**
     * Wraps a block; nothing is captured yet.
     *
     * @param optimize what {@code Ipex.optimize} was given, or its defaults
     */
    public CompiledBlock(Block block, CompileOptions options, OptimizeOptions optimize) {
        this(block, options, optimize, false);
    }

    private CompiledBlock(
            Block block, CompileOptions options, OptimizeOptions optimize, boolean anew) {
        super(block);
        this.anew = anew;
        this.options = options;
        this.optimize = optimize;
        this.backend = Backends.get(options.backend());
        this.segments = new Segments(4 * options.cacheSize(), this::compile);
        this.trained = new CompiledTraining(block, name(), options, optimize);
        this.recorded = new CompiledTraining(block, name(), options, optimize);
        CompiledBlocks.add(this);
    }

    /** What {@code Ipex.optimize} was given, or its defaults. */
    public OptimizeOptions optimize() {
        return optimize;
    }

    /** What this block was compiled with. */
    public CompileOptions options() {
        return options;
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        if (isTraced(inputs)) {
            return block.forward(store, inputs, training, params);
        }
        check(inputs);
        if (training) {
            return train(
                    trained, (s, in) -> block.forward(s, in, true, params), store, inputs, params);
        }
        if (isRecorded(inputs)) {
            return train(
                    recorded,
                    (s, in) -> block.forward(s, in, false, params),
                    store,
                    inputs,
                    params);
        }
        if (!Signature.guardable(params)) {
            warnParams(params);
            return block.forward(store, inputs, false, params);
        }
        IpexNDManager manager = manager(store, inputs);
        int threads = Threads.count();
        Region.StaleException stale = null;
        while (true) {
            Entry entry = find(inputs, params, threads);
            if (entry == null || stale != null) {
                NDList done = miss(store, inputs, params, manager, threads, stale);
                if (done != null) {
                    return done;
                }
                stale = null;
                continue;
            }
            entry.used = clock.incrementAndGet();
            if (entry.region == null) {
                return trace(entry.tree, store, inputs, params, manager, false).results();
            }
            try {
                NDList results = entry.region.run(store, inputs, manager);
                if (results != null) {
                    return results;
                }
                // Another thread has dropped the graph since we found it: look again.
            } catch (Region.StaleException e) {
                drop(entry);
                stale = e;
            }
        }
    }

    /** In training a block also gets labels. */
    @Override
    public NDList forward(
            ParameterStore store, NDList data, NDList labels, PairList<String, Object> params) {
        NDList all = new NDList(data);
        if (labels != null) {
            all.addAll(labels);
        }
        if (isTraced(all)) {
            return block.forward(store, data, labels, params);
        }
        check(all);
        int n = data.size();
        return train(
                trained,
                (s, in) ->
                        block.forward(
                                s,
                                in.subNDList(0, n),
                                labels == null ? null : in.subNDList(n),
                                params),
                store,
                all,
                params);
    }

    /** True if a collector records and gradients flow to an input or a parameter. */
    private boolean isRecorded(NDList inputs) {
        Tape tape = Tape.recording();
        if (tape == null) {
            return false;
        }
        for (NDArray a : inputs) {
            if (tape.tracks((IpexNDArray) a)) {
                return true;
            }
        }
        return block.getParameters().stream().anyMatch(p -> p.getValue().requiresGradient());
    }

    private NDList train(
            CompiledTraining training,
            ForwardRun.Forward forward,
            ParameterStore store,
            NDList inputs,
            PairList<String, Object> params) {
        if (!Signature.guardable(params)) {
            warnParams(params);
            return forward.call(store, inputs);
        }
        NDList results =
                backend instanceof IpexBackend
                        ? training.forward(forward, store, inputs, params, manager(store, inputs))
                        : null;
        return results != null ? results : forward.call(store, inputs);
    }

    private static boolean isTraced(NDList inputs) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i) instanceof IpexNDArray a && !a.isReleased() && a.isTraced()) {
                return true;
            }
        }
        return false;
    }

    static void check(NDList inputs) {
        for (int i = 0; i < inputs.size(); i++) {
            NDArray a = inputs.get(i);
            if (EngineArrays.check(a) == null) {
                String name = a == null || a.getName() == null ? "data" + i : a.getName();
                EngineArrays.refuse(a, "input '" + name + "' of the compiled block");
            }
        }
    }

    private static IpexNDManager manager(ParameterStore store, NDList inputs) {
        NDManager m = inputs.isEmpty() ? store.getManager() : inputs.head().getManager();
        if (m instanceof IpexNDManager found) {
            return found;
        }
        throw new IllegalArgumentException(
                "the compiled block needs a manager of the engine IPEX, got one of "
                        + m.getEngine().getEngineName());
    }

    private Entry find(NDList inputs, PairList<String, Object> params, int threads) {
        for (Entry e : entries) {
            if (e.signature.compare(inputs, params, threads) == Signature.Difference.NONE) {
                return e;
            }
        }
        return null;
    }

    /**
     * Captures and compiles for a new kind of call. The results if that computed them, else null.
     */
    private synchronized NDList miss(
            ParameterStore store,
            NDList inputs,
            PairList<String, Object> params,
            IpexNDManager manager,
            int threads,
            Region.StaleException stale) {
        WarmUp.noMore();
        if (find(inputs, params, threads) != null) {
            return null; // another thread was here first
        }
        Signature signature = Signature.of(inputs, params, threads);
        Miss miss = explainMiss(signature, inputs, params, threads, stale);
        if (miss.counts && recompilations >= options.recompileLimit()) {
            warnLimit(miss.reason);
            return block.forward(store, inputs, false, params);
        }
        if (miss.reason != null) {
            Logs.RECOMPILES.log(() -> name() + ": recompiling: " + miss.reason);
        }
        long start = System.nanoTime();
        BlockTree tree = new BlockTree(block);
        ForwardRun run = trace(tree, store, inputs, params, manager, true);
        captureSeconds += seconds(start);
        Region region = null;
        if (run.capture() != null) {
            Logs.GRAPH.log(() -> "captured\n" + run.capture().graph());
            region = new Region(run.capture(), compile(run.capture().graph()), tree);
        } else {
            for (GraphBreak b : run.breaks()) {
                Logs.GRAPH.log(() -> "graph break: " + b);
            }
        }
        // Counted now: a call that fails, for its input is of no use, is no recompilation.
        note(miss);
        put(new Entry(signature, tree, region, run.breaks()));
        return run.results();
    }

    private ForwardRun trace(
            BlockTree tree,
            ParameterStore store,
            NDList inputs,
            PairList<String, Object> params,
            IpexNDManager manager,
            boolean first) {
        List<Node> like = List.of();
        for (Entry e : first ? entries : new Entry[0]) {
            if (e.region != null) {
                like = e.region.capture().graph().nodes();
            }
        }
        return ForwardRun.run(
                (s, in) -> block.forward(s, in, false, params),
                tree,
                options.fullGraph() ? BlockTracer.Mode.FULL_GRAPH : BlockTracer.Mode.PIECES,
                segments,
                p -> numbers(p, store),
                inputs,
                manager,
                first,
                like);
    }

    private static Tensor numbers(Parameter p, ParameterStore store) {
        boolean plain = store == null || store.getClass() == ParameterStore.class;
        NDArray array = plain ? p.getArray() : store.getValue(p, ai.djl.Device.cpu(), false);
        IpexNDArray open = EngineArrays.check(array);
        return open == null
                ? EngineArrays.refuse(array, "parameter '" + p.getName() + "'")
                : open.tensor();
    }

    private CompiledFunction compile(Graph graph) {
        long start = System.nanoTime();
        CompiledFunction f = backend.compile(graph, new Backend.Request(options, optimize, anew));
        compileSeconds += seconds(start);
        return f;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /**
     * Why a call is not served by a graph of the cache.
     *
     * @param reason null for the first capture
     * @param counts against the recompilation limit
     */
    private record Miss(String reason, boolean counts) {}

    private Miss explainMiss(
            Signature now,
            NDList inputs,
            PairList<String, Object> params,
            int threads,
            Region.StaleException stale) {
        if (stale != null) {
            return new Miss(stale.getMessage(), true);
        }
        boolean sizesOnly = false;
        Signature nearest = null;
        for (Entry e : entries) {
            sizesOnly |= e.signature.compare(inputs, params, threads) == Signature.Difference.SIZES;
            if (nearest == null || e.signature.distance(now) < nearest.distance(now)) {
                nearest = e.signature;
            }
        }
        if (nearest == null) {
            return new Miss(null, false);
        }
        return new Miss(nearest.explain(now), !sizesOnly || !options.dynamic().orElse(true));
    }

    private void note(Miss miss) {
        recompilations += miss.counts ? 1 : 0;
        if (miss.reason != null) {
            if (misses.size() == MISSES_KEPT) {
                misses.removeFirst();
            }
            misses.add(miss.reason);
        }
    }

    private void warnLimit(String reason) {
        if (!warnedLimit) {
            warnedLimit = true;
            misses.add("not compiled, limit reached: " + reason);
            LOG.warn(
                    "{}: recompilation limit of {} reached; calls of a new kind run eagerly from here on. Last"
                            + " reason: {}",
                    name(),
                    options.recompileLimit(),
                    reason);
        }
    }

    private String name() {
        return "compiled " + block.getClass().getSimpleName();
    }

    private synchronized void put(Entry entry) {
        entry.used = clock.incrementAndGet();
        List<Entry> all = new ArrayList<>(List.of(entries));
        all.addFirst(entry);
        Entry oldest = null;
        if (all.size() > options.cacheSize()) {
            oldest = all.stream().min(Comparator.comparingLong(e -> e.used)).orElseThrow();
            all.remove(oldest);
        }
        entries = all.toArray(Entry[]::new);
        if (oldest != null) {
            close(oldest);
            warnSizes();
        }
    }

    private void warnSizes() {
        if (!warnedSizes && options.dynamic().isEmpty()) {
            warnedSizes = true;
            LOG.warn(
                    "{}: more than {} kinds of input; graphs used longest ago are dropped and compiled again."
                            + " Pad or bucket the inputs, or raise CompileOptions.cacheSize",
                    name(),
                    options.cacheSize());
        }
    }

    private synchronized void drop(Entry entry) {
        List<Entry> all = new ArrayList<>(List.of(entries));
        if (all.remove(entry)) {
            entries = all.toArray(Entry[]::new);
            close(entry);
        }
    }

    private static void close(Entry e) {
        if (e.region != null) {
            e.region.close();
        }
    }

    private synchronized void warnParams(PairList<String, Object> params) {
        if (!warnedParams) {
            warnedParams = true;
            LOG.warn(
                    "{}: params of forward hold values that cannot be guarded (only numbers, strings, booleans and"
                            + " enums can); the call runs eagerly: {}",
                    name(),
                    params.keys());
        }
    }

    /** The same block with the same options and nothing captured; compiles even what is on disk. */
    public CompiledBlock anew() {
        return new CompiledBlock(block, options, optimize, true);
    }

    /** What serves calls like the latest one. */
    public synchronized Optional<Snapshot> snapshot() {
        Entry latest = null;
        for (Entry e : entries) {
            latest = latest == null || e.used > latest.used ? e : latest;
        }
        if (latest == null) {
            return Optional.empty();
        }
        List<String> guards = new ArrayList<>(latest.signature.guards());
        List<Graph> graphs = new ArrayList<>();
        List<CompiledFunction.Report> reports = new ArrayList<>();
        if (latest.region != null) {
            guards.addAll(latest.region.guards());
            graphs.add(latest.region.capture().graph());
            reports.add(latest.region.function().report());
        } else {
            for (Segments.Segment s : segments.compiled()) {
                graphs.add(s.graph());
                reports.add(s.function().report());
            }
        }
        return Optional.of(new Snapshot(guards, graphs, reports, latest.breaks));
    }

    /** Why graphs were captured anew, oldest first. */
    public synchronized List<String> misses() {
        return List.copyOf(misses);
    }

    /** How many kinds of call have a graph now. */
    public int cachedGraphs() {
        return entries.length;
    }

    /** Seconds spent capturing and compiling so far. */
    public synchronized double[] secondsSpent() {
        return new double[] {captureSeconds, compileSeconds};
    }

    /** Drops every graph; calls under way finish, and the next call captures anew. */
    public synchronized void reset() {
        Entry[] all = entries;
        entries = new Entry[] {};
        for (Entry e : all) {
            close(e);
        }
        segments.close();
        trained.close();
        recorded.close();
        misses.clear();
        recompilations = 0;
        warnedLimit = false;
        warnedSizes = false;
    }

    /** Frees what was compiled. The block may be used on; it then compiles again. */
    @Override
    public void close() {
        reset();
    }

    @Override
    public void clear() {
        reset();
        super.clear();
    }

    @Override
    public String toString() {
        return "Compiled[" + options.backend() + "] " + block;
    }
}
