package org.ipex4j.compiler.pass;

import org.ipex4j.ir.graph.Graph;

/** A step from graph to graph that keeps inputs, outputs and meaning. */
public interface Pass {
    /** The name in logs, in reports and in {@code skipPasses}. */
    String name();

    Graph run(Graph graph);

    /** False for passes that later stages depend on; those cannot be skipped. */
    default boolean optional() {
        return true;
    }
}
