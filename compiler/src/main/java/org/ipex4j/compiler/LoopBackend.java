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

/** Fusion and code generation for everything that is no library call. */
interface LoopBackend {
    /** Partitions nodes into kernels; see {@link org.ipex4j.compiler.kernel.Lowering.Grouping}. */
    List<LoopGroup> group(Graph graph, Set<Node> loops, Phases phases);

    /** Code for a group whose operands lie as given. */
    LoopKernel compile(
            LoopGroup group, Map<Value, BufferType> layouts, Target target, FloatMode floatMode);
}
