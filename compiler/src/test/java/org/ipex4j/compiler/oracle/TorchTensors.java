package org.ipex4j.compiler.oracle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Strided;

/** Conversion between the reference's tensors and libtorch's. */
final class TorchTensors {
    private TorchTensors() {}

    static torch.ScalarType scalarType(DType t) {
        return switch (t) {
            case BOOL -> torch.ScalarType.Bool;
            case UINT8 -> torch.ScalarType.Byte;
            case INT8 -> torch.ScalarType.Char;
            case INT16 -> torch.ScalarType.Short;
            case INT32 -> torch.ScalarType.Int;
            case INT64 -> torch.ScalarType.Long;
            case FLOAT16 -> torch.ScalarType.Half;
            case BFLOAT16 -> torch.ScalarType.BFloat16;
            case FLOAT32 -> torch.ScalarType.Float;
            case FLOAT64 -> torch.ScalarType.Double;
        };
    }

    private static DType dtype(torch.ScalarType t) {
        for (DType d : DType.values()) {
            if (scalarType(d) == t.intern()) {
                return d;
            }
        }
        throw new IllegalArgumentException(
                "libtorch gave a tensor of type " + t + ", which the IR does not have");
    }

    /** A contiguous tensor that owns its memory; freed by the surrounding pointer scope. */
    static Tensor toTorch(RefTensor x) {
        // A pointer of no bytes is null, which libtorch takes for an undefined tensor.
        BytePointer memory = new BytePointer(Math.max(8, x.type().byteSize()));
        ByteBuffer out = memory.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < x.numel(); i++) {
            switch (x.dtype()) {
                case BOOL, UINT8, INT8 -> out.put((byte) x.integer(i));
                case INT16 -> out.putShort((short) x.integer(i));
                case INT32 -> out.putInt((int) x.integer(i));
                case INT64 -> out.putLong(x.integer(i));
                case FLOAT16 -> out.putShort(Float.floatToFloat16((float) x.real(i)));
                case BFLOAT16 ->
                        out.putShort((short) (Float.floatToRawIntBits((float) x.real(i)) >>> 16));
                case FLOAT32 -> out.putFloat((float) x.real(i));
                case FLOAT64 -> out.putDouble(x.real(i));
            }
        }
        Tensor borrowed =
                torch.from_blob(
                        memory, x.sizes().toArray(), new TensorOptions(scalarType(x.dtype())));
        return torch.clone(borrowed);
    }

    static RefTensor fromTorch(Tensor given) {
        Tensor tensor = given.contiguous();
        long[] dims = tensor.dim() == 0 ? new long[0] : tensor.sizes().vec().get();
        TensorType type = new TensorType(dtype(tensor.scalar_type()), Sizes.of(dims));
        if (type.numel() == 0) {
            return RefTensor.zeros(type);
        }
        ByteBuffer in =
                new BytePointer(tensor.data_ptr())
                        .capacity(type.byteSize())
                        .asByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN);
        int n = Math.toIntExact(type.numel());
        double[] reals = new double[n];
        long[] ints = new long[n];
        for (int i = 0; i < n; i++) {
            switch (type.dtype()) {
                case BOOL, INT8 -> ints[i] = in.get();
                case UINT8 -> ints[i] = in.get() & 0xFF;
                case INT16 -> ints[i] = in.getShort();
                case INT32 -> ints[i] = in.getInt();
                case INT64 -> ints[i] = in.getLong();
                case FLOAT16 -> reals[i] = Float.float16ToFloat(in.getShort());
                case BFLOAT16 -> reals[i] = Float.intBitsToFloat(in.getShort() << 16);
                case FLOAT32 -> reals[i] = in.getFloat();
                case FLOAT64 -> reals[i] = in.getDouble();
            }
        }
        return type.dtype().isFloating() ? RefTensor.of(type, reals) : RefTensor.of(type, ints);
    }

    /** A tensor that lies as told in a storage of float32 zeros that is just large enough. */
    static Tensor strided(Strided s) {
        long last = s.offset();
        for (int d = 0; d < s.sizes().rank(); d++) {
            last += Math.max(0, s.sizes().get(d) - 1) * s.strides()[d];
        }
        Tensor storage = torch.zeros(last + 1);
        return torch.as_strided(
                storage, s.sizes().toArray(), s.strides(), new LongOptional(s.offset()));
    }

    /** Where a tensor lies in its storage. */
    static Strided strided(Tensor t) {
        boolean scalar = t.dim() == 0;
        return new Strided(
                Sizes.of(scalar ? new long[0] : t.sizes().vec().get()),
                scalar ? new long[0] : t.strides().vec().get(),
                t.storage_offset());
    }
}
