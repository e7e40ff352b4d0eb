package org.ipex4j.compiler.samples;

import java.util.Arrays;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.TensorType;

/**
 * A tensor of a sample: its values, and the element strides it should have in memory (from offset
 * 0; some may be 0, none is negative).
 */
public record SampleTensor(RefTensor value, long[] strides) {
    public TensorType type() {
        return value.type();
    }

    public boolean isContiguous() {
        return Arrays.equals(strides, value.sizes().contiguousStrides());
    }

    /** Elements that a buffer with these strides spans. */
    public long span() {
        if (value.numel() == 0) {
            return 0;
        }
        long last = 0;
        for (int d = 0; d < strides.length; d++) {
            last += (value.sizes().get(d) - 1) * strides[d];
        }
        return last + 1;
    }

    @Override
    public String toString() {
        return value.type() + (isContiguous() ? "" : "@" + Arrays.toString(strides));
    }
}
