package org.ipex4j.engine.capture;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.CompileReport;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.compiler.pass.CommonSubexpressions;
import org.ipex4j.compiler.pass.ConcatLinear;
import org.ipex4j.compiler.pass.FoldBatchNorm;
import org.ipex4j.engine.Backend;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.Executable;
import org.ipex4j.runtime.log.Logs;

/** The compiler: fusion, oneDNN and generated kernels. */
public final class IpexBackend implements Backend {
    /** One compiler for all, so that another batch size finds the kernels generated before. */
    private static final class Shared {
        static final Compiler COMPILER =
                new Compiler(Runtime.instance().target(), Runtime.instance().oracle())
                        .withListener(
                                (stage, text, nanos) ->
                                        Logs.GRAPH.log(
                                                () ->
                                                        String.format(
                                                                java.util.Locale.ROOT,
                                                                "after %s (%.1f ms)%n%s",
                                                                stage,
                                                                nanos / 1e6,
                                                                text.get())));
    }

    @Override
    public String name() {
        return "ipex";
    }

    @Override
    public CompiledFunction compile(Graph graph, Request request) {
        Graph wanted =
                request.optimize().concatLinear()
                        ? ConcatLinear.run(new CommonSubexpressions().run(graph))
                        : graph;
        return load(wanted, options(request), request.anew());
    }

    /**
     * Compiles a graph for training, whose phases are run one by one.
     *
     * @param writes outputs that replace inputs
     */
    static Loaded compile(Graph graph, Request request, List<CompileOptions.Write> writes) {
        return load(graph, options(request).withOutputsInto(writes), request.anew());
    }

    private static Loaded load(Graph graph, CompileOptions options, boolean wantedAnew) {
        Optional<String> key = PlanCache.key(graph, options);
        // Whoever wants to see the stages gets them.
        boolean anew = wantedAnew || Logs.GRAPH.enabled() || Logs.FUSION.enabled();
        long start = System.nanoTime();
        Optional<PlanCache.Stored> known = anew ? Optional.empty() : key.flatMap(PlanCache::get);
        Map<String, Double> stages = new LinkedHashMap<>();
        PlanCache.Stored plan;
        if (known.isPresent()) {
            plan = known.get();
            stages.put("disk cache", seconds(start));
        } else {
            WarmUp.await();
            CompileReport report = Shared.COMPILER.compileWithReport(graph, options);
            Logs.FUSION.log(report::summary);
            report.stages().forEach(s -> stages.merge(s.name(), s.nanos() / 1e9, Double::sum));
            plan = describe(report);
        }
        start = System.nanoTime();
        Executable executable = Executable.load(plan.graph());
        stages.put("load", seconds(start));
        if (known.isEmpty() && key.isPresent()) {
            PlanCache.put(key.get(), plan); // after loading, so that what cannot run is not kept
        }
        return new Loaded(
                executable,
                new CompiledFunction.Report(
                        plan.kernels(),
                        plan.libraryCalls(),
                        plan.prologues(),
                        plan.bytes(),
                        plan.flops(),
                        stages));
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static CompileOptions options(Request request) {
        Set<String> skip = new HashSet<>(request.options().skipPasses());
        if (!request.optimize().convBnFolding()) {
            skip.add(FoldBatchNorm.CONVOLUTIONS);
        }
        if (!request.optimize().linearBnFolding()) {
            skip.add(FoldBatchNorm.LINEARS);
        }
        return CompileOptions.DEFAULT
                .withMode(
                        request.optimize().autoKernelSelection()
                                ? CompileOptions.Mode.MAX_AUTOTUNE
                                : switch (request.options().mode()) {
                                    case DEFAULT -> CompileOptions.Mode.DEFAULT;
                                    case MAX_AUTOTUNE -> CompileOptions.Mode.MAX_AUTOTUNE;
                                })
                .withFloatMode(
                        request.options().strictFloats()
                                ? CompileOptions.FloatMode.STRICT
                                : CompileOptions.FloatMode.FAST_REDUCTIONS)
                .withSkipPasses(skip);
    }

    private static PlanCache.Stored describe(CompileReport r) {
        List<String> kernels =
                r.groups().stream()
                        .map(
                                g ->
                                        g.label()
                                                + ": "
                                                + String.join(" + ", g.ops())
                                                + "  ["
                                                + g.symbol()
                                                + "]")
                        .toList();
        List<String> calls =
                r.libraryCalls().stream()
                        .map(
                                c ->
                                        c.label()
                                                + ": "
                                                + c.kind()
                                                + " ["
                                                + c.implementation()
                                                + "] "
                                                + String.join(
                                                        " x ",
                                                        c.layouts()
                                                                .subList(0, c.layouts().size() - 1))
                                                + " -> "
                                                + c.layouts().getLast()
                                                + (c.postOps().isEmpty()
                                                        ? ""
                                                        : " + " + String.join(" + ", c.postOps())))
                        .toList();
        List<String> prologues = new ArrayList<>();
        for (CompiledGraph.Prologue p : r.compiled().prologues()) {
            prologues.add(String.join("; ", p.plan().steps().stream().map(Step::label).toList()));
        }
        return new PlanCache.Stored(r.compiled(), kernels, calls, prologues, r.bytes(), r.flops());
    }

    /** A compiled graph in memory. */
    record Loaded(Executable executable, CompiledFunction.Report report)
            implements CompiledFunction {
        @Override
        public Tensor[] run(Tensor[] inputs) {
            return executable.run(inputs, null);
        }

        @Override
        public void close() {
            executable.close();
        }
    }
}
