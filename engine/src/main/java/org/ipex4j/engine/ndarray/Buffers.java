package org.ipex4j.engine.ndarray;

import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.function.IntToDoubleFunction;
import org.ipex4j.ir.DType;

/** Java buffers as memory in the machine's byte order. */
final class Buffers {
    private Buffers() {}

    /**
     * The memory between a buffer's position and limit. A typed buffer in the other byte order is
     * copied; byte buffers are taken as they are, as DJL's engines do. Floats and doubles for a
     * type of 16 bits are rounded to nearest even.
     *
     * @throws IllegalArgumentException if the buffer's elements have another width than {@code
     *     type}
     */
    static MemorySegment segment(Buffer buffer, DType type) {
        if (type == DType.BFLOAT16 || type == DType.FLOAT16) {
            switch (buffer) {
                case FloatBuffer f -> {
                    return rounded(type, f.remaining(), i -> f.get(f.position() + i));
                }
                case DoubleBuffer d -> {
                    return rounded(type, d.remaining(), i -> d.get(d.position() + i));
                }
                default -> {}
            }
        }
        int width =
                switch (buffer) {
                    case ByteBuffer b -> type.byteSize();
                    case ShortBuffer s -> 2;
                    case IntBuffer i -> 4;
                    case FloatBuffer f -> 4;
                    case LongBuffer l -> 8;
                    case DoubleBuffer d -> 8;
                    default ->
                            throw new IllegalArgumentException(
                                    "buffer type not supported: " + buffer.getClass());
                };
        if (width != type.byteSize()) {
            throw new IllegalArgumentException(
                    "a "
                            + buffer.getClass().getSimpleName()
                            + " cannot fill an array of type "
                            + type);
        }
        return MemorySegment.ofBuffer(nativeOrder(buffer));
    }

    private static MemorySegment rounded(DType type, int count, IntToDoubleFunction numbers) {
        MemorySegment out = MemorySegment.ofArray(new byte[Math.multiplyExact(2, count)]);
        for (int i = 0; i < count; i++) {
            HostCopy.put(out, type, i, numbers.applyAsDouble(i));
        }
        return out;
    }

    private static Buffer nativeOrder(Buffer buffer) {
        ByteOrder order = ByteOrder.nativeOrder();
        return switch (buffer) {
            case ShortBuffer s when s.order() != order ->
                    ShortBuffer.allocate(s.remaining()).put(s.duplicate()).flip();
            case IntBuffer i when i.order() != order ->
                    IntBuffer.allocate(i.remaining()).put(i.duplicate()).flip();
            case FloatBuffer f when f.order() != order ->
                    FloatBuffer.allocate(f.remaining()).put(f.duplicate()).flip();
            case LongBuffer l when l.order() != order ->
                    LongBuffer.allocate(l.remaining()).put(l.duplicate()).flip();
            case DoubleBuffer d when d.order() != order ->
                    DoubleBuffer.allocate(d.remaining()).put(d.duplicate()).flip();
            default -> buffer;
        };
    }
}
