package org.ipex4j.ir.op;

import java.util.Arrays;
import org.ipex4j.ir.Sizes;

/**
 * Where the elements of a view lie in its storage: element [i, j, …] at {@code offset + i *
 * strides[0] + j * strides[1] + …}, counted in elements. Immutable by convention: callers never
 * change the array.
 *
 * @param strides one per dimension; 0 where elements repeat (expand)
 */
public record Strided(Sizes sizes, long[] strides, long offset) {
    public Strided {
        if (strides.length != sizes.rank()) {
            throw new IllegalArgumentException(
                    "strides " + Arrays.toString(strides) + " do not fit sizes " + sizes);
        }
    }

    /** Row-major from offset 0. */
    public static Strided contiguous(Sizes sizes) {
        return new Strided(sizes, sizes.contiguousStrides(), 0);
    }

    /** The position in storage of an element given by its row-major number. */
    public long position(long index) {
        long at = offset;
        for (int d = sizes.rank() - 1; d >= 0; d--) {
            long size = sizes.get(d);
            at += index % size * strides[d];
            index /= size;
        }
        return at;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Strided s
                && offset == s.offset
                && sizes.equals(s.sizes)
                && Arrays.equals(strides, s.strides);
    }

    @Override
    public int hashCode() {
        return (sizes.hashCode() * 31 + Arrays.hashCode(strides)) * 31 + Long.hashCode(offset);
    }

    @Override
    public String toString() {
        return sizes + " strides " + Arrays.toString(strides) + " offset " + offset;
    }
}
