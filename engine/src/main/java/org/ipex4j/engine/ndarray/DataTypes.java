package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;

/** DJL's element types and shapes, and the IR's. */
public final class DataTypes {
    private static final DType[] TO_IR = new DType[DataType.values().length];
    private static final DataType[] TO_DJL = new DataType[DType.values().length];

    static {
        pair(DataType.BOOLEAN, DType.BOOL);
        pair(DataType.UINT8, DType.UINT8);
        pair(DataType.INT8, DType.INT8);
        pair(DataType.INT16, DType.INT16);
        pair(DataType.INT32, DType.INT32);
        pair(DataType.INT64, DType.INT64);
        pair(DataType.FLOAT16, DType.FLOAT16);
        pair(DataType.BFLOAT16, DType.BFLOAT16);
        pair(DataType.FLOAT32, DType.FLOAT32);
        pair(DataType.FLOAT64, DType.FLOAT64);
    }

    private DataTypes() {}

    private static void pair(DataType djl, DType ir) {
        TO_IR[djl.ordinal()] = ir;
        TO_DJL[ir.ordinal()] = djl;
    }

    /**
     * The IR's type.
     *
     * @throws UnsupportedOperationException for complex, string and unsigned 16- to 64-bit types
     */
    public static DType toIr(DataType type) {
        DType found = TO_IR[type.ordinal()];
        if (found == null) {
            throw new UnsupportedOperationException(
                    "the IPEX engine has no arrays of type " + type);
        }
        return found;
    }

    public static DataType toDjl(DType type) {
        return TO_DJL[type.ordinal()];
    }

    /** Sizes of a fully known shape. */
    public static Sizes toSizes(Shape shape) {
        for (long s : shape.getShape()) {
            if (s < 0) {
                throw new IllegalArgumentException("shape " + shape + " has an unknown dimension");
            }
        }
        return Sizes.of(shape.getShape());
    }

    public static Shape toShape(Sizes sizes) {
        return new Shape(sizes.toArray());
    }
}
