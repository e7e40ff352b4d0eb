package org.ipex4j.compiler.memory;

import java.util.List;
import java.util.Optional;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.ir.graph.Value;

/**
 * A kernel node ready to run: loops with their code.
 *
 * @param phase when it runs, see {@link org.ipex4j.compiler.phase.Phases}
 */
public record Scheduled(KernelNode node, Optional<LoopKernel> kernel, int phase) {
    public List<Value> reads() {
        return node.reads();
    }

    public List<Value> writes() {
        return node.writes();
    }

    /** Working memory of this step alone. */
    public long scratchBytes() {
        return kernel.map(LoopKernel::scratchBytes).orElse(0L);
    }
}
