package org.ipex4j.ir;

/** A number argument of an op: a boolean, a 64-bit integer or a double, as {@code at::Scalar}. */
public sealed interface Scalar {
    record Bool(boolean value) implements Scalar {}

    record Int(long value) implements Scalar {}

    record Real(double value) implements Scalar {}

    static Scalar of(boolean value) {
        return new Bool(value);
    }

    static Scalar of(long value) {
        return new Int(value);
    }

    static Scalar of(double value) {
        return new Real(value);
    }

    default double toDouble() {
        return switch (this) {
            case Bool b -> b.value ? 1 : 0;
            case Int i -> i.value;
            case Real r -> r.value;
        };
    }

    default long toLong() {
        return switch (this) {
            case Bool b -> b.value ? 1 : 0;
            case Int i -> i.value;
            case Real r -> (long) r.value;
        };
    }

    /** The widest type of the scalar's category: bool, int64 or float64. */
    default DType dtype() {
        return switch (this) {
            case Bool b -> DType.BOOL;
            case Int i -> DType.INT64;
            case Real r -> DType.FLOAT64;
        };
    }
}
