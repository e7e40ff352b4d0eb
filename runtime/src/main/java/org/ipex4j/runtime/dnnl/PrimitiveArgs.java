package org.ipex4j.runtime.dnnl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The native argument block of one primitive for one thread of execution at a time: memory objects and
 * the array of {@code dnnl_exec_arg_t} that refers to them. Running allocates nothing.
 */
public final class PrimitiveArgs implements AutoCloseable {
    private static final long ARG_BYTES = 16; // int, padding, pointer

    private final DnnlPrimitive primitive;
    private final long primitiveHandle;
    private final long[] memories;
    private final long[] addresses;
    private final long args;
    private final int count;
    private boolean closed;

    /**
     * The block itself lies in {@code arena}, memory objects are freed by {@link #close()}. The primitive
     * must outlive this.
     */
    public PrimitiveArgs(DnnlPrimitive primitive, Arena arena) {
        this.primitive = primitive;
        this.primitiveHandle = primitive.handle();
        int operands = primitive.operandCount();
        boolean scratchpad = primitive.scratchpadBytes() > 0;
        count = operands + (scratchpad ? 1 : 0);
        memories = new long[count];
        addresses = new long[count];
        MemorySegment block = arena.allocate(ARG_BYTES * count, 8);
        for (int i = 0; i < count; i++) {
            boolean operand = i < operands;
            PrimitiveDesc desc = primitive.desc();
            memories[i] = Dnnl.memoryCreate(operand ? desc.memoryDesc(i) : desc.scratchpadDesc());
            block.set(JAVA_INT, ARG_BYTES * i, operand ? desc.args()[i] : Dnnl.ARG_SCRATCHPAD);
            block.set(JAVA_LONG, ARG_BYTES * i + 8, memories[i]);
        }
        args = block.address();
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
                Dnnl.memoryDestroy(m);
            }
        }
    }
}
