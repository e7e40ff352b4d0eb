package org.ipex4j.ir.plan;

import java.util.List;

/**
 * A compiled computation as pure data: what to run, in order, on which memory. The runtime links it
 * to code and primitives and executes it.
 *
 * @param inputs what each input must be; a caller's tensor has exactly this type and layout
 * @param outputs what each output will be
 * @param phaseEnds the number of steps done when each phase ends; the last one is all of them.
 *     Between phases the working memory is kept, and the caller gives what later ones read
 * @param arenaBytes working memory of one run, 64-byte aligned
 * @param units the code of every kernel named by a step, each once
 */
public record Plan(
        List<BufferType> inputs,
        List<BufferType> outputs,
        List<Step> steps,
        List<Integer> phaseEnds,
        long arenaBytes,
        List<CodeUnit> units) {
    public Plan {
        phaseEnds = List.copyOf(phaseEnds);
        if (phaseEnds.isEmpty() || phaseEnds.getLast() != steps.size()) {
            throw new IllegalArgumentException(
                    "phases end at " + phaseEnds + ", there are " + steps.size() + " steps");
        }
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        steps = List.copyOf(steps);
        units = List.copyOf(units);
    }

    /** A plan of one phase. */
    public Plan(
            List<BufferType> inputs,
            List<BufferType> outputs,
            List<Step> steps,
            long arenaBytes,
            List<CodeUnit> units) {
        this(inputs, outputs, steps, List.of(steps.size()), arenaBytes, units);
    }
}
