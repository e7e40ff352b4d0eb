package org.ipex4j.compiler;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions.FloatMode;
import org.ipex4j.compiler.loop.Fusion;
import org.ipex4j.compiler.loop.LoopCompiler;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Target;

/** The loop compiler. */
final class NativeLoops implements LoopBackend {
    @Override
    public List<LoopGroup> group(Graph graph, Set<Node> loops, Phases phases) {
        return Fusion.group(graph, loops, phases);
    }

    @Override
    public LoopKernel compile(
            LoopGroup group, Map<Value, BufferType> layouts, Target target, FloatMode floatMode) {
        return LoopCompiler.compile(group, layouts, target, floatMode);
    }
}
