package org.ipex4j.runtime.natives;

import static org.ipex4j.runtime.natives.Native.INT;
import static org.ipex4j.runtime.natives.Native.rethrow;

import java.lang.invoke.MethodHandle;

/**
 * The calls of the process's one OpenMP runtime that scheduling needs.
 *
 * <p>How long idle workers look for work is left as libgomp has it, some 6 ms unless {@code
 * OMP_WAIT_POLICY} or {@code GOMP_SPINCOUNT} say otherwise. Measured with 170 small regions on two
 * threads: 1.0 us a region; after a pause of 3 ms still 1.1 us, but 4 to 6 us with the workers
 * asleep by then, as they are when spinning is cut to a fifteenth.
 */
public final class OpenMp {
    private static final class Handles {
        static final MethodHandle SET_NUM_THREADS =
                Native.quickProcedure(NativeLibraries.openmp(), "omp_set_num_threads", INT);
        static final MethodHandle GET_MAX_THREADS =
                Native.quickFunction(NativeLibraries.openmp(), "omp_get_max_threads", INT);
        static final MethodHandle SET_DYNAMIC =
                Native.procedure(NativeLibraries.openmp(), "omp_set_dynamic", INT);
    }

    private OpenMp() {}

    /** The size of parallel regions that the calling thread opens from now on. */
    public static void setThreads(int threads) {
        try {
            Handles.SET_NUM_THREADS.invokeExact(threads);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The size of parallel regions that the calling thread opens. */
    public static int threads() {
        try {
            return (int) Handles.GET_MAX_THREADS.invokeExact();
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** Whether the runtime may give a region fewer threads than asked for. */
    public static void setDynamic(boolean dynamic) {
        try {
            Handles.SET_DYNAMIC.invokeExact(dynamic ? 1 : 0);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }
}
