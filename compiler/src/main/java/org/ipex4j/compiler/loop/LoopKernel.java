package org.ipex4j.compiler.loop;

import java.util.List;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.CodeUnit;

/**
 * A group compiled for given layouts. The code does not depend on sizes, only on ranks, types,
 * kinds of stride and what is fused; sizes travel in {@code params}. So another batch size finds
 * the same code.
 *
 * @param buffers the values behind the kernel's buffer pointers, in order: inputs, then outputs
 * @param params see {@link CodeUnit}
 * @param maxThreads widest parallel region worth its cost
 * @param scratchBytes working memory whose pointer follows those of {@code buffers}; 0 for none
 */
public record LoopKernel(
        CodeUnit unit, List<Value> buffers, long[] params, int maxThreads, long scratchBytes) {}
