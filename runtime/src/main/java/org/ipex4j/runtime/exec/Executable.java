package org.ipex4j.runtime.exec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.CompiledGraph.Bound;
import org.ipex4j.ir.plan.CompiledGraph.Prologue;
import org.ipex4j.ir.plan.CompiledGraph.Result;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.dnnl.OmpThreads;
import org.ipex4j.runtime.lane.InParallel;
import org.ipex4j.runtime.log.Profile;
import org.ipex4j.runtime.memory.Storage;

/**
 * A compiled graph ready to run. Any number of threads may run it at once; a graph that changes its
 * inputs only on inputs of their own. Closing it while runs are under way lets them finish; its
 * native memory is freed with the last of them.
 */
public final class Executable implements AutoCloseable {
    /** Sets of parameters whose prologue results are kept: the layers of one size in a network. */
    private static final int KEPT = 256;

    private final CompiledGraph graph;
    private final LoadedPlan main;
    private final List<LoadedPlan> prologues = new ArrayList<>();
    private final long workspaceBytes;
    private final BufferType[] inputTypes;
    private final PhaseUse use;

    /** One for being open, one per run. */
    private final AtomicInteger users = new AtomicInteger(1);

    private final AtomicBoolean closed = new AtomicBoolean();
    private final Object prologueLock = new Object();

    /**
     * Results for the parameters of late, last used first: an eager op serves all layers of its
     * sizes. Guarded by {@code prologueLock}.
     */
    private final ArrayDeque<Prepared> kept = new ArrayDeque<>();

    /** Prologue results that runs refer to; counted like the executable. */
    static final class Prepared {
        final Prologues.Entry[] entries;
        private final AtomicInteger users = new AtomicInteger(1);

        Prepared(Prologues.Entry[] entries) {
            this.entries = entries;
        }

        Prepared retain() {
            users.incrementAndGet();
            return this;
        }

        boolean isStale() {
            for (Prologues.Entry e : entries) {
                if (e.isStale()) {
                    return true;
                }
            }
            return false;
        }

        void release() {
            if (users.decrementAndGet() == 0) {
                for (Prologues.Entry e : entries) {
                    e.release();
                }
            }
        }
    }

    private Executable(CompiledGraph graph) {
        this.graph = graph;
        this.inputTypes = inputTypes(graph);
        this.use = new PhaseUse(graph, inputTypes.length);
        LoadedPlan loaded = null;
        LoadedPlan.Placed placed = LoadedPlan.Placed.bySize(graph.main());
        List<LoadedPlan.Placed> before = place(graph.prologues());
        List<LoadedPlan.Placed> all = new ArrayList<>(before);
        all.add(placed);
        LoadedPlan.prepare(all);
        try {
            loaded = LoadedPlan.load(placed);
            for (LoadedPlan.Placed p : before) {
                prologues.add(LoadedPlan.load(p));
            }
        } catch (RuntimeException | Error e) {
            prologues.forEach(LoadedPlan::close);
            if (loaded != null) {
                loaded.close();
            }
            throw e;
        }
        main = loaded;
        workspaceBytes = main.workspaceBytes();
        Workspaces.shared().open(workspaceBytes);
    }

    /**
     * Links a compiled graph: code is compiled or found, primitives are made.
     *
     * @throws IllegalArgumentException if the graph contradicts itself
     */
    public static Executable load(CompiledGraph graph) {
        return new Executable(graph);
    }

    /**
     * Prologues run beside each other, each on one thread: they are many and short, and a parallel
     * region in each waits for threads that are busy otherwise while a process starts. Only one
     * that is a large part of the whole gets all threads for itself.
     */
    private static List<LoadedPlan.Placed> place(List<Prologue> prologues) {
        double total = 0;
        for (Prologue p : prologues) {
            total += bytes(p.plan());
        }
        double share = total / (2 * Runtime.instance().threads());
        List<LoadedPlan.Placed> placed = new ArrayList<>();
        for (Prologue p : prologues) {
            boolean wide = bytes(p.plan()) > share && !LoadedPlan.isSmall(p.plan());
            placed.add(new LoadedPlan.Placed(p.plan(), !wide));
        }
        return placed;
    }

    private static double bytes(Plan plan) {
        return plan.steps().stream().mapToDouble(s -> s.work().bytes()).sum();
    }

    /** What each graph input must be, as far as a plan reads it; null where none does. */
    private static BufferType[] inputTypes(CompiledGraph graph) {
        int count = 0;
        List<Integer> indexes = new ArrayList<>();
        List<BufferType> types = new ArrayList<>();
        List<BufferType> mainInputs = graph.main().inputs();
        if (mainInputs.size() != graph.arguments().size() + graph.bound().size()) {
            throw new IllegalArgumentException(
                    "the main plan has "
                            + mainInputs.size()
                            + " inputs, the graph gives "
                            + graph.arguments().size()
                            + " arguments and "
                            + graph.bound().size()
                            + " bound values");
        }
        for (int i = 0; i < graph.arguments().size(); i++) {
            indexes.add(graph.arguments().get(i));
            types.add(mainInputs.get(i));
        }
        for (int i = 0; i < graph.bound().size(); i++) {
            if (graph.bound().get(i) instanceof Bound.Input(int input)) {
                indexes.add(input);
                types.add(mainInputs.get(graph.arguments().size() + i));
            }
        }
        for (Prologue p : graph.prologues()) {
            for (int i = 0; i < p.inputs().size(); i++) {
                indexes.add(p.inputs().get(i));
                types.add(p.plan().inputs().get(i));
            }
        }
        for (int index : indexes) {
            count = Math.max(count, index + 1);
        }
        BufferType[] out = new BufferType[count];
        for (int i = 0; i < indexes.size(); i++) {
            int at = indexes.get(i);
            if (out[at] != null && !out[at].equals(types.get(i))) {
                throw new IllegalArgumentException(
                        "graph input " + at + " is read as " + out[at] + " and as " + types.get(i));
            }
            out[at] = types.get(i);
        }
        return out;
    }

    /** The graph this was loaded from. */
    public CompiledGraph graph() {
        return graph;
    }

    /** The implementation of each oneDNN step of the main plan, in order, for reports. */
    public List<String> implementations() {
        return main.implementations();
    }

    /** Native memory that a run borrows besides its results. */
    public long workspaceBytes() {
        return workspaceBytes;
    }

    /**
     * Runs the graph.
     *
     * @param inputs one tensor per graph input, in the graph's order, of exactly the dtype, sizes
     *     and strides it was compiled for
     * @param outs null, or one element per graph result: a tensor to write that result into, or
     *     null for a fresh one. One that overlaps an input is written after the run.
     * @return the results, which the caller closes; an element of {@code outs} is returned as it is
     * @throws IllegalArgumentException if a tensor is not what the graph was compiled for, or one
     *     that the graph changes is read-only or shares memory with another input
     * @throws IllegalStateException if a tensor or this executable is closed
     */
    public Tensor[] run(Tensor[] inputs, Tensor[] outs) {
        retain();
        try {
            check(inputs, outs);
            // Another thread may close its tensors meanwhile; the memory stays until the run ends.
            Storage[] held = hold(inputs);
            try {
                return new Run(inputs, outs).go();
            } finally {
                for (Storage s : held) {
                    if (s != null) {
                        s.release();
                    }
                }
            }
        } finally {
            release();
        }
    }

    /**
     * Begins a run that stops after each phase of the graph, so that backward comes when its
     * tangents are known. The caller closes it.
     */
    public PhasedRun begin() {
        return new PhasedRun(this, main, use);
    }

    /** How many graph inputs a run reads at most. */
    int inputCount() {
        return inputTypes.length;
    }

    /** What a graph input must be; null if no plan reads it. */
    BufferType inputType(int i) {
        return i < inputTypes.length ? inputTypes[i] : null;
    }

    /**
     * Runs the graph some times and tells where the main plan's time went; results are dropped.
     *
     * @param inputs as for {@link #run}
     */
    public Profile profile(Tensor[] inputs, int runs) {
        Profile profile = main.newProfile();
        for (int i = 0; i <= runs; i++) {
            // The first run computes prologues and touches fresh memory.
            Profile before = main.profile(i == 0 ? null : profile);
            try {
                for (Tensor t : run(inputs, null)) {
                    t.close();
                }
            } finally {
                main.profile(before);
            }
        }
        return profile;
    }

    private Storage[] hold(Tensor[] inputs) {
        Storage[] held = new Storage[inputs.length];
        try {
            for (int i = 0; i < inputs.length; i++) {
                held[i] = inputs[i] == null ? null : inputs[i].storage().retain();
            }
        } catch (RuntimeException e) {
            for (Storage s : held) {
                if (s != null) {
                    s.release();
                }
            }
            throw e;
        }
        return held;
    }

    private void check(Tensor[] inputs, Tensor[] outs) {
        if (inputs.length < inputTypes.length) {
            throw new IllegalArgumentException(
                    "the graph has at least "
                            + inputTypes.length
                            + " inputs, got "
                            + inputs.length);
        }
        for (int i = 0; i < inputTypes.length; i++) {
            if (inputTypes[i] != null) {
                Checks.matches("input", i, inputs[i], inputTypes[i]);
            }
        }
        Checks.writable(inputs, graph.written());
        if (outs == null) {
            return;
        }
        if (outs.length != graph.results().size()) {
            throw new IllegalArgumentException(
                    "the graph has "
                            + graph.results().size()
                            + " results, got "
                            + outs.length
                            + " output tensors");
        }
        for (int i = 0; i < outs.length; i++) {
            if (outs[i] == null) {
                continue;
            }
            BufferType type = resultType(i);
            if (graph.results().get(i) instanceof Result.Output) {
                Checks.matches("output", i, outs[i], type);
            } else if (!outs[i].type().equals(type.type())) {
                throw new IllegalArgumentException(
                        "output " + i + " should be " + type.type() + ", is " + outs[i].type());
            }
            if (outs[i].isReadOnly()) {
                throw new IllegalArgumentException(
                        "output " + i + " is read-only memory: " + outs[i]);
            }
        }
    }

    private BufferType resultType(int i) {
        return switch (graph.results().get(i)) {
            case Result.Output(int index) -> graph.main().outputs().get(index);
            case Result.InputView v -> v.type();
            case Result.BoundValue v -> v.type();
        };
    }

    /** One call; short-lived. */
    private final class Run {
        private final Tensor[] inputs;
        private final Tensor[] outs;

        /** The main plan's outputs: given ones that can be written directly, otherwise fresh. */
        private final Tensor[] made = new Tensor[graph.main().outputs().size()];

        private Prepared using;

        Run(Tensor[] inputs, Tensor[] outs) {
            this.inputs = inputs;
            this.outs = outs;
        }

        Tensor[] go() {
            boolean[] given = new boolean[made.length];
            Tensor[] results = new Tensor[graph.results().size()];
            boolean done = false;
            try {
                allocate(given);
                using = prepare(inputs);
                try {
                    dispatch(main, this::runMain);
                } finally {
                    // Also after a failure: some of them may have changed.
                    for (int i : graph.written()) {
                        inputs[i].bumpVersion();
                    }
                }
                collect(results);
                done = true;
                return results;
            } finally {
                if (using != null) {
                    using.release();
                }
                for (int i = 0; i < made.length; i++) {
                    if (made[i] != null && !given[i]) {
                        made[i].close(); // results are handles of their own
                    }
                }
                if (!done) {
                    for (int i = 0; i < results.length; i++) {
                        if (results[i] != null && (outs == null || outs[i] != results[i])) {
                            results[i].close();
                        }
                    }
                }
            }
        }

        private void allocate(boolean[] given) {
            if (outs != null) {
                for (int i = 0; i < outs.length; i++) {
                    if (outs[i] != null
                            && graph.results().get(i) instanceof Result.Output(int index)
                            && made[index] == null
                            && !Checks.overlaps(outs[i], inputs)) {
                        made[index] = outs[i];
                        given[index] = true;
                    }
                }
            }
            for (int i = 0; i < made.length; i++) {
                if (made[i] == null) {
                    BufferType t = graph.main().outputs().get(i);
                    made[i] = Tensor.empty(t.type(), t.layout().strides());
                }
            }
        }

        private void runMain() {
            try (OmpThreads.Scope _ = OmpThreads.set(main.threads())) {
                execute(
                        main,
                        frame -> {
                            for (int i = 0; i < graph.arguments().size(); i++) {
                                frame.input(i, inputs[graph.arguments().get(i)].address());
                            }
                            for (int i = 0; i < graph.bound().size(); i++) {
                                frame.input(
                                        graph.arguments().size() + i,
                                        address(graph.bound().get(i)));
                            }
                            for (int i = 0; i < made.length; i++) {
                                frame.output(i, made[i].address());
                            }
                        });
            }
        }

        private long address(Bound bound) {
            return switch (bound) {
                case Bound.Input(int i) -> inputs[i].address();
                case Bound.Computed(int p, int o) -> using.entries[p].output(o).address();
            };
        }

        private void collect(Tensor[] results) {
            for (int i = 0; i < results.length; i++) {
                Tensor value =
                        switch (graph.results().get(i)) {
                            case Result.Output(int index) ->
                                    made[index] == out(i) ? null : made[index].alias();
                            case Result.InputView(int input, BufferType type, long offset) ->
                                    view(inputs[input], type, offset);
                            case Result.BoundValue(
                                            Bound.Input(int input),
                                            BufferType type,
                                            long offset) ->
                                    view(inputs[input], type, offset);
                            case Result.BoundValue(
                                            Bound.Computed(int p, int o),
                                            BufferType type,
                                            long offset) ->
                                    Tensor.of(
                                            using.entries[p].output(o).retain(),
                                            type.type(),
                                            type.layout().strides(),
                                            offset);
                        };
                if (out(i) == null) {
                    results[i] = value;
                } else {
                    results[i] = out(i);
                    if (value != null) {
                        try (value) {
                            StridedCopy.copy(value, out(i));
                        }
                    }
                    out(i).bumpVersion();
                }
            }
        }

        private Tensor out(int i) {
            return outs == null ? null : outs[i];
        }

        private Tensor view(Tensor of, BufferType type, long offset) {
            if (of == null) {
                throw new IllegalArgumentException(
                        "an input that the graph returns as " + type.type() + " is missing");
            }
            return of.view(type.sizes(), type.layout().strides(), of.offset() + offset);
        }
    }

    private interface Pointing {
        void point(Frame frame);
    }

    /** Small plans run where they are; the others on a lane. */
    static void dispatch(LoadedPlan plan, Runnable job) {
        if (plan.isInline()) {
            job.run();
        } else {
            Runtime.instance()
                    .lanes()
                    .call(
                            () -> {
                                job.run();
                                return null;
                            });
        }
    }

    /** Runs a plan on the calling thread. */
    private static void execute(LoadedPlan plan, Pointing pointing) {
        Frame frame = plan.take();
        try {
            Workspaces.Workspace workspace = Workspaces.shared().take(plan.workspaceBytes());
            try {
                frame.workspace(workspace.address());
                pointing.point(frame);
                frame.run(0, plan.plan().steps().size(), plan.profile());
            } finally {
                Workspaces.shared().give(workspace);
            }
        } finally {
            plan.give(frame);
        }
    }

    /** Prologue results for these parameters; the caller releases what it gets. */
    Prepared prepare(Tensor[] inputs) {
        synchronized (prologueLock) {
            Prepared known = find(inputs);
            if (known == null) {
                known = compute(inputs);
                keep(known);
            }
            return known.retain();
        }
    }

    private Prepared find(Tensor[] inputs) {
        for (Prepared p : kept) {
            if (isCurrent(p, inputs)) {
                if (p != kept.peekFirst()) {
                    kept.remove(p);
                    kept.addFirst(p);
                }
                return p;
            }
        }
        return null;
    }

    private void keep(Prepared fresh) {
        // What belongs to parameters that have changed or are gone goes only now that the new is
        // computed: they may share results.
        for (Prepared p : List.copyOf(kept)) {
            if (p.isStale()) {
                kept.remove(p);
                p.release();
            }
        }
        kept.addFirst(fresh);
        if (kept.size() > KEPT) {
            kept.removeLast().release();
        }
    }

    private Prepared compute(Tensor[] inputs) {
        Prologues.Entry[] entries = new Prologues.Entry[prologues.size()];
        try {
            List<Integer> narrow = new ArrayList<>();
            for (int i = 0; i < entries.length; i++) {
                if (prologues.get(i).isInline()) {
                    narrow.add(i);
                } else {
                    entries[i] = compute(i, inputs);
                }
            }
            InParallel.each(
                    narrow, Runtime.instance().threads(), i -> entries[i] = compute(i, inputs));
        } catch (RuntimeException | Error e) {
            for (Prologues.Entry entry : entries) {
                if (entry != null) {
                    entry.release();
                }
            }
            throw e;
        }
        return new Prepared(entries);
    }

    private boolean isCurrent(Prepared p, Tensor[] inputs) {
        for (int i = 0; i < p.entries.length; i++) {
            List<Integer> read = graph.prologues().get(i).inputs();
            if (!p.entries[i].matches(inputs, read)) {
                return false;
            }
        }
        return true;
    }

    private Prologues.Entry compute(int index, Tensor[] inputs) {
        Prologue prologue = graph.prologues().get(index);
        LoadedPlan plan = prologues.get(index);
        Tensor[] read = prologue.inputs().stream().map(i -> inputs[i]).toArray(Tensor[]::new);
        return Prologues.shared()
                .get(
                        prologue.key(),
                        read,
                        () -> {
                            Storage[] outputs = Prologues.allocate(plan.plan().outputs());
                            boolean done = false;
                            try {
                                Runnable job =
                                        () -> {
                                            try (OmpThreads.Scope _ =
                                                    OmpThreads.set(plan.threads())) {
                                                execute(
                                                        plan,
                                                        frame -> {
                                                            for (int i = 0; i < read.length; i++) {
                                                                frame.input(i, read[i].address());
                                                            }
                                                            for (int i = 0;
                                                                    i < outputs.length;
                                                                    i++) {
                                                                frame.output(
                                                                        i, outputs[i].address());
                                                            }
                                                        });
                                            }
                                        };
                                dispatch(plan, job);
                                done = true;
                                return outputs;
                            } finally {
                                if (!done) {
                                    for (Storage s : outputs) {
                                        s.release();
                                    }
                                }
                            }
                        });
    }

    void retain() {
        while (true) {
            int n = users.get();
            if (n == 0 || closed.get()) {
                throw new IllegalStateException("executable used after it was closed");
            }
            if (users.compareAndSet(n, n + 1)) {
                return;
            }
        }
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            main.close();
            prologues.forEach(LoadedPlan::close);
            synchronized (prologueLock) {
                kept.forEach(Prepared::release);
                kept.clear();
            }
            Workspaces.shared().close(workspaceBytes);
        }
    }

    /** Frees everything as soon as no run is under way; further runs fail. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release();
        }
    }
}
