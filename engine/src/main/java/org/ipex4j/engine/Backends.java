package org.ipex4j.engine;

import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.ipex4j.engine.capture.EagerBackend;
import org.ipex4j.engine.capture.IpexBackend;

/** The backends by name. */
public final class Backends {
    private static final Map<String, Backend> BY_NAME = new ConcurrentHashMap<>();

    static {
        register("ipex", new IpexBackend());
        register("eager", new EagerBackend());
        for (Backend b : ServiceLoader.load(Backend.class)) {
            register(b.name(), b);
        }
    }

    private Backends() {}

    /**
     * Adds a backend, or replaces the one of that name; blocks compiled before keep theirs.
     *
     * @param name what {@link CompileOptions#backend(String)} calls it
     */
    public static void register(String name, Backend backend) {
        BY_NAME.put(
                Objects.requireNonNull(name, "name"), Objects.requireNonNull(backend, "backend"));
    }

    /** The backend of this name. */
    public static Backend get(String name) {
        Backend found = BY_NAME.get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    "unknown backend '" + name + "': expected one of " + names());
        }
        return found;
    }

    /** The names known. */
    public static SortedSet<String> names() {
        return new TreeSet<>(BY_NAME.keySet());
    }
}
