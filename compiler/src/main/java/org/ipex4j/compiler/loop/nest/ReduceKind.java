package org.ipex4j.compiler.loop.nest;

/** How elements combine. */
public enum ReduceKind {
    SUM,
    PROD,
    /** NaN wins. */
    MAX,
    /** NaN wins. */
    MIN,
    AND,
    OR,
    /** Value and index of the greatest element; NaN wins, then the smallest index. */
    ARGMAX,
    /** Value and index of the least element; NaN wins, then the smallest index. */
    ARGMIN;

    public boolean isArg() {
        return this == ARGMAX || this == ARGMIN;
    }
}
