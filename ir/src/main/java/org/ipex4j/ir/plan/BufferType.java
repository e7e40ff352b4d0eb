package org.ipex4j.ir.plan;

import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** A tensor in memory: element type, sizes and layout. */
public record BufferType(DType dtype, Sizes sizes, Layout layout) {
    public BufferType {
        if (!layout.isAny() && layout.strides().length != sizes.rank()) {
            throw new IllegalArgumentException("layout " + layout + " does not fit sizes " + sizes);
        }
    }

    public static BufferType contiguous(TensorType type) {
        return new BufferType(type.dtype(), type.sizes(), Layout.contiguous(type.sizes()));
    }

    public TensorType type() {
        return new TensorType(dtype, sizes);
    }

    public BufferType withLayout(Layout other) {
        return new BufferType(dtype, sizes, other);
    }

    /** Bytes from the first element to one past the last, block padding included. */
    public long byteSize() {
        return Math.multiplyExact(layout.span(sizes), (long) dtype.byteSize());
    }

    @Override
    public String toString() {
        return dtype.text() + sizes + "@" + layout;
    }
}
