package org.ipex4j.ir.plan;

/**
 * One kernel as textual LLVM IR that defines one external function named {@code symbol}. The symbol
 * holds a hash of the body, so that equal kernels have equal symbols, and a code cache is keyed by it.
 *
 * <p>The function is {@code void symbol(ptr buffers, ptr params, i64 threads)}: {@code buffers} points
 * to one pointer per buffer, {@code params} to 64-bit integers (doubles as their bits). With {@code
 * threads} above 1 it may open one parallel region of at most that many threads by {@code GOMP_parallel};
 * with 1 it runs on the caller's thread alone.
 */
public record CodeUnit(String symbol, String llvm) {}
