package org.ipex4j.runtime.natives;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where files outlive a process, by DJL's convention: {@code ENGINE_CACHE_DIR}, else {@code
 * DJL_CACHE_DIR} (environment or system property), else {@code ~/.djl.ai}, else the same below the
 * temporary directory when the home directory cannot be written; always in a subdirectory {@code
 * ipex}.
 */
public final class CacheDirectory {
    private CacheDirectory() {}

    /** The engine's cache directory; it need not exist yet. */
    public static Path get() {
        String dir = setting("ENGINE_CACHE_DIR");
        if (dir == null) {
            dir = setting("DJL_CACHE_DIR");
        }
        Path base;
        if (dir != null) {
            base = Path.of(dir);
        } else {
            Path home = Path.of(System.getProperty("user.home", ""));
            base =
                    (Files.isWritable(home) ? home : Path.of(System.getProperty("java.io.tmpdir")))
                            .resolve(".djl.ai");
        }
        return base.resolve("ipex").toAbsolutePath();
    }

    private static String setting(String name) {
        String value = System.getenv(name);
        if (value == null || value.isBlank()) {
            value = System.getProperty(name);
        }
        return value == null || value.isBlank() ? null : value;
    }
}
