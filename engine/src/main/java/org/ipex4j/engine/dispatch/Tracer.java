package org.ipex4j.engine.dispatch;

import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.runtime.Tensor;

/**
 * Records op calls instead of running them. A manager that carries a tracer is a tracing manager;
 * its sub-managers inherit the tracer, and arrays whose payload is traced bring it with them.
 */
public interface Tracer {
    /**
     * Records a call and returns traced arrays attached to {@code target}. Arguments may be
     * concrete: the tracer lifts them to graph inputs, or breaks the graph.
     */
    IpexNDArray[] record(Op op, Args<IpexNDArray> args, IpexNDManager target);

    /**
     * Records that {@code array} now holds {@code value}, which has the same type: an in-place op.
     * Views that share the array's storage see it. The array may be concrete: then the graph breaks
     * and the numbers are written at once.
     */
    void write(IpexNDArray array, IpexNDArray value);

    /**
     * A traced array for numbers that Java code made with a tracing manager ({@code
     * NDManager.create}): a constant of the graph. The tracer owns {@code tensor} from here on.
     */
    IpexNDArray constant(Tensor tensor, IpexNDManager target);

    /**
     * The numbers of a traced array, which Java code is about to read: a graph break. What was
     * recorded so far runs, or, where the caller asked for one full graph, an error names block and
     * line. The tracer keeps the tensor and closes it when the forward ends.
     *
     * @param method the method called, {@code NDArray.toFloatArray}
     */
    Tensor materialize(String method, IpexNDArray array);

    /**
     * Notes that what follows may differ from call to call though no traced array was read, random
     * numbers drawn on the host for one: the graph alone must not stand for the forward.
     *
     * @param method the method called, {@code NDManager.randomNormal}
     */
    void impure(String method);

    /** Whether ops that draw random numbers may be recorded: the graph gets a random state. */
    default boolean holdsRandom() {
        return false;
    }
}
