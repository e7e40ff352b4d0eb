package org.ipex4j.engine.autograd;

import org.ipex4j.runtime.Tensor;

/** A tensor kept for backward, and which version of it. */
public final class SavedTensor implements AutoCloseable {
    private final Tensor tensor;
    private final long version;

    private SavedTensor(Tensor tensor) {
        this.tensor = tensor;
        this.version = tensor.version();
    }

    /** Keeps another handle of a tensor. */
    public static SavedTensor of(Tensor tensor) {
        return new SavedTensor(tensor.alias());
    }

    /** Keeps a tensor, which it takes over. */
    public static SavedTensor owning(Tensor tensor) {
        return new SavedTensor(tensor);
    }

    /**
     * The tensor, still this object's.
     *
     * @param what names it in the message, {@code aten.mul.Tensor: argument 2}
     * @throws IllegalStateException if it was changed in place since it was saved
     */
    public Tensor get(String what) {
        if (tensor.version() != version) {
            throw new IllegalStateException(
                    what
                            + " "
                            + tensor.type()
                            + " is needed by backward but was changed in place after it was used (version "
                            + tensor.version()
                            + ", expected "
                            + version
                            + "): write into a copy (NDArray.duplicate) instead");
        }
        return tensor;
    }

    @Override
    public void close() {
        tensor.close();
    }
}
