package org.ipex4j.engine.dispatch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.engine.ndarray.HostCopy;
import org.ipex4j.ir.DType;
import org.ipex4j.runtime.Tensor;

/** Tensors of the reference and of the runtime, each from the other. */
final class RefTensors {
    private RefTensors() {}

    static RefTensor read(Tensor t) {
        return t.dtype().isFloating()
                ? RefTensor.of(t.type(), HostCopy.toDoubles(t))
                : RefTensor.of(t.type(), HostCopy.toLongs(t));
    }

    static Tensor write(RefTensor r) {
        Tensor t = Tensor.empty(r.type());
        copy(r, t);
        return t;
    }

    /** Writes the elements into a tensor of the same type, of any strides. */
    static void copy(RefTensor r, Tensor t) {
        DType type = r.dtype();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment dense = arena.allocate(Math.max(1, r.type().byteSize()), 8);
            for (int i = 0; i < r.numel(); i++) {
                if (type == DType.INT64) {
                    dense.setAtIndex(ValueLayout.JAVA_LONG, i, r.integer(i));
                } else {
                    HostCopy.put(dense, type, i, type.isFloating() ? r.real(i) : r.integer(i));
                }
            }
            HostCopy.write(dense, t);
        }
    }
}
