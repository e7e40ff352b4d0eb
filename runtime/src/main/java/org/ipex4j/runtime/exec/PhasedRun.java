package org.ipex4j.runtime.exec;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.CompiledGraph.Bound;
import org.ipex4j.ir.plan.CompiledGraph.Result;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.Step;
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
    private final Tensor[] inputs;
    private final Storage[] held;
    private final long[] versions;
    private final Tensor[] made;

    /** The phase in which each output of the plan comes into being. */
    private final int[] outputPhase;

    private Executable.Prepared prepared;
    private Workspaces.Workspace workspace;
    private int next;
    private boolean closed;

    PhasedRun(Executable executable, LoadedPlan plan) {
        executable.retain();
        this.executable = executable;
        this.plan = plan;
        this.graph = executable.graph();
        int count = executable.inputCount();
        inputs = new Tensor[count];
        held = new Storage[count];
        versions = new long[count];
        made = new Tensor[plan.plan().outputs().size()];
        outputPhase = outputPhases(plan.plan());
    }

    private static int[] outputPhases(Plan plan) {
        int[] phase = new int[plan.outputs().size()];
        int last = plan.phaseEnds().size() - 1;
        Arrays.fill(phase, last);
        boolean[] seen = new boolean[phase.length];
        for (int i = 0; i < plan.steps().size(); i++) {
            for (Operand o : plan.steps().get(i).operands()) {
                if (o.place() instanceof Operand.Place.Out(int index) && !seen[index]) {
                    seen[index] = true;
                    phase[index] = phaseOf(plan, i);
                }
            }
        }
        return phase;
    }

    private static int phaseOf(Plan plan, int step) {
        int p = 0;
        while (plan.phaseEnds().get(p) <= step) {
            p++;
        }
        return p;
    }

    /** How many phases have run. */
    public int done() {
        return next;
    }

    /** How many phases there are. */
    public int phases() {
        return plan.plan().phaseEnds().size();
    }

    /**
     * Runs the next phase.
     *
     * @param given tensors of graph inputs that this phase is the first to read, by position; null
     *     for those given before and those that come later. Kept alive until this is closed
     * @return by position, the results that this phase has computed, the caller's to close; null
     *     for others
     * @throws IllegalArgumentException if a tensor is not what the graph was compiled for
     * @throws IllegalStateException if all phases have run, this is closed, or an input given
     *     earlier was changed in place since
     */
    public Tensor[] next(Tensor[] given) {
        if (closed || next == phases()) {
            throw new IllegalStateException(
                    closed ? "the run was closed" : "all phases of the run are done");
        }
        take(given);
        Tensor[] results = new Tensor[graph.results().size()];
        boolean ok = false;
        try {
            for (int i = 0; i < made.length; i++) {
                if (outputPhase[i] == next) {
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
            collect(results);
            next++;
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

    private void take(Tensor[] given) {
        for (int i = 0; i < inputs.length; i++) {
            Tensor t = i < given.length ? given[i] : null;
            if (t != null) {
                if (inputs[i] != null) {
                    throw new IllegalArgumentException("input " + i + " was given before");
                }
                BufferType type = executable.inputType(i);
                if (type != null) {
                    Checks.matches("input", i, t, type);
                }
                held[i] = t.storage().retain();
                inputs[i] = t.alias();
                versions[i] = t.version();
            } else if (inputs[i] != null && inputs[i].version() != versions[i]) {
                throw new IllegalStateException(
                        "input "
                                + i
                                + " "
                                + inputs[i].type()
                                + " was changed in place between phase "
                                + (next - 1)
                                + " and phase "
                                + next
                                + " of a run, which still needs its old numbers");
            }
        }
        if (next == 0) {
            for (int i : graph.written()) {
                if (inputs[i] != null && inputs[i].isReadOnly()) {
                    throw new IllegalArgumentException(
                            "input "
                                    + i
                                    + " is to be changed but is read-only memory: "
                                    + inputs[i]);
                }
            }
        }
    }

    private void execute() {
        Plan p = plan.plan();
        int from = next == 0 ? 0 : p.phaseEnds().get(next - 1);
        int to = p.phaseEnds().get(next);
        try (OmpThreads.Scope _ = OmpThreads.set(plan.threads())) {
            Frame frame = plan.take();
            try {
                frame.workspace(workspace.address());
                for (int i = 0; i < graph.arguments().size(); i++) {
                    Tensor t = inputs[graph.arguments().get(i)];
                    if (t != null) {
                        frame.input(i, t.address());
                    } else {
                        checkUnread(p, i, from, to);
                    }
                }
                for (int i = 0; i < graph.bound().size(); i++) {
                    frame.input(graph.arguments().size() + i, address(graph.bound().get(i)));
                }
                for (int i = 0; i < made.length; i++) {
                    if (made[i] != null) {
                        frame.output(i, made[i].address());
                    }
                }
                frame.run(from, to, plan.profile());
            } finally {
                plan.give(frame);
            }
        }
    }

    /** A tensor that was not given may not be needed now. */
    private void checkUnread(Plan p, int planInput, int from, int to) {
        for (int i = from; i < to; i++) {
            Step step = p.steps().get(i);
            for (Operand o : step.operands()) {
                if (o.place() instanceof Operand.Place.In(int index) && index == planInput) {
                    throw new IllegalArgumentException(
                            "input "
                                    + graph.arguments().get(planInput)
                                    + " is missing: step '"
                                    + step.label()
                                    + "' reads it");
                }
            }
        }
    }

    private long address(Bound bound) {
        return switch (bound) {
            case Bound.Input(int i) -> inputs[i].address();
            case Bound.Computed(int p, int o) -> prepared.entries[p].output(o).address();
        };
    }

    private void bumpWritten() {
        if (next == 0 || next == phases() - 1) {
            for (int i : graph.written()) {
                if (inputs[i] != null) {
                    inputs[i].bumpVersion();
                    versions[i] = inputs[i].version();
                }
            }
        }
    }

    private void collect(Tensor[] results) {
        List<Result> all = graph.results();
        for (int i = 0; i < results.length; i++) {
            results[i] =
                    switch (all.get(i)) {
                        case Result.Output(int index) ->
                                outputPhase[index] == next ? made[index].alias() : null;
                        case Result.InputView(int input, BufferType type, long offset) ->
                                next == 0 && !graph.written().contains(input)
                                        ? view(inputs[input], type, offset)
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

    /** Gives back working memory and inputs; what was saved is lost. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] != null) {
                inputs[i].close();
                held[i].release();
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
