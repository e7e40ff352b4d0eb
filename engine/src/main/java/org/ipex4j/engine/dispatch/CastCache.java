package org.ipex4j.engine.dispatch;

import java.util.IdentityHashMap;
import java.util.Map;
import org.ipex4j.engine.autograd.Tape;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.ir.DType;
import org.ipex4j.runtime.Tensor;

/**
 * Casts of parameters, so that each is cast once as long as it does not change. Used by one thread.
 */
final class CastCache implements AutoCloseable {
    private final Map<IpexNDArray, Entry> entries = new IdentityHashMap<>();

    /**
     * A cast.
     *
     * @param source the numbers that were cast, and {@code version} the state they were in
     */
    private record Entry(IpexNDArray cast, Tensor source, long version) {
        boolean serves(IpexNDArray array, DType dtype) {
            if (cast.isReleased() || cast.type().dtype() != dtype) {
                return false;
            }
            Tensor now = array.tensor();
            if (now != source || now.version() != version) {
                return false;
            }
            // A cast that no tape has seen, or an earlier one, hands no gradient on.
            Tape tape = Tape.recording();
            return tape == null || !tape.tracks(array) || tape.tracks(cast);
        }
    }

    /** The cast of an array, this cache's; null if there is none, or it is out of date. */
    IpexNDArray find(IpexNDArray array, DType dtype) {
        Entry entry = entries.get(array);
        return entry != null && entry.serves(array, dtype) ? entry.cast : null;
    }

    /** Takes a cast over. */
    void put(IpexNDArray array, IpexNDArray cast) {
        entries.entrySet()
                .removeIf(
                        e -> {
                            boolean gone = e.getKey().isReleased();
                            if (gone) {
                                e.getValue().cast.close();
                            }
                            return gone;
                        });
        Tensor source = array.tensor();
        Entry before = entries.put(array, new Entry(cast, source, source.version()));
        if (before != null) {
            before.cast.close();
        }
    }

    @Override
    public void close() {
        entries.values().forEach(e -> e.cast.close());
        entries.clear();
    }
}
