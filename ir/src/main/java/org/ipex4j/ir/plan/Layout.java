package org.ipex4j.ir.plan;

import java.util.Arrays;
import org.ipex4j.ir.Sizes;

/**
 * How a tensor's elements lie in memory: oneDNN's blocking descriptor. Each dimension has a stride
 * for its outer part; inner blocks, outermost first, are dense and lie innermost. Plain (strided)
 * layouts have no inner blocks. {@code nChw16c} of sizes [N, C, H, W] is outer strides [C*H*W,
 * H*W*16, W*16, 16] with one inner block of 16 on dimension 1. Strides are in elements. Immutable
 * by convention: callers never change the arrays.
 *
 * @param strides outer strides, one per dimension; 0 where a plain layout repeats elements (expand)
 * @param innerBlocks sizes of the inner blocks, outermost first
 * @param innerDims the dimension that each inner block belongs to
 */
public record Layout(long[] strides, int[] innerBlocks, int[] innerDims) {
    /** Asks the library to choose; never the layout of a buffer. */
    public static final Layout ANY = new Layout(new long[0], new int[0], new int[] {-1});

    private static final int[] NONE = {};

    public static Layout strided(long... strides) {
        return new Layout(strides.clone(), NONE, NONE);
    }

    /** Row-major. */
    public static Layout contiguous(Sizes sizes) {
        return new Layout(sizes.contiguousStrides(), NONE, NONE);
    }

    /** The channel dimension (1) innermost: NHWC for rank 4, NDHWC for rank 5, NWC for rank 3. */
    public static Layout channelsLast(Sizes sizes) {
        int rank = sizes.rank();
        long[] strides = new long[rank];
        strides[1] = 1;
        long step = Math.max(1, sizes.get(1));
        for (int d = rank - 1; d >= 2; d--) {
            strides[d] = step;
            step *= Math.max(1, sizes.get(d));
        }
        strides[0] = step;
        return new Layout(strides, NONE, NONE);
    }

    /**
     * Channels (dimension 1) in blocks of {@code block}, otherwise row-major: nChw16c and the like.
     */
    public static Layout blockedChannels(Sizes sizes, int block) {
        int rank = sizes.rank();
        long[] strides = new long[rank];
        long step = block;
        for (int d = rank - 1; d >= 0; d--) {
            strides[d] = step;
            long size = d == 1 ? (sizes.get(1) + block - 1) / block : sizes.get(d);
            step *= Math.max(1, size);
        }
        return new Layout(strides, new int[] {block}, new int[] {1});
    }

    public boolean isAny() {
        return innerDims.length == 1 && innerDims[0] < 0;
    }

    /** True without inner blocks. */
    public boolean isPlain() {
        return innerBlocks.length == 0;
    }

    /** True if row-major for these sizes (strides of dimensions of size 1 do not matter). */
    public boolean isContiguous(Sizes sizes) {
        return isPlain() && sameStrides(sizes, sizes.contiguousStrides());
    }

    public boolean isChannelsLast(Sizes sizes) {
        return isPlain() && sizes.rank() >= 3 && sameStrides(sizes, channelsLast(sizes).strides);
    }

    private boolean sameStrides(Sizes sizes, long[] wanted) {
        if (sizes.numel() == 0) {
            return true;
        }
        for (int d = 0; d < strides.length; d++) {
            if (sizes.get(d) != 1 && strides[d] != wanted[d]) {
                return false;
            }
        }
        return true;
    }

    /** The product of a dimension's inner blocks: 1 if it has none. */
    public long blockOf(int dim) {
        long product = 1;
        for (int i = 0; i < innerBlocks.length; i++) {
            if (innerDims[i] == dim) {
                product *= innerBlocks[i];
            }
        }
        return product;
    }

    /** Sizes rounded up to whole blocks; what lies past the logical size is zero. */
    public Sizes padded(Sizes sizes) {
        long[] out = sizes.toArray();
        for (int d = 0; d < out.length; d++) {
            long block = blockOf(d);
            out[d] = (out[d] + block - 1) / block * block;
        }
        return Sizes.of(out);
    }

    /** Elements from the first to one past the last; 0 for an empty tensor. */
    public long span(Sizes sizes) {
        if (sizes.numel() == 0) {
            return 0;
        }
        long last = 0;
        for (int d = 0; d < strides.length; d++) {
            long outer = (sizes.get(d) + blockOf(d) - 1) / blockOf(d);
            last += (outer - 1) * strides[d];
        }
        long inner = 1;
        for (int b : innerBlocks) {
            inner *= b;
        }
        return last + inner;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Layout l
                && Arrays.equals(strides, l.strides)
                && Arrays.equals(innerBlocks, l.innerBlocks)
                && Arrays.equals(innerDims, l.innerDims);
    }

    @Override
    public int hashCode() {
        return (Arrays.hashCode(strides) * 31 + Arrays.hashCode(innerBlocks)) * 31
                + Arrays.hashCode(innerDims);
    }

    @Override
    public String toString() {
        if (isAny()) {
            return "any";
        }
        StringBuilder out = new StringBuilder(Arrays.toString(strides).replace(" ", ""));
        for (int i = 0; i < innerBlocks.length; i++) {
            out.append(i == 0 ? ":" : "")
                    .append(innerBlocks[i])
                    .append((char) ('a' + innerDims[i]));
        }
        return out.toString();
    }
}
