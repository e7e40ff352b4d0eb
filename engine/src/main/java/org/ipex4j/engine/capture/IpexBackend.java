package org.ipex4j.engine.capture;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.pass.CommonSubexpressions;
import org.ipex4j.compiler.pass.ConcatLinear;
import org.ipex4j.compiler.pass.FoldBatchNorm;
import org.ipex4j.engine.Backend;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.engine.dispatch.Fp32Math;
import org.ipex4j.engine.plan.Loaded;
import org.ipex4j.engine.plan.Plans;
import org.ipex4j.ir.graph.Graph;

/** The compiler: fusion, oneDNN and generated kernels. */
public final class IpexBackend implements Backend {
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
        return Plans.load(wanted, options(request), request.anew(), WarmUp::await);
    }

    /**
     * Compiles a graph for training, whose phases are run one by one.
     *
     * @param writes outputs that replace inputs
     */
    static Loaded compile(Graph graph, Request request, List<CompileOptions.Write> writes) {
        return Plans.load(
                graph, options(request).withOutputsInto(writes), request.anew(), WarmUp::await);
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
                .withFp32Math(Fp32Math.mode())
                .withSkipPasses(skip);
    }
}
