package org.ipex4j.formats;

import java.io.IOException;
import java.nio.file.Path;

/** A weight file that is truncated, inconsistent, hostile, or of an unknown kind. */
public final class FormatException extends IOException {
    private static final long serialVersionUID = 1;

    public FormatException(Path file, String message) {
        super(file + ": " + message);
    }

    public FormatException(Path file, String message, Throwable cause) {
        super(file + ": " + message, cause);
    }
}
