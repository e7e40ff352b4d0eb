package org.ipex4j.ir.plan;

import java.util.Set;
import org.ipex4j.ir.DType;

/**
 * Facts of the processor that compilation depends on.
 *
 * @param cpu LLVM's name of the processor, {@code znver4}
 * @param features LLVM's feature string
 * @param vectorBytes width of a vector register: 64 with AVX-512, 32 with AVX2
 * @param capabilities lower-case names: {@code avx512f}, {@code avx512_bf16}, {@code amx}, {@code
 *     fma}
 * @param threads threads of a parallel region
 * @param l1Bytes first-level data cache of a core
 * @param l2Bytes second-level cache of a core
 * @param l3Bytes last-level cache
 */
public record Target(
        String cpu,
        String features,
        int vectorBytes,
        Set<String> capabilities,
        int threads,
        long l1Bytes,
        long l2Bytes,
        long l3Bytes) {
    public boolean has(String capability) {
        return capabilities.contains(capability);
    }

    /**
     * True for element types that oneDNN convolves, multiplies and pools in as they are, summing in
     * f32: f32 everywhere, bf16 where the processor has instructions for it. All other types take
     * other ways. Where it has AVX-512 alone, oneDNN takes four times as long in bf16 as in f32,
     * and makes NaN of infinities in products of odd depth.
     */
    public boolean hasLibrary(DType type) {
        return switch (type) {
            case FLOAT32 -> true;
            case BFLOAT16 -> has("avx512_bf16");
            default -> false;
        };
    }

    /** Elements of this many bytes in one vector register. */
    public int lanes(int elementBytes) {
        return vectorBytes / elementBytes;
    }
}
