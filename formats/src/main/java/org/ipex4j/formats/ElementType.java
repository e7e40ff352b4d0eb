package org.ipex4j.formats;

import java.util.Optional;
import org.ipex4j.ir.DType;

/**
 * Element types that weight files hold; some have no array type of their own and are widened on
 * reading.
 */
public enum ElementType {
    BOOL("BOOL", 1, DType.BOOL, true),
    U8("U8", 1, DType.UINT8, true),
    I8("I8", 1, DType.INT8, true),
    I16("I16", 2, DType.INT16, true),
    U16("U16", 2, DType.INT32, false),
    I32("I32", 4, DType.INT32, true),
    U32("U32", 4, DType.INT64, false),
    I64("I64", 8, DType.INT64, true),
    U64("U64", 8, DType.INT64, false),
    F16("F16", 2, DType.FLOAT16, true),
    BF16("BF16", 2, DType.BFLOAT16, true),
    F32("F32", 4, DType.FLOAT32, true),
    F64("F64", 8, DType.FLOAT64, true),
    /**
     * 1 sign, 4 exponent, 3 mantissa bits; no infinity (Micikevicius et al., FP8 Formats for Deep
     * Learning, 2022).
     */
    F8_E4M3("F8_E4M3", 1, DType.FLOAT32, false),
    /** 1 sign, 5 exponent, 2 mantissa bits, IEEE-like. */
    F8_E5M2("F8_E5M2", 1, DType.FLOAT32, false);

    private final String text;
    private final int byteSize;
    private final DType dtype;
    private final boolean direct;

    ElementType(String text, int byteSize, DType dtype, boolean direct) {
        this.text = text;
        this.byteSize = byteSize;
        this.dtype = dtype;
        this.direct = direct;
    }

    /** The name in a safetensors header. */
    public String text() {
        return text;
    }

    public int byteSize() {
        return byteSize;
    }

    /** The array type these elements are read as. */
    public DType dtype() {
        return dtype;
    }

    /** True if the stored bytes are the array's bytes; false if reading converts each element. */
    public boolean isDirect() {
        return direct;
    }

    public static Optional<ElementType> find(String text) {
        for (ElementType t : values()) {
            if (t.text.equals(text)) {
                return Optional.of(t);
            }
        }
        return Optional.empty();
    }

    /** The element type that stores an array type as it is. */
    public static ElementType of(DType dtype) {
        for (ElementType t : values()) {
            if (t.direct && t.dtype == dtype) {
                return t;
            }
        }
        throw new IllegalArgumentException("no element type stores " + dtype);
    }
}
