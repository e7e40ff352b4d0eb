package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.engine.Backend;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.GraphBreakException;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.autograd.Tape;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.plan.Loaded;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.log.Logs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The forwards of one block in training, by kind of call: each captured whole, differentiated and
 * compiled. A forward that does not fit one graph is not compiled, and a warning says why.
 */
final class CompiledTraining implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CompiledTraining.class);

    private final Block block;
    private final String name;
    private final CompileOptions options;
    private final OptimizeOptions optimize;
    private final List<Entry> entries = new ArrayList<>();
    private int recompilations;
    private boolean warnedLimit;
    private long clock;
    private BlockTree tree;

    /**
     * @param region null if the forward runs op by op
     */
    private static final class Entry {
        private final Key key;
        private final TrainingRegion region;
        private long used;

        Entry(Key key, TrainingRegion region) {
            this.key = key;
            this.region = region;
        }
    }

    /**
     * What a compiled forward in training was made for.
     *
     * @param call as in inference
     * @param wantsGradient for each input, whether gradients flow to it
     * @param trained for each parameter of the block, whether it requires a gradient
     * @param backward whether a collector records
     */
    private record Key(
            Signature call, List<Boolean> wantsGradient, List<Boolean> trained, boolean backward) {
        boolean serves(NDList inputs, PairList<String, Object> params, int threads) {
            return call.compare(inputs, params, threads) == Signature.Difference.NONE;
        }

        String explain(Key now) {
            if (!wantsGradient.equals(now.wantsGradient)) {
                return "inputs that require gradients: expected "
                        + wantsGradient
                        + ", got "
                        + now.wantsGradient;
            }
            if (!trained.equals(now.trained)) {
                return "other parameters are frozen now";
            }
            return backward != now.backward
                    ? "a gradient collector is open: expected " + backward + ", got " + now.backward
                    : call.explain(now.call);
        }

        boolean differsInSizesAlone(Key now, NDList inputs, PairList<String, Object> params) {
            return wantsGradient.equals(now.wantsGradient)
                    && trained.equals(now.trained)
                    && backward == now.backward
                    && call.compare(inputs, params, now.call.threads())
                            == Signature.Difference.SIZES;
        }
    }

    /**
     * @param block its parameters are trained
     * @param name for messages and profiles
     */
    CompiledTraining(Block block, String name, CompileOptions options, OptimizeOptions optimize) {
        this.block = block;
        this.name = name;
        this.options = options;
        this.optimize = optimize;
    }

    /**
     * The forward of a call.
     *
     * @param eager the forward in training, op by op; the same at each call but for what {@code
     *     params} say
     * @param params guardable, see {@link Signature#guardable}
     * @return null if the forward is not compiled and must run op by op
     */
    NDList forward(
            ForwardRun.Forward eager,
            ParameterStore store,
            NDList inputs,
            PairList<String, Object> params,
            IpexNDManager manager) {
        Region.StaleException stale = null;
        while (true) {
            TrainingRegion region = region(eager, inputs, params, manager, stale);
            if (region == null) {
                return null;
            }
            stale = null;
            try {
                NDList results = region.run(store, inputs, manager);
                if (results != null) {
                    return results;
                }
            } catch (Region.StaleException e) {
                drop(region);
                stale = e;
            }
        }
    }

    private synchronized TrainingRegion region(
            ForwardRun.Forward eager,
            NDList inputs,
            PairList<String, Object> params,
            IpexNDManager manager,
            Region.StaleException stale) {
        int threads = Threads.count();
        Tape tape = Tape.recording();
        if (tree == null) {
            tree = new BlockTree(block);
        }
        List<Boolean> wants = wantsGradient(inputs, tape);
        List<Boolean> trained = trained();
        for (Entry e : entries) {
            if (e.key.backward == (tape != null)
                    && e.key.wantsGradient.equals(wants)
                    && e.key.trained.equals(trained)
                    && e.key.serves(inputs, params, threads)) {
                e.used = ++clock;
                return e.region;
            }
        }
        Key key = new Key(Signature.of(inputs, params, threads), wants, trained, tape != null);
        if (!admits(key, inputs, params, stale)) {
            return null;
        }
        TrainingRegion region = compile(eager, inputs, manager, key);
        put(new Entry(key, region));
        return region;
    }

    private static List<Boolean> wantsGradient(NDList inputs, Tape tape) {
        List<Boolean> out = new ArrayList<>(inputs.size());
        for (NDArray a : inputs) {
            out.add(tape != null && tape.tracks((IpexNDArray) a));
        }
        return out;
    }

    private List<Boolean> trained() {
        return tree.parameters().stream().map(Parameter::requiresGradient).toList();
    }

    /** False if there have been too many kinds of call. */
    private boolean admits(
            Key key, NDList inputs, PairList<String, Object> params, Region.StaleException stale) {
        if (entries.isEmpty()) {
            return true;
        }
        Key nearest = entries.getLast().key;
        String reason = stale != null ? stale.getMessage() : nearest.explain(key);
        boolean sizes =
                stale == null
                        && entries.stream()
                                .anyMatch(e -> e.key.differsInSizesAlone(key, inputs, params));
        boolean counts = !sizes || !options.dynamic().orElse(true);
        if (counts && recompilations >= options.recompileLimit()) {
            if (!warnedLimit) {
                warnedLimit = true;
                LOG.warn(
                        "{}: recompilation limit of {} reached in training; calls of a new kind run eagerly from"
                                + " here on. Last reason: {}",
                        name,
                        options.recompileLimit(),
                        reason);
            }
            return false;
        }
        recompilations += counts ? 1 : 0;
        Logs.RECOMPILES.log(() -> name + ": recompiling for training: " + reason);
        return true;
    }

    private TrainingRegion compile(
            ForwardRun.Forward eager, NDList inputs, IpexNDManager manager, Key key) {
        Capture capture;
        try (Tape.Pause _ = Tape.pause()) {
            capture = capture(eager, inputs, manager);
        } catch (GraphBreakException e) {
            if (options.fullGraph()) {
                throw e;
            }
            LOG.warn(
                    "{}: runs op by op in training, as no one graph holds it: {}",
                    name,
                    e.getMessage());
            return null;
        }
        Logs.GRAPH.log(() -> "captured for training\n" + capture.graph());
        boolean[] wants = new boolean[inputs.size()];
        for (int i = 0; i < wants.length; i++) {
            wants[i] = key.wantsGradient.get(i);
        }
        TrainingGraph training = TrainingGraph.of(capture, wants, key.backward);
        Loaded loaded =
                IpexBackend.compile(
                        training.graph(),
                        new Backend.Request(options, optimize, false),
                        training.writes());
        return new TrainingRegion(training, loaded, tree, name);
    }

    private Capture capture(ForwardRun.Forward eager, NDList inputs, IpexNDManager manager) {
        try (Segments none =
                new Segments(
                        1,
                        g -> {
                            throw new IllegalStateException("no pieces are compiled in training");
                        })) {
            return ForwardRun.run(
                            eager,
                            tree,
                            BlockTracer.Mode.TRAINING,
                            none,
                            this::numbers,
                            inputs,
                            manager,
                            true,
                            List.of())
                    .capture();
        }
    }

    private Tensor numbers(Parameter p) {
        IpexNDArray open = EngineArrays.check(p.getArray());
        return open == null
                ? EngineArrays.refuse(p.getArray(), "parameter '" + tree.name(p) + "'")
                : open.tensor();
    }

    private void put(Entry entry) {
        entry.used = ++clock;
        entries.add(entry);
        if (entries.size() > options.cacheSize()) {
            Entry oldest = entries.getFirst();
            for (Entry e : entries) {
                oldest = e.used < oldest.used ? e : oldest;
            }
            remove(oldest);
        }
    }

    private synchronized void drop(TrainingRegion region) {
        entries.stream().filter(e -> e.region == region).findFirst().ifPresent(this::remove);
    }

    private void remove(Entry e) {
        entries.remove(e);
        if (e.region != null) {
            e.region.close();
        }
    }

    /** The latest compiled run, for reports; null if there is none. */
    synchronized TrainingRegion latest() {
        TrainingRegion found = null;
        long used = -1;
        for (Entry e : entries) {
            if (e.region != null && e.used > used) {
                found = e.region;
                used = e.used;
            }
        }
        return found;
    }

    /** Drops every graph; runs under way finish. */
    @Override
    public synchronized void close() {
        List.copyOf(entries).forEach(this::remove);
        recompilations = 0;
        warnedLimit = false;
    }
}
