package org.ipex4j.runtime.exec;

import java.util.List;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.CompiledGraph.Bound;
import org.ipex4j.ir.plan.CompiledGraph.Result;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.dnnl.OmpThreads;
import org.ipex4j.runtime.memory.Storage;

/**
 * One run of a graph, phase by phase: forward, backward, update. Between phases it holds its
 * working memory, with all that was saved, and its inputs. Closing it at any time gives them back.
 * Used by one thread at a time.
 */
public final class PhasedRun implements AutoCloseable {
    private final Executable executable;
    private final LoadedPlan plan;
    private final CompiledGraph graph;
    private final PhaseUse use;
    private final Tensor[] inputs;
    private final Storage[] held;
    private final long[] versions;
    private final boolean[] known;
    private final Tensor[] made;

    /** Of outputs that later phases read: they lie in memory that the caller may write to. */
    private final long[] madeVersions;

    private Executable.Prepared prepared;
    private Workspaces.Workspace workspace;
    private int next;
    private boolean closed;

    PhasedRun(Executable executable, LoadedPlan plan, PhaseUse use) {
        executable.retain();
        this.executable = executable;
        this.plan = plan;
        this.use = use;
        this.graph = executable.graph();
        int count = executable.inputCount();
        inputs = new Tensor[count];
        held = new Storage[count];
        versions = new long[count];
        known = new boolean[count];
        made = new Tensor[plan.plan().outputs().size()];
        madeVersions = new long[made.length];
    }

    /** How many phases have run. */
    public int done() {
        return next;
    }

    /** How many phases there are. */
    public int phases() {
        return use.phases();
    }

    /**
     * Runs the next phase.
     *
     * @param given tensors of graph inputs that this phase is the first to read, by position; null
     *     for those given before and those that come later. Kept alive as long as a phase to come
     *     needs them
     * @return by position, the results that this phase has computed or that are the tensors it was
     *     given, the caller's to close; null for others
     * @throws IllegalArgumentException if a tensor is not what the graph was compiled for or is
     *     missing, or one that the graph changes is read-only or shares memory with another
     * @throws IllegalStateException if all phases have run, this is closed, or a tensor that this
     *     phase or a later one reads (an input given earlier, or a result handed out earlier) was
     *     changed in place since. The run is over then: its working memory is given back
     */
    public Tensor[] next(Tensor[] given) {
        if (closed || next == phases()) {
            throw new IllegalStateException(
                    closed ? "the run was closed" : "all phases of the run are done");
        }
        Tensor[] results = new Tensor[graph.results().size()];
        boolean ok = false;
        try {
            checkUnchanged();
            take(given);
            for (int i = 0; i < made.length; i++) {
                if (use.outputMade(i) == next) {
                    BufferType t = plan.plan().outputs().get(i);
                    made[i] = Tensor.empty(t.type(), t.layout().strides());
                }
            }
            if (prepared == null) {
                prepared = executable.prepare(inputs);
                workspace = Workspaces.shared().take(plan.workspaceBytes());
            }
            try {
                Executable.dispatch(plan, this::execute);
            } finally {
                bumpWritten();
            }
            collect(results, given);
            next++;
            release();
            ok = true;
            return results;
        } finally {
            if (!ok) {
                for (Tensor t : results) {
                    if (t != null) {
                        t.close();
                    }
                }
                close();
            }
        }
    }

    private void checkUnchanged() {
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] != null && inputs[i].version() != versions[i]) {
                throw changed("input " + i, inputs[i]);
            }
        }
        for (int i = 0; i < made.length; i++) {
            if (made[i] != null && made[i].version() != madeVersions[i]) {
                throw changed("result " + graph.results().indexOf(new Result.Output(i)), made[i]);
            }
        }
    }

    private IllegalStateException changed(String what, Tensor t) {
        return new IllegalStateException(
                what
                        + " "
                        + t.type()
                        + " was changed in place between phase "
                        + (next - 1)
                        + " and phase "
                        + next
                        + " of a run, which still needs its old numbers");
    }

    private void take(Tensor[] given) {
        for (int i = 0; i < inputs.length; i++) {
            Tensor t = i < given.length ? given[i] : null;
            if (t == null) {
                if (inputs[i] == null && use.touches(next, i)) {
                    throw new IllegalArgumentException(
                            "input " + i + " is missing: " + use.reader(graph, next, i));
                }
                continue;
            }
            if (known[i]) {
                throw new IllegalArgumentException("input " + i + " was given before");
            }
            BufferType type = executable.inputType(i);
            if (type != null) {
                Checks.matches("input", i, t, type);
            }
            known[i] = true;
            inputs[i] = t.alias();
            held[i] = t.storage().retain();
            versions[i] = t.version();
        }
        if (next == 0) {
            for (int i : graph.written()) {
                if (inputs[i] == null) {
                    throw new IllegalArgumentException(
                            "input " + i + " is missing: the run changes it");
                }
            }
            Checks.writable(inputs, graph.written());
        }
    }

    private void execute() {
        try (OmpThreads.Scope _ = OmpThreads.set(plan.threads())) {
            Frame frame = plan.take();
            try {
                frame.workspace(workspace.address());
                for (int i = 0; i < graph.arguments().size(); i++) {
                    int input = graph.arguments().get(i);
                    if (use.touches(next, input)) {
                        frame.input(i, inputs[input].address());
                    }
                }
                for (int i = 0; i < graph.bound().size(); i++) {
                    int at = graph.arguments().size() + i;
                    switch (graph.bound().get(i)) {
                        case Bound.Input(int input) -> {
                            if (use.touches(next, input)) {
                                frame.input(at, inputs[input].address());
                            }
                        }
                        case Bound.Computed(int p, int o) ->
                                frame.input(at, prepared.entries[p].output(o).address());
                    }
                }
                for (int i = 0; i < made.length; i++) {
                    if (made[i] != null) {
                        frame.output(i, made[i].address());
                    }
                }
                frame.run(use.begin(next), use.end(next), plan.profile());
            } finally {
                plan.give(frame);
            }
        }
    }

    private void bumpWritten() {
        for (int i : graph.written()) {
            if (use.touches(next, i)) {
                inputs[i].bumpVersion();
                versions[i] = inputs[i].version();
            }
        }
    }

    private void collect(Tensor[] results, Tensor[] given) {
        List<Result> all = graph.results();
        for (int i = 0; i < results.length; i++) {
            results[i] =
                    switch (all.get(i)) {
                        case Result.Output(int index) ->
                                use.outputMade(index) == next ? made[index].alias() : null;
                        case Result.InputView(int input, BufferType type, long offset) ->
                                input < given.length
                                                && given[input] != null
                                                && !graph.written().contains(input)
                                        ? view(given[input], type, offset)
                                        : null;
                        case Result.BoundValue(
                                        Bound.Input(int input),
                                        BufferType type,
                                        long offset) ->
                                next == 0 ? view(inputs[input], type, offset) : null;
                        case Result.BoundValue(
                                        Bound.Computed(int p, int o),
                                        BufferType type,
                                        long offset) ->
                                next == 0
                                        ? Tensor.of(
                                                prepared.entries[p].output(o).retain(),
                                                type.type(),
                                                type.layout().strides(),
                                                offset)
                                        : null;
                    };
        }
    }

    private static Tensor view(Tensor of, BufferType type, long offset) {
        return of.view(type.sizes(), type.layout().strides(), of.offset() + offset);
    }

    /** Gives back what no phase to come reads, and remembers how the rest is now. */
    private void release() {
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] != null && !use.touchesFrom(next, i)) {
                drop(i);
            }
        }
        for (int i = 0; i < made.length; i++) {
            if (made[i] != null) {
                if (use.outputLast(i) < next) {
                    made[i].close();
                    made[i] = null;
                } else {
                    madeVersions[i] = made[i].version();
                }
            }
        }
    }

    private void drop(int input) {
        inputs[input].close();
        inputs[input] = null;
        held[input].release();
        held[input] = null;
    }

    /** Gives back working memory and inputs; what was saved is lost. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] != null) {
                drop(i);
            }
        }
        for (Tensor t : made) {
            if (t != null) {
                t.close();
            }
        }
        if (prepared != null) {
            prepared.release();
        }
        if (workspace != null) {
            Workspaces.shared().give(workspace);
        }
        executable.release();
    }
}
