package org.ipex4j.compiler.reference;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/**
 * A dense row-major tensor of the reference interpreter. Floating values are held as doubles that
 * the dtype can represent, integers and bool as longs (int64 stays exact). Immutable once made.
 */
public final class RefTensor {
    private final TensorType type;
    private final double[] reals;
    private final long[] ints;

    private RefTensor(TensorType type, double[] reals, long[] ints) {
        this.type = type;
        this.reals = reals;
        this.ints = ints;
        int given = reals != null ? reals.length : ints.length;
        if (given != type.numel()) {
            throw new IllegalArgumentException(
                    type + " needs " + type.numel() + " values, got " + given);
        }
    }

    /**
     * A tensor of these values, each rounded to the dtype (which may be any: integers truncate as
     * casts do).
     */
    public static RefTensor of(TensorType type, double... values) {
        return build(type, i -> values[checked(type, values.length, i)]);
    }

    /** A tensor of these integers, converted to the dtype: wrapped to its width, or rounded. */
    public static RefTensor of(TensorType type, long... values) {
        return buildInts(type, i -> values[checked(type, values.length, i)]);
    }

    private static int checked(TensorType type, int length, int i) {
        if (length != type.numel()) {
            throw new IllegalArgumentException(
                    type + " needs " + type.numel() + " values, got " + length);
        }
        return i;
    }

    /** A tensor without dimensions, of the scalar's widest dtype: bool, int64 or float64. */
    public static RefTensor of(Scalar s) {
        TensorType t = new TensorType(s.dtype(), Sizes.SCALAR);
        return s instanceof Scalar.Real r ? of(t, r.value()) : of(t, s.toLong());
    }

    /** Computes each element by its row-major position, and rounds it to the dtype. */
    public static RefTensor build(TensorType type, IntToDoubleFunction f) {
        int n = Math.toIntExact(type.numel());
        if (type.dtype().isFloating()) {
            double[] out = new double[n];
            for (int i = 0; i < n; i++) {
                out[i] = type.dtype().round(f.applyAsDouble(i));
            }
            return new RefTensor(type, out, null);
        }
        long[] out = new long[n];
        for (int i = 0; i < n; i++) {
            out[i] = Rounding.toInteger(f.applyAsDouble(i), type.dtype());
        }
        return new RefTensor(type, null, out);
    }

    /** As {@link #build} with exact integers. */
    public static RefTensor buildInts(TensorType type, IntToLongFunction f) {
        int n = Math.toIntExact(type.numel());
        if (type.dtype().isFloating()) {
            double[] out = new double[n];
            for (int i = 0; i < n; i++) {
                out[i] = Rounding.round(f.applyAsLong(i), type.dtype());
            }
            return new RefTensor(type, out, null);
        }
        long[] out = new long[n];
        for (int i = 0; i < n; i++) {
            out[i] = Rounding.wrap(f.applyAsLong(i), type.dtype());
        }
        return new RefTensor(type, null, out);
    }

    public static RefTensor zeros(TensorType type) {
        return buildInts(type, i -> 0);
    }

    /**
     * A tensor of the same dtype whose element {@code i} is this one's element {@code source(i)}.
     */
    public RefTensor gather(Sizes sizes, IntUnaryOperator source) {
        TensorType t = new TensorType(dtype(), sizes);
        return reals != null
                ? build(t, i -> reals[source.applyAsInt(i)])
                : buildInts(t, i -> ints[source.applyAsInt(i)]);
    }

    /** The same values under other sizes of the same number of elements. */
    public RefTensor reshape(Sizes sizes) {
        return new RefTensor(new TensorType(dtype(), sizes), reals, ints);
    }

    /** The tensor repeated along dimensions so that it has these sizes. */
    public RefTensor broadcast(Sizes sizes) {
        if (sizes.equals(type.sizes())) {
            return this;
        }
        int[] source = Indexing.broadcast(type.sizes(), sizes);
        return gather(sizes, i -> source[i]);
    }

    /**
     * The tensor converted to a dtype. Floating to int64 truncates and saturates, NaN becomes 0; to
     * the narrower integers it goes by int32 likewise and wraps to their width (in C, and so in
     * ATen, values out of range are undefined; for uint8 ATen wraps, as here). Anything but zero is
     * true.
     */
    public RefTensor to(DType dtype) {
        TensorType t = new TensorType(dtype, type.sizes());
        if (dtype == dtype()) {
            return this;
        }
        return reals != null ? build(t, i -> reals[i]) : buildInts(t, i -> ints[i]);
    }

    public TensorType type() {
        return type;
    }

    public DType dtype() {
        return type.dtype();
    }

    public Sizes sizes() {
        return type.sizes();
    }

    public int rank() {
        return type.rank();
    }

    public int numel() {
        return Math.toIntExact(type.numel());
    }

    /** Element at a row-major position, as a double. */
    public double real(int i) {
        return reals != null ? reals[i] : ints[i];
    }

    /** Element at a row-major position, as a long; floating values are truncated. */
    public long integer(int i) {
        return ints != null ? ints[i] : (long) reals[i];
    }

    /** True if the element is not zero. */
    public boolean truth(int i) {
        return ints != null ? ints[i] != 0 : reals[i] != 0;
    }

    /** All elements as doubles, a copy. */
    public double[] toDoubles() {
        return reals != null ? reals.clone() : Arrays.stream(ints).asDoubleStream().toArray();
    }

    /** All elements as longs, a copy. */
    public long[] toLongs() {
        return ints != null
                ? ints.clone()
                : Arrays.stream(reals).mapToLong(d -> (long) d).toArray();
    }

    /** Equal type and equal elements, NaN equal to NaN. */
    @Override
    public boolean equals(Object o) {
        return o instanceof RefTensor t
                && type.equals(t.type)
                && Arrays.equals(reals, t.reals)
                && Arrays.equals(ints, t.ints);
    }

    @Override
    public int hashCode() {
        return 31 * type.hashCode() + Arrays.hashCode(reals) + Arrays.hashCode(ints);
    }

    @Override
    public String toString() {
        int shown = Math.min(numel(), 20);
        String values =
                reals != null
                        ? Arrays.toString(Arrays.copyOf(reals, shown))
                        : Arrays.toString(Arrays.copyOf(ints, shown));
        return type + " " + values + (shown < numel() ? "…" : "");
    }
}
