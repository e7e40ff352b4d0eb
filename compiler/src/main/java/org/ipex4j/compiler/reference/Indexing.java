package org.ipex4j.compiler.reference;

import org.ipex4j.ir.Sizes;

/** Row-major positions of broadcast, strided and reduced accesses. */
public final class Indexing {
    private Indexing() {}

    /**
     * For each row-major position of {@code to}, the position in {@code from} that broadcasting
     * reads.
     */
    public static int[] broadcast(Sizes from, Sizes to) {
        long[] strides = from.contiguousStrides();
        long[] spread = new long[to.rank()];
        int lead = to.rank() - from.rank();
        for (int d = 0; d < from.rank(); d++) {
            spread[lead + d] = from.get(d) == 1 ? 0 : strides[d];
        }
        return strided(to, spread, 0);
    }

    /** For each row-major position of {@code sizes}, its offset under other strides. */
    public static int[] strided(Sizes sizes, long[] strides, long offset) {
        int n = Math.toIntExact(sizes.numel());
        int[] out = new int[n];
        if (n == 0) {
            return out;
        }
        long[] at = new long[sizes.rank()];
        long position = offset;
        for (int i = 0; i < n; i++) {
            out[i] = Math.toIntExact(position);
            for (int d = sizes.rank() - 1; d >= 0; d--) {
                position += strides[d];
                if (++at[d] < sizes.get(d)) {
                    break;
                }
                position -= at[d] * strides[d];
                at[d] = 0;
            }
        }
        return out;
    }

    /** The coordinates of a row-major position. */
    public static long[] coordinates(Sizes sizes, int position) {
        long[] at = new long[sizes.rank()];
        int rest = position;
        for (int d = sizes.rank() - 1; d >= 0; d--) {
            int size = Math.toIntExact(sizes.get(d));
            at[d] = rest % size;
            rest /= size;
        }
        return at;
    }

    /**
     * The groups of a reduction: for each position of the kept dimensions, in row-major order, the
     * positions over the reduced dimensions, in row-major order.
     */
    public static int[][] groups(Sizes sizes, boolean[] reduced) {
        long[] strides = sizes.contiguousStrides();
        long[] kept = sizes.toArray();
        long[] inner = sizes.toArray();
        for (int d = 0; d < sizes.rank(); d++) {
            kept[d] = reduced[d] ? 1 : kept[d];
            inner[d] = reduced[d] ? inner[d] : 1;
        }
        int[] starts = strided(Sizes.of(kept), strides, 0);
        int[] offsets = strided(Sizes.of(inner), strides, 0);
        int[][] out = new int[starts.length][offsets.length];
        for (int i = 0; i < starts.length; i++) {
            for (int j = 0; j < offsets.length; j++) {
                out[i][j] = starts[i] + offsets[j];
            }
        }
        return out;
    }
}
