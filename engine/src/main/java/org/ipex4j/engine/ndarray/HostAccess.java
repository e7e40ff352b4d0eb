package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ipex4j.engine.autograd.Tape;
import org.ipex4j.ir.DType;

/**
 * Methods that move numbers between arrays and Java. On a traced array they break the graph.
 * BFLOAT16 and FLOAT16 arrays read as floats.
 */
interface HostAccess extends ArrayOps {
    @Override
    default ByteBuffer toByteBuffer(boolean tryDirect) {
        long bytes = self().type().byteSize();
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalStateException(
                    "NDArray.toByteBuffer: "
                            + bytes
                            + " bytes exceed what a buffer holds (shape "
                            + getShape()
                            + ")");
        }
        ByteBuffer out =
                tryDirect
                        ? ByteBuffer.allocateDirect((int) bytes)
                        : ByteBuffer.allocate((int) bytes);
        HostCopy.read(self().tensor("NDArray.toByteBuffer"), MemorySegment.ofBuffer(out));
        return out.order(ByteOrder.nativeOrder());
    }

    /** DJL's file format. What {@code Ipex.optimize} has cast is stored as FP32. */
    @Override
    default byte[] encode() {
        if (self().master() == null) {
            return ArrayOps.super.encode();
        }
        try (IpexNDArray numbers = self().full(IpexNDManager.system())) {
            numbers.setName(getName());
            return numbers.encode();
        }
    }

    @Override
    default double[] toDoubleArray() {
        require("double", DataType.FLOAT64);
        return HostCopy.toDoubles(self().tensor("NDArray.toDoubleArray"));
    }

    @Override
    default float[] toFloatArray() {
        require("float", DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16);
        return HostCopy.toFloats(self().tensor("NDArray.toFloatArray"));
    }

    @Override
    default long[] toLongArray() {
        require("long", DataType.INT64);
        return HostCopy.toLongs(self().tensor("NDArray.toLongArray"));
    }

    @Override
    default byte[] toByteArray() {
        return HostCopy.toBytes(self().tensor("NDArray.toByteArray"));
    }

    private void require(String what, DataType... allowed) {
        for (DataType t : allowed) {
            if (getDataType() == t) {
                return;
            }
        }
        throw new IllegalStateException(
                "DataType mismatch, required " + what + ", actual " + getDataType());
    }

    @Override
    default Number[] toArray() {
        if (getDataType() != DataType.BFLOAT16) {
            return ArrayOps.super.toArray();
        }
        float[] values = toFloatArray();
        Number[] out = new Number[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[i];
        }
        return out;
    }

    @Override
    default void set(Buffer buffer) {
        DataType type = getDataType();
        BaseNDManager.validateBuffer(buffer, type, Math.toIntExact(size()));
        MemorySegment source = Buffers.segment(buffer, self().type().dtype());
        Tape tape = Tape.recording();
        if (self().isTraced() || (tape != null && tape.involves(self()))) {
            try (IpexNDArray made = (IpexNDArray) getManager().create(buffer, getShape(), type)) {
                IpexIndexer.assign(self(), made);
            }
            return;
        }
        HostCopy.write(source, self().tensor("NDArray.set"));
    }

    /** Writes this array's numbers, converted, into an array of the same shape. */
    @Override
    default void copyTo(NDArray array) {
        if (!getShape().equals(array.getShape())) {
            throw new IllegalArgumentException(
                    "NDArray.copyTo: shapes differ: " + getShape() + " and " + array.getShape());
        }
        if (array instanceof IpexNDArray target) {
            IpexIndexer.assign(target, self());
        } else {
            array.set(toByteBuffer());
        }
    }

    @Override
    default NDArray duplicate() {
        IpexNDArray copy = call("aten.clone", this);
        copy.setName(getName());
        return copy;
    }

    @Override
    default NDArray toType(DataType dataType, boolean copy) {
        DType wanted = DataTypes.toIr(dataType);
        if (wanted == self().type().dtype()) {
            return copy ? duplicate() : this;
        }
        IpexNDArray converted = cast(wanted);
        converted.setName(getName());
        return converted;
    }

    @Override
    default NDArray zerosLike() {
        return getManager().zeros(getShape(), getDataType());
    }

    @Override
    default NDArray onesLike() {
        return getManager().ones(getShape(), getDataType());
    }

    @Override
    default NDArray like() {
        return getManager().create(getShape(), getDataType());
    }

    @Override
    default boolean contentEquals(Number number) {
        try (IpexNDArray equal = (IpexNDArray) self().eq(number)) {
            return allTrue(equal);
        }
    }

    @Override
    default boolean contentEquals(NDArray other) {
        if (other == null
                || !getShape().equals(other.getShape())
                || getDataType() != other.getDataType()) {
            return false;
        }
        try (IpexNDArray equal = (IpexNDArray) self().eq(other)) {
            return allTrue(equal);
        }
    }

    private static boolean allTrue(IpexNDArray mask) {
        for (byte b : mask.toByteArray()) {
            if (b == 0) {
                return false;
            }
        }
        return true;
    }

    /** NumPy's {@code allclose} for any pair of types. */
    @Override
    default boolean allClose(NDArray other, double rtol, double atol, boolean equalNan) {
        if (!getShape().equals(other.getShape())) {
            return false;
        }
        double[] a = HostCopy.toDoubles(self().tensor("NDArray.allClose"));
        double[] b = HostCopy.toDoubles(own(other).tensor("NDArray.allClose"));
        for (int i = 0; i < a.length; i++) {
            boolean same = a[i] == b[i] || (equalNan && Double.isNaN(a[i]) && Double.isNaN(b[i]));
            // An infinity is close to itself only: written so that NaN differences fail.
            if (!same
                    && !(Math.abs(a[i] - b[i]) <= atol + rtol * Math.abs(b[i])
                            && Double.isFinite(b[i]))) {
                return false;
            }
        }
        return true;
    }
}
