package org.ipex4j.compiler.reference;

import org.ipex4j.ir.DType;

/** Conversion of values to what a dtype can hold. */
public final class Rounding {
    private Rounding() {}

    /**
     * Int64 to a floating dtype, without the double rounding that a detour over double would bring.
     */
    static double round(long v, DType t) {
        return t == DType.FLOAT64 ? (double) v : t.round((float) v);
    }

    /** From floating to an integer dtype or bool; see {@link RefTensor#to}. */
    static long toInteger(double v, DType t) {
        return switch (t) {
            case BOOL -> v != 0 ? 1 : 0;
            case INT64 -> (long) v;
            default -> wrap((int) v, t);
        };
    }

    /** Int64 wrapped to the width of an integer dtype; to bool, anything but zero is true. */
    public static long wrap(long v, DType t) {
        return switch (t) {
            case BOOL -> v != 0 ? 1 : 0;
            case UINT8 -> v & 0xFF;
            case INT8 -> (byte) v;
            case INT16 -> (short) v;
            case INT32 -> (int) v;
            case INT64 -> v;
            default -> throw new IllegalArgumentException("not an integer dtype: " + t);
        };
    }
}
