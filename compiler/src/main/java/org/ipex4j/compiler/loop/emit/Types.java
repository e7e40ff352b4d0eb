package org.ipex4j.compiler.loop.emit;

import org.ipex4j.ir.DType;

/** LLVM's names for types. */
final class Types {
    private Types() {}

    /** The type of an element in registers. */
    static String compute(DType type) {
        return switch (type) {
            case BOOL -> "i1";
            case UINT8, INT8 -> "i8";
            case INT16 -> "i16";
            case INT32 -> "i32";
            case INT64 -> "i64";
            case FLOAT16, BFLOAT16, FLOAT32 -> "float";
            case FLOAT64 -> "double";
        };
    }

    /** The type of an element in memory; see {@link Bfloat16} for its. */
    static String memory(DType type) {
        return switch (type) {
            case BOOL -> "i8";
            case FLOAT16 -> "half";
            case BFLOAT16 -> "i16";
            default -> compute(type);
        };
    }

    /** {@code width} elements; the element itself for width 1. */
    static String vector(String element, int width) {
        return width == 1 ? element : "<" + width + " x " + element + ">";
    }

    /** Suffix of intrinsics: {@code v16f32}, {@code f32}. */
    static String mangled(String element, int width) {
        String e =
                switch (element) {
                    case "float" -> "f32";
                    case "double" -> "f64";
                    case "half" -> "f16";
                    default -> element;
                };
        return width == 1 ? e : "v" + width + e;
    }

    /** A floating-point constant of a type, exactly. */
    static String real(DType type, double value) {
        double v = type == DType.FLOAT64 ? value : (double) (float) value;
        return "0x" + String.format("%016X", Double.doubleToRawLongBits(v));
    }

    /** A constant of a compute type. */
    static String constant(DType type, Number value) {
        if (type.isFloating()) {
            return real(type, value.doubleValue());
        }
        if (type == DType.BOOL) {
            return value.longValue() != 0 ? "true" : "false";
        }
        return Long.toString(value.longValue());
    }

    /** The same constant in all lanes. */
    static String splat(String element, String constant, int width) {
        return width == 1 ? constant : "splat (" + element + " " + constant + ")";
    }
}
