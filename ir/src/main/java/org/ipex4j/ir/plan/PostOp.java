package org.ipex4j.ir.plan;

/** What oneDNN does to a result before storing it, in order. */
public sealed interface PostOp {
    /**
     * Element-wise function of oneDNN, named as there: {@code relu}, {@code gelu_erf}, {@code
     * clip_v2}, {@code hardswish}, …
     */
    record Eltwise(String algorithm, float alpha, float beta) implements PostOp {}

    /** Adds {@code scale} times what the destination buffer held before. */
    record Sum(float scale) implements PostOp {}

    /**
     * Combines with another tensor ({@code add}, {@code mul}, {@code sub}, {@code max}, …), which
     * is one more operand of the call.
     */
    record Binary(String algorithm, BufferType operand) implements PostOp {}
}
