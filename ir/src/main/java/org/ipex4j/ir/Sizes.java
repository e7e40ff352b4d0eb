package org.ipex4j.ir;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The sizes of a tensor's dimensions, outermost first; immutable. Rank 0 is a scalar. */
public final class Sizes {
    public static final Sizes SCALAR = new Sizes(new long[0]);

    private final long[] values;

    private Sizes(long[] values) {
        this.values = values;
    }

    /** Sizes of the given values, each at least 0. */
    public static Sizes of(long... values) {
        for (long v : values) {
            if (v < 0) {
                throw new IllegalArgumentException("negative size in " + Arrays.toString(values));
            }
        }
        return values.length == 0 ? SCALAR : new Sizes(values.clone());
    }

    public int rank() {
        return values.length;
    }

    /** The size of a dimension; negative dimensions count from the end. */
    public long get(int dim) {
        return values[dim < 0 ? dim + values.length : dim];
    }

    public long[] toArray() {
        return values.clone();
    }

    /** Number of elements. */
    public long numel() {
        long n = 1;
        for (long v : values) {
            n = Math.multiplyExact(n, v);
        }
        return n;
    }

    /** These sizes with one of them replaced. */
    public Sizes with(int dim, long size) {
        long[] copy = values.clone();
        copy[dim < 0 ? dim + copy.length : dim] = size;
        return of(copy);
    }

    /** Row-major strides in elements; dimensions of size 0 count as 1, as in ATen. */
    public long[] contiguousStrides() {
        long[] strides = new long[values.length];
        long step = 1;
        for (int i = values.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= Math.max(1, values[i]);
        }
        return strides;
    }

    /**
     * Maps a dimension in {@code [-rank, rank)} (or {@code [-1, 0]} for scalars) to {@code [0,
     * rank)}.
     */
    public int wrap(long dim) {
        int rank = Math.max(1, values.length);
        if (dim < -rank || dim >= rank) {
            throw new IllegalArgumentException(
                    "dimension out of range: expected "
                            + -rank
                            + " to "
                            + (rank - 1)
                            + ", got "
                            + dim
                            + " for sizes "
                            + this);
        }
        return (int) (dim < 0 ? dim + rank : dim);
    }

    /** The broadcast of two shapes. */
    public static Sizes broadcast(Sizes a, Sizes b) {
        int rank = Math.max(a.rank(), b.rank());
        long[] out = new long[rank];
        for (int i = 0; i < rank; i++) {
            int ia = i - (rank - a.rank());
            int ib = i - (rank - b.rank());
            long x = ia < 0 ? 1 : a.values[ia];
            long y = ib < 0 ? 1 : b.values[ib];
            if (x != y && x != 1 && y != 1) {
                throw new IllegalArgumentException("sizes do not broadcast: " + a + " and " + b);
            }
            out[i] = x == 1 ? y : x;
        }
        return of(out);
    }

    public LongStream stream() {
        return Arrays.stream(values);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Sizes s && Arrays.equals(values, s.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.stream(values)
                .mapToObj(Long::toString)
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
