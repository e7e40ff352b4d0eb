package org.ipex4j.runtime.jit;

/** Code that cannot be compiled or linked; the message shows LLVM's and the lines it means. */
public final class JitException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public JitException(String message) {
        super(message);
    }

    public JitException(String message, Throwable cause) {
        super(message, cause);
    }
}
