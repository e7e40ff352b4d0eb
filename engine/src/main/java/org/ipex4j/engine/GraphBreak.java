package org.ipex4j.engine;

import org.ipex4j.ir.graph.Source;

/**
 * A place where a forward cannot be held by one graph.
 *
 * @param reason what Java code did there
 * @param source block path and Java line
 */
public record GraphBreak(String reason, Source source) {
    @Override
    public String toString() {
        return reason + source.suffix();
    }
}
