package org.ipex4j.ir.plan;

import java.util.List;

/**
 * A compiled computation as pure data: what to run, in order, on which memory. The runtime links it
 * to code and primitives and executes it.
 *
 * @param inputs what each input must be; a caller's tensor has exactly this type and layout
 * @param outputs what each output will be
 * @param arenaBytes working memory of one run, 64-byte aligned
 * @param units the code of every kernel named by a step, each once
 */
public record Plan(
        List<BufferType> inputs,
        List<BufferType> outputs,
        List<Step> steps,
        long arenaBytes,
        List<CodeUnit> units) {
    public Plan {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        steps = List.copyOf(steps);
        units = List.copyOf(units);
    }
}
