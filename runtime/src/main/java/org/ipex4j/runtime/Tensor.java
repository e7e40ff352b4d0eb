package org.ipex4j.runtime;

import java.lang.foreign.MemorySegment;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Strided numbers in native storage. The shape of the class alone: storage comes with the pool. */
public final class Tensor implements AutoCloseable {
    private Tensor() {}

    public static Tensor empty(TensorType type) {
        throw new UnsupportedOperationException("storage");
    }

    public static Tensor empty(TensorType type, long[] strides) {
        throw new UnsupportedOperationException("storage");
    }

    public static Tensor wrap(MemorySegment foreign, TensorType type) {
        throw new UnsupportedOperationException("storage");
    }

    public DType dtype() {
        throw new UnsupportedOperationException("storage");
    }

    public Sizes sizes() {
        throw new UnsupportedOperationException("storage");
    }

    public long[] strides() {
        throw new UnsupportedOperationException("storage");
    }

    public long offset() {
        throw new UnsupportedOperationException("storage");
    }

    public long address() {
        throw new UnsupportedOperationException("storage");
    }

    public MemorySegment segment() {
        throw new UnsupportedOperationException("storage");
    }

    public Tensor view(Sizes sizes, long[] strides, long offset) {
        throw new UnsupportedOperationException("storage");
    }

    public long version() {
        throw new UnsupportedOperationException("storage");
    }

    public void bumpVersion() {
        throw new UnsupportedOperationException("storage");
    }

    public boolean isContiguous() {
        throw new UnsupportedOperationException("storage");
    }

    @Override
    public void close() {}
}
