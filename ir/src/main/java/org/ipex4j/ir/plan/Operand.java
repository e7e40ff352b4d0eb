package org.ipex4j.ir.plan;

/** Where a step finds a buffer at run time. {@code byteOffset} is added to the place's address. */
public record Operand(Place place, long byteOffset, BufferType type) {
    /** The memory a buffer lives in. */
    public sealed interface Place {
        /** The plan's i-th input. */
        record In(int index) implements Place {}

        /** The plan's i-th output. */
        record Out(int index) implements Place {}

        /** The plan's working memory, shared by values that do not live at the same time. */
        record Arena() implements Place {}
    }
}
