package org.ipex4j.app.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * What warm runs leave behind, in bytes a run.
 *
 * @param resident by which the process's memory has grown, as the operating system counts
 * @param arrays by which arrays in use have grown
 * @param heap by which the Java heap has grown, garbage collected before and after
 * @param garbage allocated on the Java heap by all threads, whether it is still used or not
 */
record MemoryGrowth(double resident, double arrays, double heap, double garbage) {
    private static final Path STATUS = Path.of("/proc/self/statm");
    private static final int PAGE = 4096;

    /**
     * Runs and looks before and after.
     *
     * @param arrays bytes of arrays in use
     */
    static MemoryGrowth measure(WorkerProtocol.Step step, LongSupplier arrays, int runs)
            throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long heapBefore = heapAfterCollection();
        long residentBefore = residentBytes();
        long arraysBefore = arrays.getAsLong();
        long allocatedBefore = threads.getTotalThreadAllocatedBytes();
        for (int i = 0; i < runs; i++) {
            step.run();
        }
        double garbage = threads.getTotalThreadAllocatedBytes() - allocatedBefore;
        double arraysGrown = arrays.getAsLong() - arraysBefore;
        double residentGrown = residentBytes() - residentBefore;
        double heapGrown = heapAfterCollection() - heapBefore;
        return new MemoryGrowth(
                residentGrown / runs, arraysGrown / runs, heapGrown / runs, garbage / runs);
    }

    private static long heapAfterCollection() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static long residentBytes() throws IOException {
        return PAGE * Long.parseLong(Files.readString(STATUS).split(" ")[1]);
    }

    /** As {@link #parse} reads it. */
    String format() {
        return String.format(Locale.ROOT, "%.1f %.1f %.1f %.1f", resident, arrays, heap, garbage);
    }

    static MemoryGrowth parse(String text) {
        String[] p = text.strip().split(" ");
        return new MemoryGrowth(
                Double.parseDouble(p[0]),
                Double.parseDouble(p[1]),
                Double.parseDouble(p[2]),
                Double.parseDouble(p[3]));
    }
}
