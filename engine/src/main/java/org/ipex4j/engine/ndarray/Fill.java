package org.ipex4j.engine.ndarray;

import java.lang.foreign.MemorySegment;
import java.util.function.LongToDoubleFunction;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.runtime.Tensor;

/**
 * Initial contents of dense tensors, written on the host: no kernel has to be compiled for them.
 */
final class Fill {
    private Fill() {}

    /** Every element gets the value, converted. */
    static void value(Tensor t, Scalar value) {
        MemorySegment memory = t.segment();
        if (memory.byteSize() == 0) {
            return;
        }
        if (value instanceof Scalar.Int(long v) && v == 0) {
            memory.fill((byte) 0);
            return;
        }
        int width = t.dtype().byteSize();
        if (t.dtype() == DType.INT64) {
            memory.set(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, 0, value.toLong());
        } else {
            HostCopy.put(memory, t.dtype(), 0, value.toDouble());
        }
        // Each copy doubles what is filled.
        for (long done = width; done < memory.byteSize(); done *= 2) {
            MemorySegment.copy(memory, 0, memory, done, Math.min(done, memory.byteSize() - done));
        }
    }

    /** Element i, in row-major order, gets f(i), converted. */
    static void each(Tensor t, LongToDoubleFunction f) {
        MemorySegment memory = t.segment();
        long n = t.numel();
        for (long i = 0; i < n; i++) {
            HostCopy.put(memory, t.dtype(), i, f.applyAsDouble(i));
        }
    }
}
