package org.ipex4j.engine.ndarray;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.ipex4j.ir.DType;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.memory.Storage;

/**
 * Copies between tensors, of any strides, and dense row-major memory of the host. The storage is
 * retained while it is read or written, so that a concurrent close frees it afterwards only.
 */
public final class HostCopy {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    private HostCopy() {}

    /** Copies a tensor's elements, in row-major order, to dense memory. */
    public static void read(Tensor from, MemorySegment to) {
        Storage held = from.storage().retain();
        try {
            walk(from, from.segment(), to, true);
        } finally {
            held.release();
        }
    }

    /** Copies dense row-major elements into a tensor and notes the change. */
    public static void write(MemorySegment from, Tensor to) {
        if (to.isReadOnly()) {
            throw new IllegalStateException(
                    "the array is read-only: its memory is mapped from a file");
        }
        Storage held = to.storage().retain();
        try {
            walk(to, to.segment(), from, false);
            to.bumpVersion();
        } finally {
            held.release();
        }
    }

    private static void walk(
            Tensor tensor, MemorySegment strided, MemorySegment dense, boolean reading) {
        int bytes = tensor.dtype().byteSize();
        long total = tensor.sizes().numel() * bytes;
        if (total == 0) {
            return;
        }
        if (tensor.isContiguous()) {
            copy(strided, 0, dense, 0, total, reading);
            return;
        }
        long[] sizes = tensor.sizes().toArray();
        long[] strides = tensor.strides();
        // Innermost dimensions that are dense together form one run.
        int outer = sizes.length;
        long run = 1;
        while (outer > 0 && (sizes[outer - 1] == 1 || strides[outer - 1] == run)) {
            run *= sizes[--outer];
        }
        long[] index = new long[outer];
        long runBytes = run * bytes;
        for (long done = 0; done < total; done += runBytes) {
            long at = 0;
            for (int d = 0; d < outer; d++) {
                at += index[d] * strides[d];
            }
            if (runBytes == bytes) {
                element(strided, at * bytes, dense, done, bytes, reading);
            } else {
                copy(strided, at * bytes, dense, done, runBytes, reading);
            }
            for (int d = outer - 1; d >= 0 && ++index[d] == sizes[d]; d--) {
                index[d] = 0;
            }
        }
    }

    private static void copy(
            MemorySegment strided,
            long at,
            MemorySegment dense,
            long done,
            long bytes,
            boolean reading) {
        if (reading) {
            MemorySegment.copy(strided, at, dense, done, bytes);
        } else {
            MemorySegment.copy(dense, done, strided, at, bytes);
        }
    }

    private static void element(
            MemorySegment strided,
            long at,
            MemorySegment dense,
            long done,
            int bytes,
            boolean reading) {
        MemorySegment from = reading ? strided : dense;
        MemorySegment to = reading ? dense : strided;
        long a = reading ? at : done;
        long b = reading ? done : at;
        switch (bytes) {
            case 1 -> to.set(ValueLayout.JAVA_BYTE, b, from.get(ValueLayout.JAVA_BYTE, a));
            case 2 -> to.set(SHORT, b, from.get(SHORT, a));
            case 4 -> to.set(INT, b, from.get(INT, a));
            default -> to.set(LONG, b, from.get(LONG, a));
        }
    }

    /** All elements in row-major order as bytes in the machine's order. */
    public static byte[] toBytes(Tensor t) {
        byte[] out =
                new byte
                        [Math.toIntExact(
                                Math.multiplyExact(
                                        t.sizes().numel(), (long) t.dtype().byteSize()))];
        read(t, MemorySegment.ofArray(out));
        return out;
    }

    /** All elements in row-major order, converted. */
    public static double[] toDoubles(Tensor t) {
        int n = Math.toIntExact(t.sizes().numel());
        double[] out = new double[n];
        if (t.dtype() == DType.FLOAT64) {
            read(t, MemorySegment.ofArray(out));
            return out;
        }
        MemorySegment bytes = MemorySegment.ofArray(toBytes(t));
        for (int i = 0; i < n; i++) {
            out[i] = get(bytes, t.dtype(), i);
        }
        return out;
    }

    /** All elements of a floating type in row-major order, converted; exact but for FLOAT64. */
    public static float[] toFloats(Tensor t) {
        int n = Math.toIntExact(t.sizes().numel());
        float[] out = new float[n];
        if (t.dtype() == DType.FLOAT32) {
            read(t, MemorySegment.ofArray(out));
            return out;
        }
        MemorySegment bytes = MemorySegment.ofArray(toBytes(t));
        for (int i = 0; i < n; i++) {
            out[i] = (float) get(bytes, t.dtype(), i);
        }
        return out;
    }

    /** All elements of an integer or boolean type in row-major order, converted. */
    public static long[] toLongs(Tensor t) {
        int n = Math.toIntExact(t.sizes().numel());
        long[] out = new long[n];
        if (t.dtype() == DType.INT64) {
            read(t, MemorySegment.ofArray(out));
            return out;
        }
        MemorySegment bytes = MemorySegment.ofArray(toBytes(t));
        for (int i = 0; i < n; i++) {
            out[i] = (long) get(bytes, t.dtype(), i);
        }
        return out;
    }

    private static double get(MemorySegment m, DType type, long i) {
        return switch (type) {
            case BOOL -> m.get(ValueLayout.JAVA_BYTE, i) != 0 ? 1 : 0;
            case UINT8 -> m.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            case INT8 -> m.get(ValueLayout.JAVA_BYTE, i);
            case INT16 -> m.get(SHORT, 2 * i);
            case INT32 -> m.get(INT, 4 * i);
            case INT64 -> m.get(LONG, 8 * i);
            case FLOAT16 -> Float.float16ToFloat(m.get(SHORT, 2 * i));
            case BFLOAT16 -> Float.intBitsToFloat(m.get(SHORT, 2 * i) << 16);
            case FLOAT32 -> m.get(FLOAT, 4 * i);
            case FLOAT64 -> m.get(DOUBLE, 8 * i);
        };
    }

    /** Stores a number in an element, rounded to nearest even for the small floating types. */
    public static void put(MemorySegment m, DType type, long i, double value) {
        switch (type) {
            case BOOL -> m.set(ValueLayout.JAVA_BYTE, i, (byte) (value != 0 ? 1 : 0));
            case UINT8, INT8 -> m.set(ValueLayout.JAVA_BYTE, i, (byte) (long) value);
            case INT16 -> m.set(SHORT, 2 * i, (short) (long) value);
            case INT32 -> m.set(INT, 4 * i, (int) (long) value);
            case INT64 -> m.set(LONG, 8 * i, (long) value);
            case FLOAT16 -> m.set(SHORT, 2 * i, Float.floatToFloat16((float) value));
            case BFLOAT16 -> m.set(SHORT, 2 * i, toBfloat16((float) value));
            case FLOAT32 -> m.set(FLOAT, 4 * i, (float) value);
            case FLOAT64 -> m.set(DOUBLE, 8 * i, value);
        }
    }

    /** Rounds to nearest even; NaN stays NaN. */
    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}
