package org.ipex4j.app.bench;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A protocol buffer message being written, field by field, without a schema. */
final class Proto {
    private interface Write {
        void to(CodedOutputStream out) throws IOException;
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    Proto integer(int field, long value) {
        return write(o -> o.writeInt64(field, value));
    }

    Proto real(int field, float value) {
        return write(o -> o.writeFloat(field, value));
    }

    Proto text(int field, String value) {
        return write(o -> o.writeString(field, value));
    }

    Proto bytes(int field, byte[] value) {
        return write(o -> o.writeByteArray(field, value));
    }

    Proto message(int field, Proto value) {
        return write(o -> o.writeByteArray(field, value.toArray()));
    }

    byte[] toArray() {
        write(CodedOutputStream::flush);
        return bytes.toByteArray();
    }

    private Proto write(Write write) {
        try {
            write.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return this;
    }
}
