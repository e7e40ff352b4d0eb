package org.ipex4j.runtime.exec;

import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.runtime.Tensor;

/** The plan's view of tensors. */
final class BufferTypes {
    private BufferTypes() {}

    static BufferType of(Tensor t) {
        return new BufferType(t.dtype(), t.sizes(), Layout.strided(t.strides()));
    }
}
