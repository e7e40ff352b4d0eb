package org.ipex4j.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.runtime.memory.Storage;
import org.ipex4j.runtime.natives.Native;

/**
 * A strided array in native memory: storage, offset, sizes and strides, the latter three in
 * elements. Views share the storage and its version counter. The memory is freed when all of them
 * are closed; a cleaner catches those that are dropped instead.
 *
 * <p>{@link #address()} and {@link #segment()} stay valid only while the tensor is open and
 * reachable: keep a reference to it (or {@link #storage()} retained) while native code runs.
 */
public final class Tensor implements AutoCloseable {
    private static final VarHandle CLOSED;

    static {
        try {
            CLOSED = MethodHandles.lookup().findVarHandle(Tensor.class, "closed", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Storage storage;
    private final TensorType type;
    private final long[] strides;
    private final long offset;
    private volatile boolean closed;

    /** Takes over one reference to the storage. */
    private Tensor(Storage storage, TensorType type, long[] strides, long offset) {
        this.storage = storage;
        this.type = type;
        this.strides = strides;
        this.offset = offset;
    }

    /** A dense row-major tensor; contents undefined. */
    public static Tensor empty(TensorType type) {
        return new Tensor(
                Storage.allocate(type.byteSize()), type, type.sizes().contiguousStrides(), 0);
    }

    /** A tensor with these strides in memory that just holds it; contents undefined. */
    public static Tensor empty(TensorType type, long[] strides) {
        long bytes =
                Math.multiplyExact(
                        checkedSpan(type.sizes(), strides), (long) type.dtype().byteSize());
        return new Tensor(Storage.allocate(bytes), type, strides.clone(), 0);
    }

    /**
     * A dense row-major tensor over somebody else's native memory, such as a mapped weight file.
     * The segment's arena is kept reachable; closing the tensor does not free it.
     *
     * @throws IllegalArgumentException if the segment is on the Java heap, confined to a thread,
     *     too small, or not aligned to the element size
     */
    public static Tensor wrap(MemorySegment foreign, TensorType type) {
        if (foreign.byteSize() < type.byteSize()) {
            throw new IllegalArgumentException(
                    "a tensor "
                            + type
                            + " needs "
                            + type.byteSize()
                            + " bytes, the segment has "
                            + foreign.byteSize());
        }
        if (foreign.address() % type.dtype().byteSize() != 0) {
            throw new IllegalArgumentException(
                    "a tensor "
                            + type
                            + " needs memory aligned to "
                            + type.dtype().byteSize()
                            + " bytes, the segment is at 0x"
                            + Long.toHexString(foreign.address()));
        }
        return new Tensor(Storage.wrap(foreign), type, type.sizes().contiguousStrides(), 0);
    }

    public DType dtype() {
        return type.dtype();
    }

    public Sizes sizes() {
        return type.sizes();
    }

    public TensorType type() {
        return type;
    }

    /** Distance between neighbours of each dimension, in elements. */
    public long[] strides() {
        return strides.clone();
    }

    /** Whether these are the strides, without copying them. */
    public boolean hasStrides(long[] expected) {
        return Arrays.equals(strides, expected);
    }

    public long stride(int dim) {
        return strides[dim < 0 ? dim + strides.length : dim];
    }

    /** The first element's place in the storage, in elements. */
    public long offset() {
        return offset;
    }

    public long numel() {
        return type.numel();
    }

    /** The shared memory. Retain it to keep it beyond this tensor's life. */
    public Storage storage() {
        checkOpen();
        return storage;
    }

    /** The first element's address. */
    public long address() {
        checkOpen();
        return storage.address() + offset * type.dtype().byteSize();
    }

    /** The memory from the first element to just past the last. */
    public MemorySegment segment() {
        MemorySegment s =
                Native.memory(address(), span(type.sizes(), strides) * type.dtype().byteSize());
        return storage.isReadOnly() ? s.asReadOnly() : s;
    }

    /** Whether writing is impossible, as over a file mapped for reading. */
    public boolean isReadOnly() {
        return storage.isReadOnly();
    }

    /**
     * A tensor over a piece of a storage, of which it takes over one reference, also when it fails.
     *
     * @throws IllegalArgumentException if an element would lie outside the storage
     */
    public static Tensor of(Storage storage, TensorType type, long[] strides, long offset) {
        try (Tensor whole =
                new Tensor(storage, new TensorType(type.dtype(), Sizes.of(0)), new long[] {1}, 0)) {
            return whole.view(type.sizes(), strides, offset);
        }
    }

    /**
     * Another tensor of the same element type over the same storage.
     *
     * @param newOffset the first element's place in the storage (not relative to this tensor)
     * @throws IllegalArgumentException if an element would lie outside the storage
     */
    public Tensor view(Sizes sizes, long[] newStrides, long newOffset) {
        checkOpen();
        long end = Math.addExact(newOffset, checkedSpan(sizes, newStrides));
        if (newOffset < 0
                || Math.multiplyExact(end, (long) type.dtype().byteSize()) > storage.byteSize()) {
            throw new IllegalArgumentException(
                    "view of sizes "
                            + sizes
                            + ", strides "
                            + Arrays.toString(newStrides)
                            + " and offset "
                            + newOffset
                            + " needs "
                            + end
                            + " elements, the storage has "
                            + storage.byteSize() / type.dtype().byteSize()
                            + " of "
                            + type.dtype());
        }
        return new Tensor(
                storage.retain(),
                new TensorType(type.dtype(), sizes),
                newStrides.clone(),
                newOffset);
    }

    /** Another handle of the same elements, to be closed on its own. */
    public Tensor alias() {
        checkOpen();
        return new Tensor(storage.retain(), type, strides, offset);
    }

    /**
     * Another handle of the same memory, whose bits are read as another element type.
     *
     * @throws IllegalArgumentException if an element has other bytes
     */
    public Tensor bits(DType other) {
        checkOpen();
        if (other.byteSize() != type.dtype().byteSize()) {
            throw new IllegalArgumentException(
                    "the bits of " + type + " are no elements of type " + other);
        }
        return new Tensor(storage.retain(), new TensorType(other, type.sizes()), strides, offset);
    }

    /**
     * Says that the elements will not be read for some time: those of a file mapped for reading
     * leave physical memory until then. Does nothing to other tensors.
     */
    public void unload() {
        checkOpen();
        int bytes = type.dtype().byteSize();
        storage.unload(offset * bytes, span(type.sizes(), strides) * bytes);
    }

    /** Number of in-place changes of the storage so far. */
    public long version() {
        return storage.version();
    }

    /** Says that elements were changed in place. */
    public void bumpVersion() {
        storage.bumpVersion();
    }

    /**
     * Whether the elements lie dense in row-major order; strides of dimensions of size 1 do not
     * matter.
     */
    public boolean isContiguous() {
        long step = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            long size = type.sizes().get(i);
            if (size == 0) {
                return true;
            }
            if (size != 1) {
                if (strides[i] != step) {
                    return false;
                }
                step *= size;
            }
        }
        return true;
    }

    /** Whether the tensors share memory. */
    public boolean sharesStorage(Tensor other) {
        return storage == other.storage;
    }

    public boolean isClosed() {
        return closed;
    }

    /** Gives the memory up; further closes do nothing, other use fails. */
    @Override
    public void close() {
        if (CLOSED.compareAndSet(this, false, true)) {
            storage.release();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("tensor " + type + " used after it was closed");
        }
    }

    /** Elements from the first to just past the last: 0 if any size is 0. */
    static long span(Sizes sizes, long[] strides) {
        long last = 0;
        for (int i = 0; i < strides.length; i++) {
            long size = sizes.get(i);
            if (size == 0) {
                return 0;
            }
            last = Math.addExact(last, Math.multiplyExact(size - 1, strides[i]));
        }
        return last + 1;
    }

    private static long checkedSpan(Sizes sizes, long[] strides) {
        if (strides.length != sizes.rank()) {
            throw new IllegalArgumentException(
                    "sizes "
                            + sizes
                            + " need "
                            + sizes.rank()
                            + " strides, got "
                            + Arrays.toString(strides));
        }
        for (long s : strides) {
            if (s < 0) {
                throw new IllegalArgumentException(
                        "negative stride in " + Arrays.toString(strides));
            }
        }
        return span(sizes, strides);
    }

    @Override
    public String toString() {
        return "Tensor("
                + type
                + ", strides "
                + Arrays.toString(strides)
                + (closed ? ", closed)" : ")");
    }
}
