package org.ipex4j.compiler.layout;

import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;

/**
 * Where a value lies.
 *
 * @param root the value whose buffer it is: itself, or the base of its views
 * @param type sizes and layout
 * @param offset of the first element in the buffer, in elements
 */
public record Placement(Value root, BufferType type, long offset) {
    /** The same place, read as another type of elements. */
    Placement withType(DType dtype) {
        return new Placement(root, new BufferType(dtype, type.sizes(), type.layout()), offset);
    }

    /** True if the value is the whole buffer. */
    boolean isRoot(Value v) {
        return root.equals(v);
    }
}
