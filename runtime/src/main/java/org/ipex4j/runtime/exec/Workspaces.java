package org.ipex4j.runtime.exec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.ipex4j.runtime.memory.Storage;

/**
 * Working memory shared by all executables: as many pieces as runs overlap, each grown to the
 * largest plan that has run on it. A piece larger than any open executable needs goes back to the
 * pool.
 */
final class Workspaces {
    private static final Workspaces SHARED = new Workspaces();

    /** A piece of working memory, used by one run at a time. */
    static final class Workspace {
        private Storage storage;

        long address() {
            return storage == null ? 0 : storage.address();
        }

        private long bytes() {
            return storage == null ? 0 : storage.byteSize();
        }

        private void free() {
            if (storage != null) {
                storage.release();
                storage = null;
            }
        }
    }

    private final ArrayDeque<Workspace> idle = new ArrayDeque<>();

    /** Bytes that open executables need, with their numbers. */
    private final TreeMap<Long, Integer> needs = new TreeMap<>();

    static Workspaces shared() {
        return SHARED;
    }

    /** Announces that runs of this size will come. */
    synchronized void open(long bytes) {
        needs.merge(bytes, 1, Integer::sum);
    }

    /** Takes the announcement back, and frees what nobody else needs. */
    void close(long bytes) {
        List<Workspace> surplus = new ArrayList<>();
        synchronized (this) {
            needs.computeIfPresent(bytes, (k, n) -> n == 1 ? null : n - 1);
            long most = needs.isEmpty() ? 0 : needs.lastKey();
            idle.removeIf(w -> w.bytes() > most && surplus.add(w));
        }
        surplus.forEach(Workspace::free);
    }

    /** A piece of at least this many bytes; its contents are undefined. */
    Workspace take(long bytes) {
        Workspace w;
        synchronized (this) {
            w = idle.pollLast();
        }
        if (w == null) {
            w = new Workspace();
        }
        if (w.bytes() < bytes) {
            w.free(); // before allocating, so that both never exist at once
            w.storage = Storage.allocate(bytes);
        }
        return w;
    }

    void give(Workspace workspace) {
        boolean keep;
        synchronized (this) {
            keep = !needs.isEmpty() && workspace.bytes() <= needs.lastKey();
            if (keep) {
                idle.addLast(workspace);
            }
        }
        if (!keep) {
            workspace.free();
        }
    }
}
