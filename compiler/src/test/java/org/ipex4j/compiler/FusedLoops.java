package org.ipex4j.compiler;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions.FloatMode;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Target;

/** The real fusion and code generation, with groups remembered for {@link PlanInterpreter}. */
final class FusedLoops implements LoopBackend {
    final FakeLoops known = new FakeLoops();
    private final NativeLoops real = new NativeLoops();

    @Override
    public List<LoopGroup> group(Graph graph, Set<Node> loops, Phases phases) {
        return real.group(graph, loops, phases);
    }

    @Override
    public LoopKernel compile(
            LoopGroup group, Map<Value, BufferType> layouts, Target target, FloatMode floatMode) {
        LoopKernel generated = real.compile(group, layouts, target, floatMode);
        LoopKernel fake = known.compile(group, layouts, target, floatMode);
        return new LoopKernel(
                fake.unit(),
                generated.buffers(),
                generated.params(),
                generated.maxThreads(),
                generated.scratchBytes());
    }
}
