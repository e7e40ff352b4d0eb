package org.ipex4j.runtime.natives;

import static org.ipex4j.runtime.natives.Native.INT;
import static org.ipex4j.runtime.natives.Native.rethrow;

import java.lang.invoke.MethodHandle;

/** The calls of the process's one OpenMP runtime that scheduling needs. */
public final class OpenMp {
    private static final class Handles {
        static final MethodHandle SET_NUM_THREADS =
                Native.procedure(NativeLibraries.openmp(), "omp_set_num_threads", INT);
        static final MethodHandle GET_MAX_THREADS =
                Native.function(NativeLibraries.openmp(), "omp_get_max_threads", INT);
        static final MethodHandle SET_DYNAMIC = Native.procedure(NativeLibraries.openmp(), "omp_set_dynamic", INT);
    }

    private OpenMp() {}

    /**
     * Sets the defaults that libgomp reads when it is loaded, where the user has not. Workers spin for
     * some tens of microseconds after a region before they sleep: the steps of a plan follow each other
     * within a few microseconds, and a sleeping worker costs a futex wake-up each time; longer spinning
     * would take the processor from others between calls.
     */
    static void prepareEnvironment() {
        if (System.getenv("OMP_WAIT_POLICY") == null && System.getenv("GOMP_SPINCOUNT") == null) {
            LibC.setenv("GOMP_SPINCOUNT", "20000", false);
        }
    }

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
