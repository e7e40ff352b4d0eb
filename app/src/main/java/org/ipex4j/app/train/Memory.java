package org.ipex4j.app.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.ipex4j.runtime.memory.Pool;
import org.ipex4j.runtime.memory.PoolStatistics;

/**
 * What the process holds.
 *
 * @param resident bytes in memory, as the operating system counts; 0 where it does not tell
 * @param pool bytes of arrays in use
 */
record Memory(long resident, long pool) {
    private static final Path STATUS = Path.of("/proc/self/statm");
    private static final int PAGE = 4096;

    static Memory now() throws IOException {
        long pages =
                Files.isReadable(STATUS)
                        ? Long.parseLong(Files.readString(STATUS).split(" ")[1])
                        : 0;
        PoolStatistics statistics = Pool.shared().statistics();
        return new Memory(pages * PAGE, statistics.liveBytes());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.2f GB (arrays %.2f)",
                resident / (double) (1 << 30),
                pool / (double) (1 << 30));
    }
}
