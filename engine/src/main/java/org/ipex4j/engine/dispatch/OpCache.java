package org.ipex4j.engine.dispatch;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.ipex4j.runtime.Tensor;

/**
 * Compiled eager ops by signature. When there are too many, the least recently used that is not
 * running goes.
 */
final class OpCache {
    private static final OpCache SHARED = new OpCache(1024, CompiledOps::load);

    /** What runs one op for tensors of fixed types and strides. */
    interface Loaded extends AutoCloseable {
        Tensor[] run(Tensor[] inputs, Tensor[] outs);

        @Override
        void close();
    }

    /** Makes what runs a graph. */
    interface Loader {
        Loaded load(Eager.OneOp op);
    }

    /** One signature: loaded by its first caller while others wait. */
    private static final class Entry {
        /** Calls under way; guarded by {@code entries}. */
        private int users;

        /** Guarded by this entry while it is null. */
        private volatile Loaded loaded;
    }

    private final int capacity;
    private final Loader loader;
    private final Map<Signature, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    OpCache(int capacity, Loader loader) {
        this.capacity = capacity;
        this.loader = loader;
    }

    static OpCache shared() {
        return SHARED;
    }

    /** Runs the op of this signature, compiling it on its first call. */
    Tensor[] run(Signature key, Supplier<Eager.OneOp> graph, Tensor[] inputs, Tensor out) {
        Entry entry = acquire(key);
        try {
            Loaded loaded = entry.loaded;
            if (loaded == null) {
                loaded = load(entry, graph);
            }
            return loaded.run(inputs, out == null ? null : new Tensor[] {out});
        } finally {
            release(key, entry);
        }
    }

    private Loaded load(Entry entry, Supplier<Eager.OneOp> graph) {
        synchronized (entry) {
            if (entry.loaded == null) {
                entry.loaded = loader.load(graph.get());
            }
            return entry.loaded;
        }
    }

    private Entry acquire(Signature key) {
        Entry evicted = null;
        Entry entry;
        synchronized (entries) {
            entry = entries.get(key);
            if (entry == null) {
                evicted = entries.size() < capacity ? null : evict();
                entry = new Entry();
                entries.put(key, entry);
            }
            entry.users++;
        }
        if (evicted != null && evicted.loaded != null) {
            evicted.loaded.close();
        }
        return entry;
    }

    private Entry evict() {
        for (Iterator<Entry> it = entries.values().iterator(); it.hasNext(); ) {
            Entry e = it.next();
            if (e.users == 0) {
                it.remove();
                return e;
            }
        }
        return null;
    }

    private void release(Signature key, Entry entry) {
        synchronized (entries) {
            entry.users--;
            if (entry.loaded == null && entry.users == 0) {
                entries.remove(key, entry); // it did not compile
            }
        }
    }

    int size() {
        synchronized (entries) {
            return entries.size();
        }
    }
}
