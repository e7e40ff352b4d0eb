package org.ipex4j.ir;

import java.util.Locale;

/** Element types, named and promoted as in PyTorch. */
public enum DType {
    BOOL("bool", 1, Category.BOOLEAN),
    UINT8("u8", 1, Category.INTEGRAL),
    INT8("i8", 1, Category.INTEGRAL),
    INT16("i16", 2, Category.INTEGRAL),
    INT32("i32", 4, Category.INTEGRAL),
    INT64("i64", 8, Category.INTEGRAL),
    FLOAT16("f16", 2, Category.FLOATING),
    BFLOAT16("bf16", 2, Category.FLOATING),
    FLOAT32("f32", 4, Category.FLOATING),
    FLOAT64("f64", 8, Category.FLOATING);

    /** Promotion happens between categories first, then between types of the higher category. */
    public enum Category {
        BOOLEAN,
        INTEGRAL,
        FLOATING
    }

    private final String text;
    private final int byteSize;
    private final Category category;

    DType(String text, int byteSize, Category category) {
        this.text = text;
        this.byteSize = byteSize;
        this.category = category;
    }

    /** The short name of the text form: {@code f32}, {@code bf16}, {@code i64}, … */
    public String text() {
        return text;
    }

    /** Bytes of one element. */
    public int byteSize() {
        return byteSize;
    }

    public Category category() {
        return category;
    }

    public boolean isFloating() {
        return category == Category.FLOATING;
    }

    /** True for the integer types; false for {@link #BOOL}. */
    public boolean isIntegral() {
        return category == Category.INTEGRAL;
    }

    /**
     * A number as this floating type holds it, to nearest even; 16-bit types by way of float32, as
     * computed there.
     */
    public double round(double v) {
        return switch (this) {
            case FLOAT64 -> v;
            case FLOAT32 -> (float) v;
            case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) v));
            case BFLOAT16 -> bfloat16((float) v);
            default -> throw new IllegalArgumentException("not a floating dtype: " + this);
        };
    }

    private static double bfloat16(float v) {
        if (Float.isNaN(v)) {
            return Double.NaN;
        }
        int bits = Float.floatToRawIntBits(v);
        // Half of the dropped part, plus the lowest kept bit: ties go to even.
        int rounded = bits + 0x7FFF + ((bits >>> 16) & 1);
        return Float.intBitsToFloat(rounded & 0xFFFF0000);
    }

    /** The type of the short name. */
    public static DType parse(String text) {
        for (DType t : values()) {
            if (t.text.equals(text)) {
                return t;
            }
        }
        throw new IllegalArgumentException("unknown dtype '" + text + "'");
    }

    /**
     * The type both operands are converted to, for tensors of one or more dimensions ({@code
     * torch.promote_types}).
     */
    public static DType promote(DType a, DType b) {
        if (a == b) {
            return a;
        }
        if (a.category != b.category) {
            return a.category.compareTo(b.category) > 0 ? a : b;
        }
        if (a.category == Category.FLOATING) {
            boolean halves = a.byteSize == 2 && b.byteSize == 2;
            return halves ? FLOAT32 : (a.byteSize > b.byteSize ? a : b);
        }
        if (a == UINT8 || b == UINT8) {
            DType signed = a == UINT8 ? b : a;
            return signed == INT8 ? INT16 : signed;
        }
        return a.byteSize > b.byteSize ? a : b;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
