package org.ipex4j.compiler.phase;

import java.util.Map;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/**
 * The phase in which each value of a graph is computed, see {@link
 * org.ipex4j.ir.graph.Input.Role#phase}. Phases run one after another, with time in between; nodes
 * of different phases share no kernel.
 */
public final class Phases {
    /** Everything at once. */
    public static final Phases ONE = new Phases(Map.of(), 1);

    private final Map<Value, Integer> later;
    private final int count;

    /**
     * @param later the values of phases other than the first
     */
    Phases(Map<Value, Integer> later, int count) {
        this.later = Map.copyOf(later);
        this.count = count;
    }

    /** How many phases there are. */
    public int count() {
        return count;
    }

    public int of(Value v) {
        return later.getOrDefault(v, 0);
    }

    public int of(Node n) {
        return of(n.results().getFirst());
    }
}
