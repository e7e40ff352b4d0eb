package org.ipex4j.ir.plan;

/**
 * One kernel as textual LLVM IR that defines one external function named {@code symbol}. The symbol
 * holds a hash of the body, so that equal kernels have equal symbols, and a code cache is keyed by
 * it.
 *
 * <p>The function is {@code i64 symbol(ptr buffers, ptr params, i64 threads)}: {@code buffers}
 * points to one pointer per buffer, {@code params} to 64-bit integers (doubles as their bits). With
 * {@code threads} above 1 it may open one parallel region of at most that many threads by {@code
 * GOMP_parallel}; with 1 it runs on the caller's thread alone. It returns 0, or a status word: in
 * the low byte what went wrong, above it the offending number. What was computed then is undefined,
 * but no memory outside the buffers was touched.
 */
public record CodeUnit(String symbol, String llvm) {
    /** Status: an index read from a buffer, the offending number, names no element. */
    public static final int INDEX_OUT_OF_RANGE = 1;

    /** Status: an integer was divided by zero. */
    public static final int DIVISION_BY_ZERO = 2;
}
