package org.ipex4j.runtime.dnnl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;

/**
 * A oneDNN memory descriptor, and its translation from and to {@link BufferType}.
 *
 * <p>oneDNN makes blocked descriptors only from its format tags, which know dense strides and a
 * fixed set of blocks; a {@link Layout} is more general (a slice of channels of a blocked tensor,
 * blocks that only a weights query returns). So a blocked descriptor is made from the serialised
 * form of a plain one ({@code dnnl_memory_desc_get_blob}), with blocks and strides written into it.
 * Where those fields lie is found once by looking for marked values ({@link Fields}), and every
 * descriptor made this way is read back through the query functions, so that another oneDNN build
 * can fail but not misread.
 */
final class MemoryDesc implements AutoCloseable {
    private long handle;

    private MemoryDesc(long handle) {
        this.handle = handle;
    }

    /** A descriptor of a buffer; {@link Layout#ANY} leaves the format to the primitive. */
    static MemoryDesc of(BufferType type) {
        long[] dims = type.sizes().toArray();
        if (dims.length == 0) {
            dims = new long[] {1};
        }
        Layout layout = type.layout();
        if (layout.isAny()) {
            return new MemoryDesc(
                    Dnnl.memoryDescCreateWithTag(dims, type.dtype(), Dnnl.FORMAT_ANY));
        }
        long[] strides = type.sizes().rank() == 0 ? new long[] {1} : layout.strides();
        return new MemoryDesc(
                layout.isPlain()
                        ? Dnnl.memoryDescCreateWithStrides(dims, type.dtype(), strides)
                        : blocked(type));
    }

    private static long blocked(BufferType type) {
        Layout layout = type.layout();
        try (Arena arena = Arena.ofConfined()) {
            long plain =
                    Dnnl.memoryDescCreateWithStrides(
                            type.sizes().toArray(), type.dtype(), type.sizes().contiguousStrides());
            MemorySegment blob;
            try {
                blob = Dnnl.memoryDescGetBlob(arena, plain);
            } finally {
                Dnnl.memoryDescDestroy(plain);
            }
            Fields.FOUND.write(blob, layout, layout.padded(type.sizes()).toArray());
            long made = Dnnl.memoryDescCreateWithBlob(blob);
            if (!read(made).equals(Optional.of(type))) {
                Dnnl.memoryDescDestroy(made);
                throw new IllegalStateException(
                        "oneDNN "
                                + Dnnl.version()
                                + " serialises memory descriptors in a way this runtime does not"
                                + " know: "
                                + type
                                + " reads back as "
                                + read(made));
            }
            return made;
        }
    }

    /**
     * What a descriptor says; empty if its format is not a blocking structure (opaque, sparse,
     * any).
     */
    static Optional<BufferType> read(long desc) {
        int rank = Dnnl.memoryDescQueryInt(desc, Dnnl.QUERY_NDIMS);
        if (rank == 0
                || Dnnl.memoryDescQueryInt(desc, Dnnl.QUERY_FORMAT_KIND) != Dnnl.FORMAT_BLOCKED) {
            return Optional.empty();
        }
        Sizes sizes = Sizes.of(Dnnl.memoryDescQueryDims(desc, Dnnl.QUERY_DIMS, rank));
        int blocks = Dnnl.memoryDescQueryInt(desc, Dnnl.QUERY_INNER_NBLKS);
        Layout layout =
                new Layout(
                        Dnnl.memoryDescQueryDims(desc, Dnnl.QUERY_STRIDES, rank),
                        ints(Dnnl.memoryDescQueryDims(desc, Dnnl.QUERY_INNER_BLKS, blocks)),
                        ints(Dnnl.memoryDescQueryDims(desc, Dnnl.QUERY_INNER_IDXS, blocks)));
        BufferType type =
                new BufferType(
                        Dnnl.dtype(Dnnl.memoryDescQueryInt(desc, Dnnl.QUERY_DATA_TYPE)),
                        sizes,
                        layout);
        boolean asDescribed =
                Dnnl.memoryDescQueryLong(desc, Dnnl.QUERY_OFFSET) == 0
                        && Arrays.equals(
                                Dnnl.memoryDescQueryDims(desc, Dnnl.QUERY_PADDED_DIMS, rank),
                                layout.padded(sizes).toArray())
                        // Larger if the library keeps more behind the elements (compensation of
                        // int8 weights).
                        && Dnnl.memoryDescSize(desc)
                                <= Math.max(type.byteSize(), paddedBytes(type));
        return asDescribed ? Optional.of(type) : Optional.empty();
    }

    /**
     * oneDNN's size of a descriptor: padded extents times strides, whatever the last element is.
     */
    private static long paddedBytes(BufferType type) {
        Layout layout = type.layout();
        Sizes padded = layout.padded(type.sizes());
        long most = 0;
        long inner = 1;
        for (int b : layout.innerBlocks()) {
            inner *= b;
        }
        for (int d = 0; d < padded.rank(); d++) {
            most = Math.max(most, padded.get(d) / layout.blockOf(d) * layout.strides()[d]);
        }
        return Math.max(most, inner) * type.dtype().byteSize();
    }

    private static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    long handle() {
        return handle;
    }

    @Override
    public void close() {
        if (handle != 0) {
            Dnnl.memoryDescDestroy(handle);
            handle = 0;
        }
    }

    /** Byte offsets in a serialised descriptor. */
    private record Fields(
            long paddedDims, long strides, long innerCount, long innerBlocks, long innerDims) {
        static final Fields FOUND = find();

        /**
         * Marks a descriptor with values that occur once: {@code aBcd16b} of sizes [3, 37, 5, 7]
         * has padded dimensions [3, 48, 5, 7] and strides [1680, 560, 112, 16]; then come the count
         * of blocks, their sizes and their dimensions, each vector {@link Dnnl#MAX_DIMS} long.
         */
        private static Fields find() {
            int aBcd16b = tag("aBcd16b");
            long desc =
                    Dnnl.memoryDescCreateWithTag(new long[] {3, 37, 5, 7}, DType.FLOAT32, aBcd16b);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment blob = Dnnl.memoryDescGetBlob(arena, desc);
                long padded = find(blob, 0, 3, 48, 5, 7);
                long strides = find(blob, padded, 1680, 560, 112, 16);
                long count = strides + 8L * Dnnl.MAX_DIMS;
                long blocks = find(blob, count, 16, 0);
                long dims = blocks + 8L * Dnnl.MAX_DIMS;
                if (blob.get(JAVA_INT, count) != 1 || blob.get(JAVA_LONG, dims) != 1) {
                    throw unknown();
                }
                return new Fields(padded, strides, count, blocks, dims);
            } finally {
                Dnnl.memoryDescDestroy(desc);
            }
        }

        private static int tag(String name) {
            for (int t = 2; t < 2000; t++) {
                if (Dnnl.tagName(t).equals(name)) {
                    return t;
                }
            }
            throw unknown();
        }

        private static long find(MemorySegment blob, long from, long... values) {
            for (long at = from; at + 8L * values.length <= blob.byteSize(); at += 4) {
                boolean all = true;
                for (int i = 0; i < values.length && all; i++) {
                    all = blob.get(JAVA_LONG.withByteAlignment(4), at + 8L * i) == values[i];
                }
                if (all) {
                    return at;
                }
            }
            throw unknown();
        }

        private static IllegalStateException unknown() {
            return new IllegalStateException(
                    "oneDNN "
                            + Dnnl.version()
                            + " serialises memory descriptors in a way this runtime does not know");
        }

        void write(MemorySegment blob, Layout layout, long[] padded) {
            for (int d = 0; d < padded.length; d++) {
                blob.set(JAVA_LONG, paddedDims + 8L * d, padded[d]);
                blob.set(JAVA_LONG, strides + 8L * d, layout.strides()[d]);
            }
            int n = layout.innerBlocks().length;
            blob.set(JAVA_INT, innerCount, n);
            for (int i = 0; i < n; i++) {
                blob.set(JAVA_LONG, innerBlocks + 8L * i, layout.innerBlocks()[i]);
                blob.set(JAVA_LONG, innerDims + 8L * i, layout.innerDims()[i]);
            }
        }
    }
}
