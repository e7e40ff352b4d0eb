package org.ipex4j.engine.ndarray;

import org.ipex4j.engine.dispatch.Tracer;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.runtime.Tensor;

/** What an array stands for. */
public sealed interface Payload {
    /** Numbers in memory. */
    record Concrete(Tensor tensor) implements Payload {}

    /** A value of a graph that is being captured. */
    record Traced(Tracer tracer, Value value) implements Payload {}
}
