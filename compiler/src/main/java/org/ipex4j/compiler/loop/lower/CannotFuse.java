package org.ipex4j.compiler.loop.lower;

/**
 * Nodes that do not fit one loop nest; the message says why. Cheap, because fusion tries and fails
 * often.
 */
public final class CannotFuse extends RuntimeException {
    public CannotFuse(String message) {
        super(message, null, false, false);
    }
}
