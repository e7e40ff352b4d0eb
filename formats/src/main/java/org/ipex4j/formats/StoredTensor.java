package org.ipex4j.formats;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/**
 * A tensor as a file holds it: a window of the mapped file, with bounds already checked.
 *
 * @param data from the first element to one past the last; little-endian; alignment as in the file.
 *     It stays valid as long as it is reachable
 * @param strides in elements
 */
public record StoredTensor(
        String name, ElementType type, Sizes sizes, long[] strides, MemorySegment data) {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    /** The array type it is read as. */
    public TensorType tensorType() {
        return new TensorType(type.dtype(), sizes);
    }

    public boolean isContiguous() {
        if (sizes.numel() == 0) {
            return true;
        }
        long[] wanted = sizes.contiguousStrides();
        for (int d = 0; d < strides.length; d++) {
            if (sizes.get(d) != 1 && strides[d] != wanted[d]) {
                return false;
            }
        }
        return true;
    }

    /**
     * True if the mapped bytes can serve as the array: row-major, no conversion, elements aligned.
     */
    public boolean isZeroCopy() {
        return type.isDirect() && isContiguous() && data.address() % type.byteSize() == 0;
    }

    /**
     * The elements row-major, as {@link #tensorType()}: the mapped bytes themselves where {@link
     * #isZeroCopy()}, otherwise a copy.
     */
    public MemorySegment contiguous() {
        if (isZeroCopy()) {
            return data;
        }
        TensorType wanted = tensorType();
        MemorySegment out =
                Arena.ofAuto()
                        .allocate(Math.max(1, wanted.byteSize()), 64)
                        .asSlice(0, wanted.byteSize());
        copyTo(out);
        return out;
    }

    /**
     * Writes the elements row-major, as {@link #tensorType()}, into a segment of exactly that size.
     */
    public void copyTo(MemorySegment out) {
        long numel = sizes.numel();
        int size = type.dtype().byteSize();
        if (out.byteSize() != numel * size) {
            throw new IllegalArgumentException(
                    name
                            + ": destination has "
                            + out.byteSize()
                            + " bytes, expected "
                            + numel * size);
        }
        if (type.isDirect() && isContiguous()) {
            out.copyFrom(data.asSlice(0, out.byteSize()));
            return;
        }
        long[] index = new long[sizes.rank()];
        for (long i = 0, from = 0; i < numel; i++) {
            copyElement(from, out, i);
            for (int d = index.length - 1; d >= 0; d--) {
                from += strides[d];
                if (++index[d] < sizes.get(d)) {
                    break;
                }
                from -= strides[d] * sizes.get(d);
                index[d] = 0;
            }
        }
    }

    private void copyElement(long from, MemorySegment out, long to) {
        long at = from * type.byteSize();
        switch (type) {
            case BOOL, U8, I8 ->
                    out.set(ValueLayout.JAVA_BYTE, to, data.get(ValueLayout.JAVA_BYTE, at));
            case I16, F16, BF16 -> out.set(SHORT, to * 2, data.get(SHORT, at));
            case I32, F32 -> out.set(INT, to * 4, data.get(INT, at));
            case I64, F64 -> out.set(LONG, to * 8, data.get(LONG, at));
            case U16 -> out.set(INT, to * 4, Short.toUnsignedInt(data.get(SHORT, at)));
            case U32 -> out.set(LONG, to * 8, Integer.toUnsignedLong(data.get(INT, at)));
            case U64 -> {
                long v = data.get(LONG, at);
                if (v < 0) {
                    throw new ArithmeticException(
                            name
                                    + ": element "
                                    + to
                                    + " is "
                                    + Long.toUnsignedString(v)
                                    + ", more than int64 holds");
                }
                out.set(LONG, to * 8, v);
            }
            case F8_E4M3 ->
                    out.set(
                            INT,
                            to * 4,
                            Float.floatToRawIntBits(
                                    float8(data.get(ValueLayout.JAVA_BYTE, at), 4, 3)));
            case F8_E5M2 ->
                    out.set(
                            INT,
                            to * 4,
                            Float.floatToRawIntBits(
                                    float8(data.get(ValueLayout.JAVA_BYTE, at), 5, 2)));
        }
    }

    /** Decodes an 8-bit float of the given exponent and mantissa bits. */
    static float float8(byte bits, int exponentBits, int mantissaBits) {
        int magnitude = bits & 0x7f;
        int exponent = magnitude >> mantissaBits;
        int mantissa = magnitude & ((1 << mantissaBits) - 1);
        int top = (1 << exponentBits) - 1;
        int bias = top >> 1;
        float value;
        if (exponentBits == 5 && exponent == top) {
            value = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponentBits == 4 && magnitude == 0x7f) {
            value = Float.NaN;
        } else if (exponent == 0) {
            value = Math.scalb((float) mantissa, 1 - bias - mantissaBits);
        } else {
            value =
                    Math.scalb(
                            (float) (mantissa + (1 << mantissaBits)),
                            exponent - bias - mantissaBits);
        }
        return bits < 0 ? -value : value;
    }

    @Override
    public String toString() {
        return name
                + ": "
                + type
                + sizes
                + (isContiguous() ? "" : " strides " + Arrays.toString(strides));
    }

    @Override
    public boolean equals(Object o) {
        return this == o;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
