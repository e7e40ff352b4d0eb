package org.ipex4j.runtime.memory;

/** A request for native memory that could not be met; the process goes on. */
public final class OutOfNativeMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long requestedBytes;

    OutOfNativeMemoryException(String message, long requestedBytes) {
        super(message);
        this.requestedBytes = requestedBytes;
    }

    public long requestedBytes() {
        return requestedBytes;
    }
}
