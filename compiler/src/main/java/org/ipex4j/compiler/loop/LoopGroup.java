package org.ipex4j.compiler.loop;

import java.util.List;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/**
 * Graph nodes that become one kernel.
 *
 * @param nodes in graph order; none of them is a library call
 * @param inputs values read from memory, each once
 * @param outputs values that others need and the kernel therefore stores
 */
public record LoopGroup(List<Node> nodes, List<Value> inputs, List<Value> outputs) {
    public LoopGroup {
        nodes = List.copyOf(nodes);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
