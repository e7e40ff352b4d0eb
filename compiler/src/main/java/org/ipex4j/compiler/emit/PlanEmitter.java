package org.ipex4j.compiler.emit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.compiler.layout.LaidOutGraph;
import org.ipex4j.compiler.layout.Placement;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.compiler.memory.MemoryPlan;
import org.ipex4j.compiler.memory.Program;
import org.ipex4j.compiler.memory.Scheduled;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.ir.plan.Step;

/** Writes a program and its memory plan down as a {@link Plan}. */
public final class PlanEmitter {
    private final LaidOutGraph graph;
    private final MemoryPlan memory;

    private final boolean prologue;

    private PlanEmitter(LaidOutGraph graph, MemoryPlan memory, boolean prologue) {
        this.graph = graph;
        this.memory = memory;
        this.prologue = prologue;
    }

    /**
     * The plan of a program.
     *
     * @param prologue its outputs stay inside: their types are those of the buffers
     */
    public static Plan emit(
            LaidOutGraph graph, Program program, MemoryPlan memory, boolean prologue) {
        return new PlanEmitter(graph, memory, prologue).emit(program);
    }

    private Plan emit(Program program) {
        List<Step> steps = new ArrayList<>();
        Map<String, CodeUnit> units = new LinkedHashMap<>();
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < program.steps().size(); i++) {
            Scheduled s = program.steps().get(i);
            // A prologue runs by itself, before all phases.
            while (ends.size() < Math.min(s.phase(), program.phases() - 1)) {
                ends.add(steps.size());
            }
            if (s.writes().stream().allMatch(w -> w.type().numel() == 0)) {
                continue; // nothing to compute
            }
            steps.add(step(s, i));
            s.kernel().ifPresent(k -> units.putIfAbsent(k.unit().symbol(), k.unit()));
        }
        while (ends.size() < program.phases()) {
            ends.add(steps.size());
        }
        return new Plan(
                types(program.inputs()),
                program.outputs().stream().map(this::outputType).toList(),
                steps,
                ends,
                memory.arenaBytes(),
                List.copyOf(units.values()));
    }

    private List<BufferType> types(List<Value> values) {
        return values.stream().map(v -> graph.placement(v).type()).toList();
    }

    /** As the graph hands it out: perhaps under other sizes than it was computed with. */
    private BufferType outputType(Value root) {
        return graph.outputs().stream()
                .map(graph::placement)
                .filter(p -> p.root().equals(root) && !prologue)
                .findFirst()
                .orElseGet(() -> graph.placement(root))
                .type();
    }

    private Step step(Scheduled s, int index) {
        return switch (s.node()) {
            case KernelNode.Library l -> {
                List<Operand> operands = libraryOperands(l);
                yield new Step.Library(
                        l.label(), l.call(), operands, l.implementation(), work(l, operands));
            }
            case KernelNode.Loop l -> kernel(l, s.kernel().orElseThrow(), index);
            case KernelNode.Host h -> host(h);
            case KernelNode.Alias a -> throw new IllegalStateException("a view is no step: " + a);
        };
    }

    /**
     * Typed as the call says: strides of dimensions of size 1 may differ from those of the buffer.
     */
    private List<Operand> libraryOperands(KernelNode.Library l) {
        List<BufferType> types = new ArrayList<>(l.call().inputs());
        for (PostOp p : l.call().postOps()) {
            if (p instanceof PostOp.Binary b) {
                types.add(b.operand());
            }
        }
        List<Operand> operands = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            Operand o = operand(l.operands().get(i));
            operands.add(new Operand(o.place(), o.byteOffset(), types.get(i)));
        }
        l.second().ifPresent(v -> operands.add(operand(v)));
        operands.add(operand(l.result()));
        return operands;
    }

    private Step kernel(KernelNode.Loop l, LoopKernel k, int index) {
        List<Operand> operands = new ArrayList<>(k.buffers().stream().map(this::operand).toList());
        Step.Work work = work(l, operands);
        if (k.scratchBytes() > 0) {
            Sizes bytes = Sizes.of(k.scratchBytes());
            operands.add(
                    new Operand(
                            new Operand.Place.Arena(),
                            memory.scratch().get(index),
                            new BufferType(DType.UINT8, bytes, Layout.contiguous(bytes))));
        }
        return new Step.Kernel(
                l.label(), k.unit().symbol(), operands, k.params(), k.maxThreads(), work);
    }

    private Step host(KernelNode.Host h) {
        Node n = h.node();
        Map<Value, Integer> index = new HashMap<>();
        List<Operand> operands = new ArrayList<>();
        for (Value v : n.operands()) {
            if (index.putIfAbsent(v, operands.size()) == null) {
                operands.add(operand(v));
            }
        }
        Args<Integer> args = n.args().map(index::get);
        n.results().forEach(r -> operands.add(operand(r)));
        return new Step.Host(h.label(), n.op(), args, operands, work(h, operands));
    }

    private Operand operand(Value v) {
        Placement p = graph.placement(v);
        MemoryPlan.Spot spot = memory.places().get(p.root());
        if (spot == null) {
            throw new IllegalStateException("no memory for " + v + " in " + p.root());
        }
        return new Operand(
                spot.place(),
                spot.byteOffset() + p.offset() * p.type().dtype().byteSize(),
                p.type());
    }

    private static Step.Work work(KernelNode n, List<Operand> operands) {
        double flops = 0;
        for (Node x : n.nodes()) {
            flops += x.op().flops(x.argTypes(), x.results().stream().map(Value::type).toList());
        }
        double bytes = 0;
        for (Operand o : operands) {
            bytes += o.type().byteSize();
        }
        return new Step.Work(flops, bytes);
    }

    /** A hash of what a plan computes: steps, memory and types, not names. */
    public static String key(Plan plan) {
        StringBuilder text = new StringBuilder();
        text.append(plan.inputs()).append('\n').append(plan.outputs()).append('\n');
        for (Step s : plan.steps()) {
            text.append(
                            switch (s) {
                                case Step.Kernel k ->
                                        "kernel " + k.symbol() + " " + Arrays.toString(k.params());
                                case Step.Library l -> "library " + l.call();
                                case Step.Host h -> "host " + h.op() + " " + h.args().values();
                            })
                    .append(' ')
                    .append(s.operands())
                    .append('\n');
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
