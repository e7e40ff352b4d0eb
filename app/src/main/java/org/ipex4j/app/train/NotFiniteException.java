package org.ipex4j.app.train;

/** A loss, or a parameter after a step, that is NaN or infinite. */
final class NotFiniteException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    NotFiniteException(String message) {
        super(message);
    }

    NotFiniteException(String message, NotFiniteException cause) {
        super(message, cause);
    }
}
