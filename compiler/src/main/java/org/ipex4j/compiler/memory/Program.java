package org.ipex4j.compiler.memory;

import java.util.List;
import java.util.Map;
import org.ipex4j.ir.graph.Value;

/**
 * A straight line of steps that becomes one plan. All values named here are roots: whole buffers.
 *
 * @param inputs buffers given by the caller, in order
 * @param steps in order
 * @param outputs buffers that the caller receives, in order, each computed by a step
 * @param phases how many there are; the steps are in their order
 * @param writes buffers computed by a step into the memory of an input, and that input
 */
public record Program(
        List<Value> inputs,
        List<Scheduled> steps,
        List<Value> outputs,
        Map<Value, Value> writes,
        int phases) {
    public Program {
        writes = Map.copyOf(writes);
        inputs = List.copyOf(inputs);
        steps = List.copyOf(steps);
        outputs = List.copyOf(outputs);
    }
}
