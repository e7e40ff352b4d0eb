package org.ipex4j.runtime.exec;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.dnnl.DnnlPrimitive;
import org.ipex4j.runtime.dnnl.Primitives;
import org.ipex4j.runtime.log.Profile;
import org.ipex4j.runtime.memory.Storage;
import org.ipex4j.runtime.natives.Native;

/**
 * A plan linked to code and primitives. Immutable and shared by concurrent runs, each of which
 * borrows a {@link Frame} for what is its own: argument blocks and addresses.
 */
final class LoadedPlan implements AutoCloseable {
    /** Runs that touch less than this are not worth waking other threads for. */
    private static final double SMALL_SECONDS = 20e-6;

    private static final double THREAD_FLOPS = 20e9;
    private static final double THREAD_BYTES = 8e9;
    private static final double STEP_SECONDS = 0.3e-6;

    /** Frames kept for reuse; more are made when more runs overlap. */
    private static final int IDLE_FRAMES = 4;

    /** What is left of a step after linking. */
    sealed interface Linked {
        /**
         * @param params address of the step's 64-bit parameters
         */
        record Kernel(MemorySegment function, long params, long threads) implements Linked {}

        record Library(DnnlPrimitive primitive) implements Linked {}

        record Host(HostOps.Body body, Step.Host step) implements Linked {}
    }

    private final Plan plan;
    private final boolean inline;
    private final int threads;
    private final Linked[] steps;
    private final long scratchpadBytes;
    private final Storage params;
    private final ArrayDeque<Frame> idle = new ArrayDeque<>();
    private boolean closed;
    private volatile Profile profile;

    private LoadedPlan(Plan plan, boolean inline, int threads) {
        this.plan = plan;
        this.inline = inline;
        this.threads = threads;
        List<Linked> linked = new ArrayList<>();
        long scratchpad = 0;
        long paramBytes = 0;
        for (Step step : plan.steps()) {
            paramBytes += step instanceof Step.Kernel k ? 8L * k.params().length : 0;
        }
        params = Storage.allocate(paramBytes);
        MemorySegment rest = Native.memory(params.address(), paramBytes);
        try {
            Map<String, Long> code =
                    plan.units().isEmpty() ? Map.of() : Runtime.instance().jit().link(plan.units());
            for (Step step : plan.steps()) {
                if (step instanceof Step.Kernel k) {
                    MemorySegment.copy(k.params(), 0, rest, JAVA_LONG, 0, k.params().length);
                }
                Linked l = link(step, code, rest.address());
                if (step instanceof Step.Kernel k) {
                    rest = rest.asSlice(8L * k.params().length);
                }
                linked.add(l);
                if (l instanceof Linked.Library lib) {
                    scratchpad = Math.max(scratchpad, lib.primitive().scratchpadBytes());
                }
            }
        } catch (RuntimeException | Error e) {
            release(linked);
            params.release();
            throw e;
        }
        steps = linked.toArray(Linked[]::new);
        scratchpadBytes = scratchpad;
        profile = Profile.enabled() ? newProfile() : null;
    }

    /**
     * A plan and where it is to run.
     *
     * @param inline on the caller's thread alone instead of a lane
     */
    record Placed(Plan plan, boolean inline) {
        /** On the caller's thread if it is small. */
        static Placed bySize(Plan plan) {
            return new Placed(plan, isSmall(plan));
        }

        int threads() {
            return inline ? 1 : Runtime.instance().threads();
        }
    }

    /** Makes the primitives that several plans need, several at a time. */
    static void prepare(List<Placed> plans) {
        Map<Integer, List<LibraryCall>> calls = new HashMap<>();
        for (Placed placed : plans) {
            for (Step step : placed.plan.steps()) {
                if (step instanceof Step.Library l) {
                    calls.computeIfAbsent(placed.threads(), k -> new ArrayList<>()).add(l.call());
                }
            }
        }
        calls.forEach(
                (threads, some) ->
                        Primitives.shared().prepare(some, threads, Runtime.instance().threads()));
    }

    /** Links a plan. */
    static LoadedPlan load(Placed placed) {
        return new LoadedPlan(placed.plan, placed.inline, placed.threads());
    }

    static boolean isSmall(Plan plan) {
        double seconds = 0;
        for (Step s : plan.steps()) {
            seconds +=
                    STEP_SECONDS
                            + Math.max(
                                    s.work().flops() / THREAD_FLOPS,
                                    s.work().bytes() / THREAD_BYTES);
        }
        return seconds < SMALL_SECONDS;
    }

    private Linked link(Step step, Map<String, Long> code, long paramAddress) {
        return switch (step) {
            case Step.Kernel k -> {
                Long function = code.get(k.symbol());
                if (function == null) {
                    throw new IllegalArgumentException(
                            "the plan has no code unit '"
                                    + k.symbol()
                                    + "' for step '"
                                    + k.label()
                                    + "'");
                }
                yield new Linked.Kernel(
                        MemorySegment.ofAddress(function),
                        paramAddress,
                        Math.max(1, Math.min(k.maxThreads(), threads)));
            }
            case Step.Library l -> {
                DnnlPrimitive p = Primitives.shared().get(l.call(), threads);
                if (p.operandCount() != l.operands().size()) {
                    p.release();
                    throw new IllegalArgumentException(
                            "step '"
                                    + l.label()
                                    + "' has "
                                    + l.operands().size()
                                    + " operands, its call takes "
                                    + p.operandCount()
                                    + ": "
                                    + l.call());
                }
                yield new Linked.Library(p);
            }
            case Step.Host h -> new Linked.Host(HostOps.find(h), h);
        };
    }

    List<String> implementations() {
        List<String> out = new ArrayList<>();
        for (Linked l : steps) {
            if (l instanceof Linked.Library lib) {
                out.add(lib.primitive().implementation());
            }
        }
        return out;
    }

    Plan plan() {
        return plan;
    }

    /** What times the runs; null if nothing does. */
    Profile profile() {
        return profile;
    }

    /** Lets something else time the runs; returns what did so far. */
    Profile profile(Profile other) {
        Profile before = profile;
        profile = other;
        return before;
    }

    /** An empty profile of this plan's steps. */
    Profile newProfile() {
        List<Profile.Step> out = new ArrayList<>();
        for (int i = 0; i < steps.length; i++) {
            Step s = plan.steps().get(i);
            String kind =
                    switch (s) {
                        case Step.Kernel k -> "kernel " + k.symbol();
                        case Step.Library l ->
                                l.call().kind()
                                        + " "
                                        + ((Linked.Library) steps[i]).primitive().implementation();
                        case Step.Host h -> "host " + h.op().name();
                    };
            out.add(new Profile.Step(s.label(), kind, s.work().flops(), s.work().bytes()));
        }
        return new Profile("plan of " + steps.length + " steps, " + threads + " threads", out);
    }

    /** Whether runs stay on the caller's thread. */
    boolean isInline() {
        return inline;
    }

    /** Threads of every parallel region; 1 for a plan that runs on the caller's thread. */
    int threads() {
        return threads;
    }

    Linked[] steps() {
        return steps;
    }

    /** Working memory of one run: the arena, then the scratchpad of the primitives. */
    long workspaceBytes() {
        return scratchpadOffset() + scratchpadBytes;
    }

    long scratchpadOffset() {
        return (plan.arenaBytes() + 4095) & -4096;
    }

    boolean needsScratchpad() {
        return scratchpadBytes > 0;
    }

    /** A frame for one run; given back by {@link #give}. */
    Frame take() {
        synchronized (idle) {
            if (closed) {
                throw new IllegalStateException("plan used after it was closed");
            }
            Frame f = idle.pollLast();
            if (f != null) {
                return f;
            }
        }
        return new Frame(this);
    }

    void give(Frame frame) {
        synchronized (idle) {
            if (!closed && idle.size() < IDLE_FRAMES) {
                idle.addLast(frame);
                return;
            }
        }
        frame.close();
    }

    @Override
    public void close() {
        List<Frame> frames;
        synchronized (idle) {
            if (closed) {
                return;
            }
            closed = true;
            frames = new ArrayList<>(idle);
            idle.clear();
        }
        frames.forEach(Frame::close);
        release(List.of(steps));
        params.release();
    }

    private static void release(List<Linked> linked) {
        for (Linked l : linked) {
            if (l instanceof Linked.Library lib) {
                lib.primitive().release();
            }
        }
    }
}
