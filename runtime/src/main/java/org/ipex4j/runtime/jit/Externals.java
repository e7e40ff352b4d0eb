package org.ipex4j.runtime.jit;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.ipex4j.runtime.natives.LibC;
import org.ipex4j.runtime.natives.NativeLibraries;

/** The functions that kernels may call: the process's OpenMP runtime, libm and the C library. */
final class Externals {
    private static final Map<String, Long> KNOWN = new ConcurrentHashMap<>();

    private Externals() {}

    /** The address of a function, or an error that names it. */
    static long address(String symbol) {
        return KNOWN.computeIfAbsent(symbol, Externals::find);
    }

    private static long find(String symbol) {
        Optional<MemorySegment> found = Optional.empty();
        boolean openmp = symbol.startsWith("GOMP_") || symbol.startsWith("omp_");
        if (!openmp) {
            found = LibC.lookup().find(symbol);
        }
        if (found.isEmpty()) {
            // Through oneDNN's handle: its OpenMP runtime, and the compiler's support library
            // (conversions
            // of half precision and the like).
            found = NativeLibraries.openmp().find(symbol);
        }
        return found.orElseThrow(
                        () ->
                                new JitException(
                                        "a kernel calls '"
                                                + symbol
                                                + "', which neither libgomp, libm nor the C library has"))
                .address();
    }
}
