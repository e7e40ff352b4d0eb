package org.ipex4j.engine.ndarray;

import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.runtime.Tensor;

/**
 * The FP32 numbers behind a parameter's array that {@code Ipex.optimize} has cast to a type of 16
 * bits: the array holds what forward and backward compute with, this what only updates and files
 * see. Numbers that are written into the array itself count: they are then the FP32 ones as well.
 *
 * <p>Not thread-safe, as updates are not.
 */
public final class MasterWeight implements AutoCloseable {
    /** How the FP32 numbers are kept. */
    public enum Form {
        /** Not at all: those of the array, converted, are all there is. */
        ROUNDED,
        /** The array is the upper half of their bits (truncated), the lower half is kept apart. */
        SPLIT,
        /** As a copy; the array is the copy rounded to nearest even. */
        COPY
    }

    private final Form form;

    /** Null, or INT16 lower halves, or the FP32 copy. */
    private final Tensor rest;

    /** Of the array's tensor, when the rest was made for it. */
    private long version;

    private MasterWeight(Form form, Tensor rest, long version) {
        this.form = form;
        this.rest = rest;
        this.version = version;
    }

    /** What marks an array that is a cast of FP32 numbers which somebody else has. */
    public static MasterWeight rounded() {
        return new MasterWeight(Form.ROUNDED, null, 0);
    }

    /** The 16-bit numbers of a parameter together with what else is kept of it. */
    record Lowered(Tensor low, MasterWeight master) {}

    /**
     * Casts FP32 numbers.
     *
     * @param type BF16, or without a master weight FP16
     */
    static Lowered lower(Tensor full, DType type, Form form) {
        if (full.dtype() != DType.FLOAT32) {
            throw new IllegalArgumentException("expected FP32 numbers to cast, got " + full.type());
        }
        if (form != Form.ROUNDED && type != DType.BFLOAT16) {
            throw new IllegalArgumentException("a master weight is kept for BF16, not for " + type);
        }
        Tensor low =
                form == Form.SPLIT
                        ? TensorOps.half(full, "top", DType.BFLOAT16)
                        : TensorOps.cast(full, type);
        Tensor rest =
                switch (form) {
                    case ROUNDED -> null;
                    case SPLIT -> TensorOps.half(full, "trail", DType.INT16);
                    case COPY -> TensorOps.copy(full);
                };
        return new Lowered(low, new MasterWeight(form, rest, low.version()));
    }

    public Form form() {
        return form;
    }

    /**
     * What is kept beside the array's numbers, for an update to read and to write: INT16 lower
     * halves or FP32 numbers. Belongs to this.
     *
     * @param low the array's numbers
     */
    public Tensor rest(Tensor low) {
        if (form == Form.ROUNDED) {
            throw new IllegalStateException("no master weight is kept: the numbers were rounded");
        }
        if (low.version() != version) {
            // Somebody wrote 16-bit numbers: nothing is below them.
            if (form == Form.SPLIT) {
                TensorOps.zero(rest);
            } else {
                try (Tensor now = TensorOps.cast(low, DType.FLOAT32)) {
                    TensorOps.copyInto(now, rest);
                }
            }
            version = low.version();
        }
        return rest;
    }

    /** Says that an update has written the array's numbers and the rest. */
    public void updated(Tensor low) {
        version = low.version();
    }

    /** Says that the array has other numbers now, which have no rest. */
    void replaced() {
        version = -1;
    }

    /** The FP32 numbers, the caller's to close. */
    public Tensor full(Tensor low) {
        return switch (form) {
            case ROUNDED -> TensorOps.cast(low, DType.FLOAT32);
            case SPLIT -> TensorOps.join(low, rest(low));
            case COPY -> TensorOps.copy(rest(low));
        };
    }

    /**
     * Writes FP32 numbers into the array and the rest.
     *
     * @throws IllegalArgumentException if they are of another type or of other sizes
     */
    public void write(Tensor full, Tensor low) {
        TensorType wanted = new TensorType(DType.FLOAT32, low.sizes());
        if (!full.type().equals(wanted)) {
            throw new IllegalArgumentException("expected " + wanted + ", got " + full.type());
        }
        Lowered made = lower(full, low.dtype(), form);
        try (Tensor now = made.low();
                MasterWeight master = made.master()) {
            TensorOps.copyInto(now, low);
            if (rest != null) {
                TensorOps.copyInto(master.rest, rest);
            }
        }
        version = low.version();
    }

    /** Bytes kept beside the array. */
    public long byteSize() {
        return rest == null ? 0 : rest.type().byteSize();
    }

    @Override
    public void close() {
        if (rest != null) {
            rest.close();
        }
    }
}
