package org.ipex4j.runtime.natives;

/** The operating system, processor or class path lacks what native execution needs. */
public final class UnsupportedPlatformException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public UnsupportedPlatformException(String message) {
        super(message);
    }

    public UnsupportedPlatformException(String message, Throwable cause) {
        super(message, cause);
    }
}
