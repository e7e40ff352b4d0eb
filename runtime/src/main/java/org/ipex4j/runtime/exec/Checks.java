package org.ipex4j.runtime.exec;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
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

    /** Demands that inputs to be changed can be, and lie apart from all other inputs. */
    static void writable(Tensor[] inputs, List<Integer> written) {
        if (written.isEmpty()) {
            return;
        }
        for (int i : written) {
            if (inputs[i].isReadOnly()) {
                throw new IllegalArgumentException(
                        "input " + i + " is to be changed but is read-only memory: " + inputs[i]);
            }
        }
        boolean[] changes = new boolean[inputs.length];
        written.forEach(i -> changes[i] = true);
        long[][] ranges = new long[inputs.length][];
        int count = 0;
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] != null && inputs[i].numel() > 0) {
                long start = inputs[i].address();
                ranges[count++] = new long[] {start, start + span(inputs[i]), i};
            }
        }
        Arrays.sort(ranges, 0, count, Comparator.comparingLong(r -> r[0]));
        // By start: an overlap is with whichever earlier range reaches furthest, or with the
        // furthest of those that are changed.
        long[] furthest = null;
        long[] furthestChanged = null;
        for (int k = 0; k < count; k++) {
            long[] r = ranges[k];
            long[] before = changes[(int) r[2]] ? furthest : furthestChanged;
            if (before != null && before[1] > r[0]) {
                boolean own = changes[(int) r[2]];
                throw new IllegalArgumentException(
                        "input "
                                + (own ? r[2] : before[2])
                                + " is to be changed but shares memory with input "
                                + (own ? before[2] : r[2]));
            }
            furthest = furthest == null || r[1] > furthest[1] ? r : furthest;
            if (changes[(int) r[2]]) {
                furthestChanged =
                        furthestChanged == null || r[1] > furthestChanged[1] ? r : furthestChanged;
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
