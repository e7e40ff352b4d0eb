package org.ipex4j.runtime.natives;

import static org.ipex4j.runtime.natives.Native.INT;
import static org.ipex4j.runtime.natives.Native.LONG;
import static org.ipex4j.runtime.natives.Native.POINTER;
import static org.ipex4j.runtime.natives.Native.rethrow;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** The C library functions that memory, loading and threads need. */
public final class LibC {
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int PROT_EXEC = 4;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MADV_HUGEPAGE = 14;
    private static final int RTLD_LAZY = 1;
    private static final long MAP_FAILED = -1;

    private static final SymbolLookup LOOKUP = Linker.nativeLinker().defaultLookup();
    private static final MethodHandle MMAP =
            Native.function(LOOKUP, "mmap", LONG, LONG, LONG, INT, INT, INT, LONG);
    private static final MethodHandle MUNMAP = Native.function(LOOKUP, "munmap", INT, LONG, LONG);
    private static final MethodHandle MADVISE =
            Native.function(LOOKUP, "madvise", INT, LONG, LONG, INT);
    private static final MethodHandle MPROTECT =
            Native.function(LOOKUP, "mprotect", INT, LONG, LONG, INT);
    private static final MethodHandle ALIGNED_ALLOC =
            Native.function(LOOKUP, "aligned_alloc", LONG, LONG, LONG);
    private static final MethodHandle FREE = Native.procedure(LOOKUP, "free", LONG);
    private static final MethodHandle DLOPEN =
            Native.function(LOOKUP, "dlopen", LONG, POINTER, INT);
    private static final MethodHandle DLSYM = Native.function(LOOKUP, "dlsym", LONG, LONG, POINTER);
    private static final MethodHandle DLERROR = Native.function(LOOKUP, "dlerror", LONG);
    private static final MethodHandle DLADDR =
            Native.function(LOOKUP, "dladdr", INT, LONG, POINTER);

    private LibC() {}

    /** Functions of the C library and of libm. */
    public static SymbolLookup lookup() {
        return LOOKUP;
    }

    /** Fresh zeroed pages, readable and writable; 0 if the system has none to give. */
    public static long map(long bytes) {
        try {
            long p =
                    (long)
                            MMAP.invokeExact(
                                    0L,
                                    bytes,
                                    PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS,
                                    -1,
                                    0L);
            return p == MAP_FAILED ? 0 : p;
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Returns pages to the system. */
    public static void unmap(long address, long bytes) {
        int status;
        try {
            status = (int) MUNMAP.invokeExact(address, bytes);
        } catch (Throwable t) {
            throw rethrow(t);
        }
        if (status != 0) {
            throw new IllegalStateException(
                    "munmap of " + bytes + " bytes at 0x" + Long.toHexString(address) + " failed");
        }
    }

    /**
     * Asks for 2 MiB pages; false if the kernel has them switched off (nothing else is lost then).
     */
    public static boolean adviseHugePages(long address, long bytes) {
        try {
            return (int) MADVISE.invokeExact(address, bytes, MADV_HUGEPAGE) == 0;
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Changes the protection of whole pages. */
    public static void protect(long address, long bytes, int protection) {
        int status;
        try {
            status = (int) MPROTECT.invokeExact(address, bytes, protection);
        } catch (Throwable t) {
            throw rethrow(t);
        }
        if (status != 0) {
            throw new IllegalStateException(
                    "mprotect(" + protection + ") of " + bytes + " bytes failed");
        }
    }

    /**
     * Memory from the C heap; {@code bytes} is a multiple of {@code alignment}. 0 if there is none.
     */
    public static long alignedAlloc(long alignment, long bytes) {
        try {
            return (long) ALIGNED_ALLOC.invokeExact(alignment, bytes);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    public static void free(long address) {
        try {
            FREE.invokeExact(address);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /**
     * Loads a shared library, its symbols visible to nobody else.
     *
     * @return its handle
     * @throws UnsupportedPlatformException with the loader's reason
     */
    static long open(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment p = arena.allocateFrom(path);
            long handle = (long) DLOPEN.invokeExact(p, RTLD_LAZY);
            if (handle == 0) {
                String reason = Native.string((long) DLERROR.invokeExact());
                throw new UnsupportedPlatformException(
                        "cannot load " + path + " on " + Platform.current() + ": " + reason);
            }
            return handle;
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The address of a symbol of a library or of the libraries it needs; 0 if it has none. */
    static long symbol(long handle, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment n = arena.allocateFrom(name);
            return (long) DLSYM.invokeExact(handle, n);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The file that an address was loaded from; null if none. */
    public static String fileOf(long address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(32, 8);
            if ((int) DLADDR.invokeExact(address, info) == 0) {
                return null;
            }
            return Native.string(info.get(LONG, 0));
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }
}
