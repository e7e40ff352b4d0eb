package org.ipex4j.runtime.exec;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.memory.Storage;

/**
 * Results of prologues, shared by all executables of the process: computed once per prologue key
 * and versions of its inputs, freed when the last executable lets them go. Inputs are referred to
 * weakly, so that a dropped parameter is not kept alive by what was computed from it.
 */
final class Prologues {
    private static final Prologues SHARED = new Prologues();

    /** An input as it was: which memory, where in it, and how often written since. */
    private static final class Version {
        private final WeakReference<Storage> storage;
        private final int identity;
        private final long offset;
        private final long version;

        Version(Tensor t) {
            Storage s = t.storage();
            storage = new WeakReference<>(s);
            identity = System.identityHashCode(s);
            offset = t.offset();
            version = t.version();
        }

        boolean matches(Tensor t) {
            return storage.refersTo(t.storage()) && offset == t.offset() && version == t.version();
        }

        /** True if no tensor can match any more. */
        boolean isGone() {
            Storage s = storage.get();
            return s == null || s.isFreed() || s.version() != version;
        }

        @Override
        public boolean equals(Object o) {
            if (!(o instanceof Version v)
                    || offset != v.offset
                    || version != v.version
                    || identity != v.identity) {
                return false;
            }
            Storage mine = storage.get();
            return v == this || mine != null && v.storage.refersTo(mine);
        }

        @Override
        public int hashCode() {
            return identity * 31 + Long.hashCode(version);
        }
    }

    private record Key(String prologue, List<Version> inputs) {}

    /** Computes the outputs; called at most once per key. */
    interface Computation {
        Storage[] run();
    }

    /** The outputs of one prologue for one version of its inputs; counted. */
    static final class Entry {
        private final Prologues owner;
        private final Key key;
        private int references;
        private Storage[] outputs;

        private Entry(Prologues owner, Key key) {
            this.owner = owner;
            this.key = key;
        }

        Storage output(int index) {
            return outputs[index];
        }

        /** Whether the inputs, {@code read} of these, are still as they were. */
        boolean matches(Tensor[] graphInputs, List<Integer> read) {
            for (int i = 0; i < read.size(); i++) {
                if (!key.inputs.get(i).matches(graphInputs[read.get(i)])) {
                    return false;
                }
            }
            return true;
        }

        /** Whether an input has been written since, or was dropped. */
        boolean isStale() {
            return key.inputs.stream().anyMatch(Version::isGone);
        }

        void release() {
            owner.release(this);
        }
    }

    private final Map<Key, Entry> entries = new HashMap<>();

    static Prologues shared() {
        return SHARED;
    }

    /**
     * The outputs for these inputs, computed if nobody has them. The caller owns one reference.
     * Others who want the same meanwhile wait for it.
     */
    Entry get(String prologue, Tensor[] inputs, Computation computation) {
        List<Version> versions = new ArrayList<>(inputs.length);
        for (Tensor t : inputs) {
            versions.add(new Version(t));
        }
        Entry entry;
        synchronized (entries) {
            entry = entries.computeIfAbsent(new Key(prologue, versions), k -> new Entry(this, k));
            entry.references++;
        }
        try {
            synchronized (entry) {
                if (entry.outputs == null) {
                    entry.outputs = computation.run();
                    // Runs read the outputs from here on; mapped weights need not take up memory as
                    // well.
                    for (Tensor t : inputs) {
                        t.unload();
                    }
                }
            }
        } catch (RuntimeException | Error e) {
            release(entry);
            throw e;
        }
        return entry;
    }

    private void release(Entry entry) {
        synchronized (entries) {
            if (--entry.references > 0) {
                return;
            }
            entries.remove(entry.key, entry);
        }
        if (entry.outputs != null) {
            for (Storage s : entry.outputs) {
                s.release();
            }
            entry.outputs = null;
        }
    }

    /** Bytes held by results, for reports and leak checks. */
    long heldBytes() {
        synchronized (entries) {
            long sum = 0;
            for (Entry e : entries.values()) {
                if (e.outputs != null) {
                    for (Storage s : e.outputs) {
                        sum += s.byteSize();
                    }
                }
            }
            return sum;
        }
    }

    /** Memory for each output of a prologue's plan. */
    static Storage[] allocate(List<BufferType> outputs) {
        Storage[] out = new Storage[outputs.size()];
        try {
            for (int i = 0; i < out.length; i++) {
                out[i] = Storage.allocate(outputs.get(i).byteSize());
            }
        } catch (RuntimeException | Error e) {
            for (Storage s : out) {
                if (s != null) {
                    s.release();
                }
            }
            throw e;
        }
        return out;
    }
}
