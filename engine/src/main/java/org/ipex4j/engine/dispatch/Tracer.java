package org.ipex4j.engine.dispatch;

import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/**
 * Records op calls instead of running them. A manager that carries a tracer is a tracing manager; its
 * sub-managers inherit the tracer, and arrays whose payload is traced bring it with them.
 */
public interface Tracer {
    /**
     * Records a call and returns traced arrays attached to {@code target}. Arguments may be concrete:
     * the tracer lifts them to graph inputs, or breaks the graph.
     */
    IpexNDArray[] record(Op op, Args<IpexNDArray> args, IpexNDManager target);

    /**
     * Records that {@code array} now holds {@code value}, which has the same type: an in-place op.
     * Views that share the array's storage must see it.
     */
    void write(IpexNDArray array, IpexNDArray value);

    /**
     * Refuses what a graph cannot hold: a host read of a traced array, random numbers drawn while
     * tracing. Always throws; declared to return so that callers can write {@code throw}.
     *
     * @param method the method called, {@code NDArray.toFloatArray}
     * @param array the array it was called on, or null
     */
    RuntimeException breakGraph(String method, IpexNDArray array);
}
