package org.ipex4j.compiler.loop.lower;

import java.util.HashMap;
import java.util.Map;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.op.Op;

/** Every op that becomes loops, by full name, filled by one explicit call per family. */
public final class LoweringTable {
    private static final LoweringTable INSTANCE = new LoweringTable();

    private final Map<String, Lowering> lowerings = new HashMap<>();

    private LoweringTable() {
        ArithmeticLowerings.addAll(this);
        ActivationLowerings.addAll(this);
        CreationLowerings.addAll(this);
        ReductionLowerings.addAll(this);
        IndexingLowerings.addAll(this);
        ViewLowerings.addAll(this);
        ResizeLowerings.addAll(this);
        SpecialLowerings.addAll(this);
        RandomLowerings.addAll(this);
        SplitLowerings.addAll(this);
    }

    void put(String op, Lowering lowering) {
        if (lowerings.put(op, lowering) != null) {
            throw new IllegalStateException("two lowerings for " + op);
        }
    }

    /** True if the op's elements can be computed in loops (assembly ops such as cat aside). */
    public static boolean contains(String op) {
        return INSTANCE.lowerings.containsKey(op);
    }

    /** The lowering of an op. */
    static Lowering get(Op op) {
        Lowering l = INSTANCE.lowerings.get(op.name());
        if (l == null) {
            throw new IllegalArgumentException(op + " has no loop lowering");
        }
        return l;
    }

    /** True if reads through a view can become reads of its operand. */
    public static boolean absorbs(Node view) {
        return contains(view.op().name()) && ViewLowerings.absorbs(view);
    }

    /** Names of all ops in the table. */
    public static java.util.Set<String> names() {
        return java.util.Collections.unmodifiableSet(INSTANCE.lowerings.keySet());
    }
}
