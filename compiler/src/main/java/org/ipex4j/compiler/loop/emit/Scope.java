package org.ipex4j.compiler.loop.emit;

import java.util.HashMap;
import java.util.Map;

/**
 * A straight stretch of code inside some loops. What does not vary over the innermost loops is
 * written into an enclosing scope, whose text precedes theirs, and is remembered there.
 */
final class Scope {
    final Scope parent;
    final StringBuilder text = new StringBuilder();
    final Map<Object, String> known = new HashMap<>();

    /** Loops whose indices are known here but not in the parent, and their names. */
    final Map<Integer, String> index = new HashMap<>();

    /** Bit set of the loops around this scope. */
    final long loops;

    /** Bit set of reductions complete here. */
    private long ready;

    /** First index of the vector loop's current turn; null outside of it. */
    String vectorIndex;

    /** Lanes in range in the tail of the vector loop; null where all are. */
    String mask;

    Scope(Scope parent, long newLoops) {
        this.parent = parent;
        this.loops = newLoops | (parent == null ? 0 : parent.loops);
        if (parent != null) {
            this.vectorIndex = parent.vectorIndex;
            this.mask = parent.mask;
        }
    }

    void line(String code) {
        text.append("  ").append(code).append('\n');
    }

    void label(String name) {
        text.append(name).append(":\n");
    }

    void complete(long reductions) {
        ready |= reductions;
    }

    boolean holds(long neededLoops, long reductions) {
        return (neededLoops & ~loops) == 0 && (reductions & ~allReady()) == 0;
    }

    private long allReady() {
        return ready | (parent == null ? 0 : parent.allReady());
    }

    String indexOf(int loop) {
        for (Scope s = this; s != null; s = s.parent) {
            String i = s.index.get(loop);
            if (i != null) {
                return i;
            }
        }
        throw new IllegalStateException("no index of loop " + loop + " here");
    }
}
