package org.ipex4j.engine.autograd;

import org.ipex4j.runtime.Tensor;

/** What backward calls for one node of the tape: an op or a compiled region. */
public interface BackwardFunction extends AutoCloseable {
    /**
     * The gradients of the inputs.
     *
     * @param grads one per output, of the output's type and any strides; null where no gradient
     *     flowed. They stay the tape's.
     * @return one per input, of the input's type; null where none is needed. Tensors returned are
     *     the tape's to close; one that shares memory with another is fine.
     */
    Tensor[] backward(Tensor[] grads);

    /**
     * Whether {@link #backward} still works after {@link #close}: true where nothing was saved, so
     * that nothing is lost.
     */
    default boolean savesNothing() {
        return false;
    }

    /** Frees what was saved. Called once or more often. */
    @Override
    void close();
}
