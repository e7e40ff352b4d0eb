package org.ipex4j.engine.capture;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.ipex4j.ir.Scalar;
import org.ipex4j.runtime.Tensor;

/** Reads single numbers. */
final class Scalars {
    private Scalars() {}

    /**
     * The only element, or null for 16-bit floats, whose numbers {@code aten.full} would have to
     * round.
     */
    static Scalar read(Tensor t) {
        MemorySegment s = t.segment();
        return switch (t.dtype()) {
            case BOOL -> Scalar.of(s.get(ValueLayout.JAVA_BYTE, 0) != 0);
            case UINT8 -> Scalar.of((long) Byte.toUnsignedInt(s.get(ValueLayout.JAVA_BYTE, 0)));
            case INT8 -> Scalar.of((long) s.get(ValueLayout.JAVA_BYTE, 0));
            case INT16 -> Scalar.of((long) s.get(ValueLayout.JAVA_SHORT_UNALIGNED, 0));
            case INT32 -> Scalar.of((long) s.get(ValueLayout.JAVA_INT_UNALIGNED, 0));
            case INT64 -> Scalar.of(s.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
            case FLOAT32 -> Scalar.of((double) s.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
            case FLOAT64 -> Scalar.of(s.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0));
            case FLOAT16, BFLOAT16 -> null;
        };
    }
}
