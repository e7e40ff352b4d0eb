package org.ipex4j.runtime.dnnl;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.runtime.lane.InParallel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process's primitives, by call and thread count, the least recently used ones freed beyond a
 * bound. One that is still referred to lives on after its eviction. oneDNN bakes the number of
 * threads into a primitive, so making one sets the calling thread's OpenMP thread count meanwhile.
 */
public final class Primitives {
    /** Enough for several models at several batch sizes; a primitive's code takes 10 to 200 kB. */
    public static final int DEFAULT_CAPACITY = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Primitives.class);
    private static final Primitives SHARED = new Primitives(DEFAULT_CAPACITY);

    private record Key(LibraryCall call, int threads) {}

    private final int capacity;
    private final Map<Key, DnnlPrimitive> cache = new LinkedHashMap<>(64, 0.75f, true);

    /** A cache of its own, for tests. */
    Primitives(int capacity) {
        this.capacity = capacity;
    }

    public static Primitives shared() {
        return SHARED;
    }

    /**
     * The primitive of a fully specified call, for regions of {@code threads} threads. The caller
     * owns one reference and gives it back by {@link DnnlPrimitive#release()}.
     *
     * @throws DnnlException if oneDNN has no implementation of the call
     */
    public DnnlPrimitive get(LibraryCall call, int threads) {
        Key key = new Key(call, threads);
        synchronized (cache) {
            DnnlPrimitive known = cache.get(key);
            if (known != null && known.retain()) {
                return known;
            }
        }
        DnnlPrimitive made = create(call, threads); // may take milliseconds: outside the lock
        List<DnnlPrimitive> evicted = new ArrayList<>();
        synchronized (cache) {
            DnnlPrimitive other = cache.get(key);
            if (other != null && other.retain()) {
                evicted.add(made); // another thread was faster
                made = other;
            } else {
                made.retain();
                cache.put(key, made);
                Iterator<DnnlPrimitive> oldest = cache.values().iterator();
                while (cache.size() > capacity) {
                    evicted.add(oldest.next());
                    oldest.remove();
                }
            }
        }
        evicted.forEach(DnnlPrimitive::release);
        return made;
    }

    /**
     * Makes the primitives of these calls, several at a time, so that {@link #get} finds them.
     *
     * @param regionThreads as for {@link #get}
     * @param workers threads to make them on
     */
    public void prepare(Collection<LibraryCall> calls, int regionThreads, int workers) {
        InParallel.each(
                calls.stream().distinct().filter(c -> !has(c, regionThreads)).toList(),
                workers,
                c -> get(c, regionThreads).release());
    }

    private boolean has(LibraryCall call, int threads) {
        synchronized (cache) {
            return cache.containsKey(new Key(call, threads));
        }
    }

    /** Primitives held by the cache. */
    public int size() {
        synchronized (cache) {
            return cache.size();
        }
    }

    /** Forgets every primitive; those in use are freed by their users. */
    public void clear() {
        List<DnnlPrimitive> all;
        synchronized (cache) {
            all = new ArrayList<>(cache.values());
            cache.clear();
        }
        all.forEach(DnnlPrimitive::release);
    }

    private static DnnlPrimitive create(LibraryCall call, int threads) {
        for (BufferType t : PrimitiveDesc.operands(call)) {
            if (t.layout().isAny()) {
                throw new IllegalArgumentException("a layout is left open in " + call);
            }
        }
        try (OmpThreads.Scope _ = OmpThreads.set(threads)) {
            Optional<PrimitiveDesc> desc = PrimitiveDesc.best(call);
            if (desc.isEmpty()) {
                throw new DnnlException(
                        "dnnl_" + call.kind() + "_primitive_desc_create", Dnnl.UNIMPLEMENTED, call);
            }
            if (desc.get().quality() == PrimitiveDesc.Quality.REFERENCE) {
                LOG.debug(
                        "oneDNN's reference implementation {} for {}",
                        desc.get().implementation(),
                        call);
            }
            return new DnnlPrimitive(call, threads, desc.get());
        }
    }
}
