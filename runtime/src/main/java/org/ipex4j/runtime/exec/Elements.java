package org.ipex4j.runtime.exec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;

/** Elements of any dtype in memory. */
final class Elements {
    private Elements() {}

    /**
     * A number that orders elements as PyTorch sorts them: by value, -0 equal to 0, every NaN equal
     * and above all else.
     */
    static long sortKey(DType type, MemorySegment s, long i) {
        return switch (type) {
            case FLOAT64 -> orderedBits(s.getAtIndex(JAVA_DOUBLE, i));
            case FLOAT32, FLOAT16, BFLOAT16 -> orderedBits((float) real(type, s, i));
            case BOOL, UINT8, INT8, INT16, INT32, INT64 -> integer(type, s, i);
        };
    }

    private static long orderedBits(double v) {
        long bits = Double.doubleToLongBits(v + 0.0); // -0 + 0 is 0, and one NaN
        return bits < 0 ? bits ^ Long.MAX_VALUE : bits;
    }

    private static long orderedBits(float v) {
        int bits = Float.floatToIntBits(v + 0.0f);
        return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
    }

    static double real(DType type, MemorySegment s, long i) {
        return switch (type) {
            case FLOAT64 -> s.getAtIndex(JAVA_DOUBLE, i);
            case FLOAT32 -> s.getAtIndex(JAVA_FLOAT, i);
            case FLOAT16 -> Float.float16ToFloat(s.getAtIndex(JAVA_SHORT, i));
            case BFLOAT16 -> Float.intBitsToFloat(s.getAtIndex(JAVA_SHORT, i) << 16);
            default -> integer(type, s, i);
        };
    }

    static long integer(DType type, MemorySegment s, long i) {
        return switch (type) {
            case BOOL -> s.get(JAVA_BYTE, i) != 0 ? 1 : 0;
            case UINT8 -> s.get(JAVA_BYTE, i) & 0xff;
            case INT8 -> s.get(JAVA_BYTE, i);
            case INT16 -> s.getAtIndex(JAVA_SHORT, i);
            case INT32 -> s.getAtIndex(JAVA_INT, i);
            case INT64 -> s.getAtIndex(JAVA_LONG, i);
            default -> throw new IllegalArgumentException(type + " is not an integer type");
        };
    }

    /** Stores a number, rounded to nearest even for the halves; integers wrap. */
    static void setReal(DType type, MemorySegment s, long i, double v) {
        switch (type) {
            case FLOAT64 -> s.setAtIndex(JAVA_DOUBLE, i, v);
            case FLOAT32 -> s.setAtIndex(JAVA_FLOAT, i, (float) v);
            case FLOAT16 -> s.setAtIndex(JAVA_SHORT, i, Float.floatToFloat16((float) v));
            case BFLOAT16 -> {
                float f = (float) v;
                int bits = Float.floatToRawIntBits(f);
                int rounded =
                        Float.isNaN(f)
                                ? bits >>> 16 | 0x40
                                : bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
                s.setAtIndex(JAVA_SHORT, i, (short) rounded);
            }
            default -> setInteger(type, s, i, (long) v);
        }
    }

    static void setInteger(DType type, MemorySegment s, long i, long v) {
        switch (type) {
            case BOOL -> s.set(JAVA_BYTE, i, (byte) (v != 0 ? 1 : 0));
            case UINT8, INT8 -> s.set(JAVA_BYTE, i, (byte) v);
            case INT16 -> s.setAtIndex(JAVA_SHORT, i, (short) v);
            case INT32 -> s.setAtIndex(JAVA_INT, i, (int) v);
            case INT64 -> s.setAtIndex(JAVA_LONG, i, v);
            default -> setReal(type, s, i, v);
        }
    }

    /** Stores a number of an op's call. */
    static void set(DType type, MemorySegment s, long i, Scalar value) {
        if (type.isFloating()) {
            setReal(type, s, i, value.toDouble());
        } else {
            setInteger(
                    type,
                    s,
                    i,
                    type == DType.BOOL ? (value.toDouble() != 0 ? 1 : 0) : value.toLong());
        }
    }

    static void copy(DType type, MemorySegment from, long i, MemorySegment to, long j) {
        if (type.isFloating()) {
            setReal(type, to, j, real(type, from, i));
        } else {
            setInteger(type, to, j, integer(type, from, i));
        }
    }

    /** Adds {@code factor} times an element to another; booleans stay 0 or 1. */
    static void add(
            DType type, MemorySegment from, long i, MemorySegment to, long j, Scalar factor) {
        if (type.isFloating()) {
            setReal(type, to, j, real(type, to, j) + factor.toDouble() * real(type, from, i));
        } else {
            setInteger(
                    type, to, j, integer(type, to, j) + factor.toLong() * integer(type, from, i));
        }
    }
}
