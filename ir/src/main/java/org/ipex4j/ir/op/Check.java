package org.ipex4j.ir.op;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/**
 * Argument checks shared by the type rules of structural ops; each throws IllegalArgumentException.
 */
final class Check {
    private Check() {}

    /** Demands a condition; the message is formatted as by {@link String#format}. */
    static void that(boolean condition, String message, Object... args) {
        if (!condition) {
            throw new IllegalArgumentException(String.format(message, args));
        }
    }

    static void rank(String name, TensorType t, int rank) {
        that(t.rank() == rank, "'%s' must have %s dimensions, has sizes %s", name, rank, t.sizes());
    }

    static void rank(String name, TensorType t, int from, int to) {
        that(
                t.rank() >= from && t.rank() <= to,
                "'%s' must have %s to %s dimensions, has sizes %s",
                name,
                from,
                to,
                t.sizes());
    }

    /** Demands one element type for two operands. */
    static void sameDType(String nameA, TensorType a, String nameB, TensorType b) {
        that(
                a.dtype() == b.dtype(),
                "'%s' and '%s' must have one dtype, got %s and %s",
                nameA,
                nameB,
                a.dtype(),
                b.dtype());
    }

    /** Demands an int32 or int64 tensor. */
    static void index(String name, TensorType t) {
        that(
                t.dtype() == DType.INT64 || t.dtype() == DType.INT32,
                "'%s' must be int64 or int32, is %s",
                name,
                t.dtype());
    }

    static void floating(String name, TensorType t) {
        that(
                t.dtype().isFloating(),
                "'%s' must be of a floating-point type, is %s",
                name,
                t.dtype());
    }

    /** An {@code int[n]} argument: one value stands for {@code n} equal ones, as in ATen. */
    static long[] spread(String name, long[] values, int n) {
        if (values.length == 1 && n != 1) {
            long[] out = new long[n];
            Arrays.fill(out, values[0]);
            return out;
        }
        that(
                values.length == n,
                "'%s' must have %s values (or one for all), got %s",
                name,
                n,
                Arrays.toString(values));
        return values;
    }

    /** Demands that each value is at least {@code least}. */
    static long[] atLeast(String name, long[] values, long least) {
        for (long v : values) {
            that(
                    v >= least,
                    "'%s' must be at least %s, got %s",
                    name,
                    least,
                    Arrays.toString(values));
        }
        return values;
    }

    /** Scalars count as one dimension of size 1, as for indexing ops in ATen. */
    static Sizes atLeast1d(Sizes sizes) {
        return sizes.rank() == 0 ? Sizes.of(1) : sizes;
    }

    /** True if broadcasting repeats {@code from} to exactly {@code to}. */
    static boolean expands(Sizes from, Sizes to) {
        boolean fits = from.rank() <= to.rank();
        for (int i = 1; fits && i <= from.rank(); i++) {
            fits = from.get(-i) == 1 || from.get(-i) == to.get(-i);
        }
        return fits;
    }

    /** The distinct wrapped dimensions of a list. */
    static int[] dims(Sizes sizes, long[] dims) {
        int[] out = new int[dims.length];
        for (int i = 0; i < dims.length; i++) {
            out[i] = sizes.wrap(dims[i]);
            for (int j = 0; j < i; j++) {
                that(
                        out[j] != out[i],
                        "dimension %s appears twice in %s",
                        out[i],
                        Arrays.toString(dims));
            }
        }
        return out;
    }

    static List<TensorType> one(DType dtype, Sizes sizes) {
        return List.of(new TensorType(dtype, sizes));
    }

    /** The rule of ops whose result sizes only the data can tell. */
    static List<TensorType> dataDependent(Args<TensorType> args) {
        throw new IllegalArgumentException(
                "result sizes depend on the data, so that no type can be inferred; run the op eagerly");
    }
}
