package org.ipex4j.ir.plan;

/** What a {@link LibraryCall} on FP32 may compute with inside (oneDNN: fpmath mode). */
public enum MathMode {
    /** FP32. */
    STRICT,
    /** Operands rounded to BF16, sums in FP32, where the processor gains by it. */
    BFLOAT16
}
