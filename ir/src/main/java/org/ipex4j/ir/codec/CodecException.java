package org.ipex4j.ir.codec;

/** Bytes are not what a {@link RecordCodec} wrote for this type. */
public final class CodecException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CodecException(String message) {
        super(message);
    }

    CodecException(String message, Throwable cause) {
        super(message, cause);
    }
}
