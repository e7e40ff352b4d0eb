package org.ipex4j.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.compiler.decompose.Decompose;
import org.ipex4j.compiler.emit.PlanEmitter;
import org.ipex4j.compiler.kernel.KernelGraph;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.compiler.kernel.Lowering;
import org.ipex4j.compiler.layout.LaidOutGraph;
import org.ipex4j.compiler.layout.LayoutAssignment;
import org.ipex4j.compiler.layout.Placement;
import org.ipex4j.compiler.memory.MemoryPlan;
import org.ipex4j.compiler.memory.MemoryPlanner;
import org.ipex4j.compiler.memory.MemoryVerifier;
import org.ipex4j.compiler.memory.Program;
import org.ipex4j.compiler.memory.Programs;
import org.ipex4j.compiler.memory.Scheduled;
import org.ipex4j.compiler.pass.Bfloat16Products;
import org.ipex4j.compiler.pass.Canonicalize;
import org.ipex4j.compiler.pass.CommonSubexpressions;
import org.ipex4j.compiler.pass.DeadCode;
import org.ipex4j.compiler.pass.FoldBatchNorm;
import org.ipex4j.compiler.pass.FoldConstants;
import org.ipex4j.compiler.pass.Pass;
import org.ipex4j.compiler.pass.PassRunner;
import org.ipex4j.compiler.pass.PoolWorkspaces;
import org.ipex4j.compiler.pass.StageListener;
import org.ipex4j.compiler.phase.Partition;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.ir.plan.MathMode;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.ir.plan.Target;

/**
 * Compiles graphs for one processor. Thread-safe; remembers the kernels it generated, and nothing
 * else.
 */
public final class Compiler {
    private final Target target;
    private final LibraryOracle oracle;
    private final LoopBackend loops;
    private final StageListener listener;
    private final boolean verify;
    private final KernelCache kernels;

    /**
     * A compiler.
     *
     * @param target the processor to compile for
     * @param oracle knows which layouts the library likes
     */
    public Compiler(Target target, LibraryOracle oracle) {
        this(target, oracle, new NativeLoops(), StageListener.NONE, false, new KernelCache());
    }

    Compiler(
            Target target,
            LibraryOracle oracle,
            LoopBackend loops,
            StageListener listener,
            boolean verify) {
        this(target, oracle, loops, listener, verify, new KernelCache());
    }

    private Compiler(
            Target target,
            LibraryOracle oracle,
            LoopBackend loops,
            StageListener listener,
            boolean verify,
            KernelCache kernels) {
        this.target = target;
        this.oracle = oracle;
        this.loops = loops;
        this.listener = listener;
        this.verify = verify;
        this.kernels = kernels;
    }

    /** The same compiler, telling {@code other} of every stage as well. */
    public Compiler withListener(StageListener other) {
        return new Compiler(target, oracle, loops, listener.and(other), verify, kernels);
    }

    /** The same compiler, verifying every stage's result: for tests and for finding faults. */
    public Compiler verifying() {
        return new Compiler(target, oracle, loops, listener, true, kernels);
    }

    /**
     * Compiles a graph.
     *
     * @throws IllegalArgumentException naming the op, its types and its source if it cannot be
     *     compiled
     */
    public CompiledGraph compile(Graph graph, CompileOptions options) {
        return compile(graph, options, listener).result();
    }

    /** Compiles a graph and reports what was done. */
    public CompileReport compileWithReport(Graph graph, CompileOptions options) {
        List<CompileReport.Stage> stages = new ArrayList<>();
        StageListener collect =
                (name, text, nanos) -> stages.add(new CompileReport.Stage(name, text, nanos));
        Compiled compiled = compile(graph, options, listener.and(collect));
        return report(compiled.result(), stages, compiled.main());
    }

    private record Compiled(CompiledGraph result, Program main) {}

    /** The order of compilation. */
    private Compiled compile(Graph graph, CompileOptions options, StageListener hears) {
        checkWrites(graph, options.outputsInto());
        Set<String> skipped = new HashSet<>(options.skipPasses());
        boolean skipConvolutions = skipped.remove(FoldBatchNorm.CONVOLUTIONS);
        boolean skipLinears = skipped.remove(FoldBatchNorm.LINEARS);
        PassRunner runner = new PassRunner(skipped, hears, verify);
        boolean exact = options.floatMode() == CompileOptions.FloatMode.STRICT;
        boolean throughCasts =
                options.fp32Math() == MathMode.BFLOAT16
                        && !exact
                        && target.has("avx512_bf16")
                        && !target.has("amx");
        List<Pass> passes =
                List.of(
                        new Bfloat16Products(throughCasts),
                        new PoolWorkspaces(t -> !exact && target.hasLibrary(t)),
                        new Decompose(exact, target::hasLibrary),
                        new Canonicalize(),
                        new FoldBatchNorm(
                                options.foldBatchNorm() && !skipConvolutions,
                                options.foldBatchNorm() && !skipLinears),
                        new FoldConstants(),
                        new CommonSubexpressions(),
                        new DeadCode());
        Graph simple = runner.run(passes, graph);
        Partition cut =
                runner.stage(
                        "partition",
                        () -> Partition.of(simple, options.outputsInto()),
                        c -> c.graph().toString());
        Phases phases = cut.phases();
        KernelGraph kernels =
                runner.stage(
                        "lower",
                        () ->
                                new Lowering(loops::group, exact)
                                        .lower(cut.graph(), phases)
                                        .withMath(exact ? MathMode.STRICT : options.fp32Math()),
                        KernelGraph::toString);
        LaidOutGraph laidOut =
                runner.stage(
                        "layout",
                        () ->
                                LayoutAssignment.assign(
                                        kernels, cut.graph(), phases, options, target, oracle),
                        LaidOutGraph::toString);
        List<Scheduled> steps =
                runner.stage("codegen", () -> generate(laidOut, options), s -> s.size() + " steps");
        Programs programs =
                runner.stage(
                        "split",
                        () -> Programs.split(laidOut, steps, phases.count()),
                        p ->
                                p.main().steps().size()
                                        + " steps a call, "
                                        + p.prologues().size()
                                        + " prologues");
        CompiledGraph result =
                runner.stage(
                        "plan",
                        () -> emit(laidOut, programs),
                        c -> c.main().arenaBytes() + " bytes of working memory");
        return new Compiled(result, programs.main());
    }

    private static void checkWrites(Graph graph, List<CompileOptions.Write> writes) {
        Set<Integer> outputs = new HashSet<>();
        Set<Integer> inputs = new HashSet<>();
        for (CompileOptions.Write w : writes) {
            Objects.checkIndex(w.output(), graph.outputs().size());
            Objects.checkIndex(w.input(), graph.inputs().size());
            Input in = graph.inputs().get(w.input());
            Value out = graph.outputs().get(w.output());
            String what =
                    "output " + w.output() + " into input " + w.input() + " '" + in.name() + "': ";
            if (!out.type().equals(in.value().type())) {
                throw new IllegalArgumentException(
                        what + "types differ: " + out.type() + ", " + in.value().type());
            }
            if (in.role() == Input.Role.CONSTANT) {
                throw new IllegalArgumentException(what + "a constant is never written");
            }
            if (!outputs.add(w.output()) || !inputs.add(w.input())) {
                throw new IllegalArgumentException(what + "one of them is named twice");
            }
        }
    }

    private List<Scheduled> generate(LaidOutGraph graph, CompileOptions options) {
        List<Scheduled> steps = new ArrayList<>();
        for (int i = 0; i < graph.nodes().size(); i++) {
            KernelNode n = graph.nodes().get(i);
            int phase = graph.phases().get(i);
            if (n instanceof KernelNode.Loop l) {
                Map<Value, BufferType> types = new HashMap<>();
                l.reads().forEach(v -> types.put(v, graph.placement(v).type()));
                l.writes().forEach(v -> types.put(v, graph.placement(v).type()));
                steps.add(
                        new Scheduled(
                                n,
                                Optional.of(
                                        kernels.get(
                                                l.group(),
                                                types,
                                                options.floatMode(),
                                                () ->
                                                        loops.compile(
                                                                l.group(),
                                                                types,
                                                                target,
                                                                options.floatMode()))),
                                phase));
            } else {
                steps.add(new Scheduled(n, Optional.empty(), phase));
            }
        }
        return steps;
    }

    private CompiledGraph emit(LaidOutGraph graph, Programs programs) {
        Map<Value, Integer> graphInput = new HashMap<>();
        List<Integer> arguments = new ArrayList<>();
        for (int i = 0; i < graph.inputs().size(); i++) {
            graphInput.put(graph.inputs().get(i).value(), i);
            if (!graph.inputs().get(i).role().isInvariant()) {
                arguments.add(i);
            }
        }
        Map<Value, CompiledGraph.Bound> computed = new HashMap<>();
        List<CompiledGraph.Prologue> prologues = new ArrayList<>();
        for (Program p : programs.prologues()) {
            Plan plan = plan(graph, p, true);
            for (int i = 0; i < p.outputs().size(); i++) {
                computed.put(
                        p.outputs().get(i), new CompiledGraph.Bound.Computed(prologues.size(), i));
            }
            prologues.add(
                    new CompiledGraph.Prologue(
                            PlanEmitter.key(plan),
                            plan,
                            p.inputs().stream().map(graphInput::get).toList()));
        }
        List<CompiledGraph.Bound> bound =
                programs.bound().stream().map(v -> bound(v, graphInput, computed)).toList();
        List<CompiledGraph.Result> results =
                graph.outputs().stream()
                        .map(v -> result(graph, v, programs.main(), graphInput, computed))
                        .toList();
        return new CompiledGraph(
                plan(graph, programs.main(), false),
                arguments,
                bound,
                prologues,
                results,
                graph.writes().values().stream().map(graphInput::get).sorted().toList());
    }

    private static CompiledGraph.Bound bound(
            Value v, Map<Value, Integer> graphInput, Map<Value, CompiledGraph.Bound> computed) {
        return graphInput.containsKey(v)
                ? new CompiledGraph.Bound.Input(graphInput.get(v))
                : computed.get(v);
    }

    private static CompiledGraph.Result result(
            LaidOutGraph graph,
            Value v,
            Program main,
            Map<Value, Integer> graphInput,
            Map<Value, CompiledGraph.Bound> computed) {
        Placement p = graph.placement(v);
        Value replaced = graph.writes().get(p.root());
        if (replaced != null) {
            BufferType type = graph.placement(replaced).type();
            return new CompiledGraph.Result.InputView(graphInput.get(replaced), type, 0);
        }
        int output = main.outputs().indexOf(p.root());
        if (output >= 0) {
            return new CompiledGraph.Result.Output(output);
        }
        return graphInput.containsKey(p.root())
                ? new CompiledGraph.Result.InputView(graphInput.get(p.root()), p.type(), p.offset())
                : new CompiledGraph.Result.BoundValue(computed.get(p.root()), p.type(), p.offset());
    }

    private Plan plan(LaidOutGraph graph, Program program, boolean prologue) {
        MemoryPlan memory = MemoryPlanner.plan(graph, program);
        if (verify) {
            MemoryVerifier.verify(graph, program, memory);
        }
        return PlanEmitter.emit(graph, program, memory, prologue);
    }

    private static CompileReport report(
            CompiledGraph compiled, List<CompileReport.Stage> stages, Program main) {
        List<CompileReport.FusedGroup> groups = new ArrayList<>();
        List<CompileReport.LibraryUse> calls = new ArrayList<>();
        Map<String, KernelNode> bySymbol = new HashMap<>();
        main.steps()
                .forEach(
                        s ->
                                s.kernel()
                                        .ifPresent(
                                                k ->
                                                        bySymbol.putIfAbsent(
                                                                k.unit().symbol()
                                                                        + s.node().label(),
                                                                s.node())));
        for (Step s : compiled.main().steps()) {
            switch (s) {
                case Step.Kernel k ->
                        groups.add(
                                new CompileReport.FusedGroup(
                                        k.label(),
                                        bySymbol.get(k.symbol() + k.label()).nodes().stream()
                                                .map(n -> n.op().name())
                                                .toList(),
                                        k.symbol(),
                                        k.work().flops(),
                                        k.work().bytes()));
                case Step.Library l -> calls.add(use(l));
                case Step.Host h -> {}
            }
        }
        int reorders = (int) calls.stream().filter(c -> c.kind().equals("reorder")).count();
        return new CompileReport(compiled, List.copyOf(stages), groups, calls, reorders);
    }

    private static CompileReport.LibraryUse use(Step.Library l) {
        List<String> layouts =
                new ArrayList<>(l.call().inputs().stream().map(BufferType::toString).toList());
        layouts.add(l.call().output().toString());
        List<String> post =
                l.call().postOps().stream()
                        .map(
                                p ->
                                        switch (p) {
                                            case PostOp.Eltwise e -> e.algorithm();
                                            case PostOp.Sum x -> "sum";
                                            case PostOp.Binary b -> b.algorithm();
                                        })
                        .toList();
        return new CompileReport.LibraryUse(
                l.label(),
                l.call().kind(),
                l.implementation(),
                layouts,
                post,
                l.work().flops(),
                l.work().bytes());
    }
}
