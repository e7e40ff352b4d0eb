package org.ipex4j.ir;

/** What is known of a tensor while compiling: element type and sizes. */
public record TensorType(DType dtype, Sizes sizes) {
    public static TensorType of(DType dtype, long... sizes) {
        return new TensorType(dtype, Sizes.of(sizes));
    }

    public int rank() {
        return sizes.rank();
    }

    public long numel() {
        return sizes.numel();
    }

    /** Bytes of the elements, stored densely. */
    public long byteSize() {
        return Math.multiplyExact(sizes.numel(), (long) dtype.byteSize());
    }

    @Override
    public String toString() {
        return dtype.text() + sizes;
    }
}
