package org.ipex4j.runtime.exec;

import java.lang.foreign.MemorySegment;
import org.ipex4j.ir.Sizes;
import org.ipex4j.runtime.Tensor;

/** Copies between strided tensors of one type, where no compiled kernel is at hand. */
final class StridedCopy {
    private StridedCopy() {}

    /** Copies every element; the tensors may overlap only if they are the same elements. */
    static void copy(Tensor from, Tensor to) {
        long bytes = from.type().byteSize();
        if (from.isContiguous() && to.isContiguous()) {
            MemorySegment.copy(from.segment(), 0, to.segment(), 0, bytes);
            return;
        }
        int item = from.dtype().byteSize();
        Sizes sizes = from.sizes();
        int rank = sizes.rank();
        long[] index = new long[rank];
        MemorySegment source = from.segment();
        MemorySegment target = to.segment();
        for (long n = from.numel(); n > 0; n--) {
            long s = 0;
            long t = 0;
            for (int d = 0; d < rank; d++) {
                s += index[d] * from.stride(d);
                t += index[d] * to.stride(d);
            }
            MemorySegment.copy(source, s * item, target, t * item, item);
            for (int d = rank - 1; d >= 0 && ++index[d] == sizes.get(d); d--) {
                index[d] = 0;
            }
        }
    }
}
