package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.types.DataType;
import java.math.BigInteger;
import org.ipex4j.ir.Scalar;

/** Java numbers as arguments of ops. */
final class Numbers {
    private Numbers() {}

    /** Integers keep all 64 bits; floats and doubles become doubles. */
    static Scalar toScalar(Number n) {
        return switch (n) {
            case Double d -> Scalar.of((double) d);
            case Float f -> Scalar.of((double) f);
            case Byte b -> Scalar.of(b.longValue());
            case Short s -> Scalar.of(s.longValue());
            case Integer i -> Scalar.of(i.longValue());
            case Long l -> Scalar.of((long) l);
            case BigInteger b -> Scalar.of(b.longValueExact());
            default -> Scalar.of(n.doubleValue());
        };
    }

    /** The type of an array of one such number. */
    static DataType typeOf(Number n) {
        return switch (n) {
            case Float f -> DataType.FLOAT32;
            case Byte b -> DataType.INT8;
            case Short s -> DataType.INT16;
            case Integer i -> DataType.INT32;
            case Long l -> DataType.INT64;
            case BigInteger b -> DataType.INT64;
            default -> DataType.FLOAT64;
        };
    }
}
