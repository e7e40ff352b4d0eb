package org.ipex4j.runtime.exec;

import java.util.Arrays;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.runtime.Tensor;

/** What is asked of tensors at an executable's door. */
final class Checks {
    private Checks() {}

    /** Demands dtype, sizes and strides (those of dimensions of size 1 do not matter). */
    static void matches(String what, int index, Tensor t, BufferType type) {
        if (t == null) {
            throw new IllegalArgumentException(
                    what + " " + index + " is missing, should be " + type);
        }
        if (t.dtype() != type.dtype() || !t.sizes().equals(type.sizes())) {
            throw new IllegalArgumentException(
                    what + " " + index + " should be " + type.type() + ", is " + t.type());
        }
        long[] wanted = type.layout().strides();
        if (!t.hasStrides(wanted) && t.numel() != 0) {
            for (int d = 0; d < wanted.length; d++) {
                if (t.sizes().get(d) != 1 && t.stride(d) != wanted[d]) {
                    throw new IllegalArgumentException(
                            what
                                    + " "
                                    + index
                                    + " "
                                    + t.type()
                                    + " should have strides "
                                    + Arrays.toString(wanted)
                                    + ", has "
                                    + Arrays.toString(t.strides()));
                }
            }
        }
    }

    /** Whether a tensor to be written shares bytes with one to be read. */
    static boolean overlaps(Tensor out, Tensor[] inputs) {
        long start = out.address();
        long end = start + span(out);
        for (Tensor t : inputs) {
            if (t != null
                    && t.sharesStorage(out)
                    && t.address() < end
                    && start < t.address() + span(t)) {
                return true;
            }
        }
        return false;
    }

    private static long span(Tensor t) {
        return BufferTypes.of(t).byteSize();
    }
}
