package org.ipex4j.engine;

/** Thrown with {@code fullGraph(true)} where a forward cannot be held by one graph. */
public final class GraphBreakException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient GraphBreak graphBreak;

    public GraphBreakException(GraphBreak graphBreak) {
        super("fullGraph: graph break: " + graphBreak);
        this.graphBreak = graphBreak;
    }

    /** The place and the reason. */
    public GraphBreak graphBreak() {
        return graphBreak;
    }
}
