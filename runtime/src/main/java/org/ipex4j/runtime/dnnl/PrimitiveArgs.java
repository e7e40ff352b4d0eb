package org.ipex4j.runtime.dnnl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.ipex4j.runtime.memory.Storage;
import org.ipex4j.runtime.natives.Native;

/**
 * The native argument block of one primitive for one thread of execution at a time: memory objects
 * and the array of {@code dnnl_exec_arg_t} that refers to them. Running allocates nothing.
 */
public final class PrimitiveArgs implements AutoCloseable {
    private static final long ARG_BYTES = 16; // int, padding, pointer

    private final DnnlPrimitive primitive;
    private final long primitiveHandle;
    private final long[] memories;
    private final long[] addresses;
    private final Storage block;
    private final long args;
    private final int count;
    private boolean closed;

    /** A block without addresses. The primitive must outlive it. */
    public PrimitiveArgs(DnnlPrimitive primitive) {
        this.primitive = primitive;
        this.primitiveHandle = primitive.handle();
        int operands = primitive.operandCount();
        boolean scratchpad = primitive.scratchpadBytes() > 0;
        count = operands + (scratchpad ? 1 : 0);
        memories = new long[count];
        addresses = new long[count];
        block = Storage.allocate(ARG_BYTES * count);
        args = block.address();
        MemorySegment array = Native.memory(args, ARG_BYTES * count);
        try {
            fill(array, primitive.desc(), operands);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void fill(MemorySegment array, PrimitiveDesc desc, int operands) {
        for (int i = 0; i < count; i++) {
            boolean operand = i < operands;
            memories[i] = Dnnl.memoryCreate(operand ? desc.memoryDesc(i) : desc.scratchpadDesc());
            array.set(JAVA_INT, ARG_BYTES * i, operand ? desc.args()[i] : Dnnl.ARG_SCRATCHPAD);
            array.set(JAVA_LONG, ARG_BYTES * i + 8, memories[i]);
        }
    }

    /** Sets the address of an operand; the scratchpad follows the last operand. */
    public void set(int operand, long address) {
        if (addresses[operand] != address) {
            Dnnl.memorySetHandle(memories[operand], address);
            addresses[operand] = address;
        }
    }

    /** Sets the scratchpad, if the primitive needs one. */
    public void setScratchpad(long address) {
        if (primitive.scratchpadBytes() > 0) {
            set(count - 1, address);
        }
    }

    /** Runs the primitive on the calling thread and its parallel regions. */
    public void execute(DnnlStream stream) {
        int status = Dnnl.primitiveExecute(primitiveHandle, stream.handle(), count, args);
        if (status != Dnnl.SUCCESS) {
            throw new DnnlException("dnnl_primitive_execute", status, primitive.call());
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (long m : memories) {
                if (m != 0) {
                    Dnnl.memoryDestroy(m);
                }
            }
            block.release();
        }
    }
}
