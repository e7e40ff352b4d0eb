package org.ipex4j.runtime.natives;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Small vocabulary for calling C through {@code java.lang.foreign}. Pointers are passed as Java
 * longs: on the supported 64-bit platforms a pointer and a 64-bit integer travel in the same
 * registers, and a long needs no allocation.
 */
public final class Native {
    /** C {@code int}. */
    public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    /** C {@code long}, {@code size_t}, {@code int64_t} and every pointer. */
    public static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /**
     * A pointer given as the segment it points to (heap segments need {@code
     * Linker.Option.critical(true)}).
     */
    public static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private static final Linker LINKER = Linker.nativeLinker();

    private Native() {}

    /** A handle for a function that returns nothing. */
    public static MethodHandle procedure(
            SymbolLookup library, String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(find(library, name), FunctionDescriptor.ofVoid(arguments));
    }

    /** A handle for a function. */
    public static MethodHandle function(
            SymbolLookup library, String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(find(library, name), FunctionDescriptor.of(result, arguments));
    }

    /**
     * A handle for a procedure that returns within microseconds and never waits: the call skips the
     * thread's transition out of Java, so a garbage collection cannot start during it.
     */
    public static MethodHandle quickProcedure(
            SymbolLookup library, String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                find(library, name),
                FunctionDescriptor.ofVoid(arguments),
                Linker.Option.critical(false));
    }

    /** Like {@link #quickProcedure}, with a result. */
    public static MethodHandle quickFunction(
            SymbolLookup library, String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                find(library, name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.critical(false));
    }

    /** The symbol's address, or an error that names it. */
    public static MemorySegment find(SymbolLookup library, String name) {
        return library.find(name)
                .orElseThrow(
                        () ->
                                new UnsupportedPlatformException(
                                        "native symbol '"
                                                + name
                                                + "' not found on "
                                                + Platform.current()));
    }

    /** The memory at an address, unchecked beyond its size. */
    public static MemorySegment memory(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    /** The zero-terminated UTF-8 text at an address; null for the null pointer. */
    public static String string(long address) {
        if (address == 0) {
            return null;
        }
        return MemorySegment.ofAddress(address)
                .reinterpret(Integer.MAX_VALUE)
                .getString(0, StandardCharsets.UTF_8);
    }

    /** What a failed handle call throws: handles declare Throwable, C functions throw nothing. */
    public static RuntimeException rethrow(Throwable t) {
        return switch (t) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(t);
        };
    }
}
