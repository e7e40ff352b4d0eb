package org.ipex4j.ir.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@link ByteWriter} wrote; throws {@link CodecException} where that cannot be it. */
final class ByteReader {
    private final byte[] bytes;
    private int at;
    private final List<String> texts = new ArrayList<>();

    ByteReader(byte[] bytes) {
        this.bytes = bytes;
    }

    int get() {
        if (at == bytes.length) {
            throw new CodecException("ends too early, after " + at + " bytes");
        }
        return bytes[at++] & 0xff;
    }

    long number() {
        long out = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = get();
            out |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return out >>> 1 ^ -(out & 1);
            }
        }
        throw new CodecException("a number is too long, at byte " + at);
    }

    /** A number from 0 to below {@code bound}. */
    int index(long bound, String what) {
        long n = number();
        if (n < 0 || n >= bound) {
            throw new CodecException(
                    what + " " + n + " at byte " + at + "; expected less than " + bound);
        }
        return (int) n;
    }

    /** A count of things that take at least one byte each. */
    int count() {
        long n = number();
        if (n < 0 || n > bytes.length - at) {
            throw new CodecException(
                    "count " + n + " at byte " + at + ", and " + (bytes.length - at) + " follow");
        }
        return (int) n;
    }

    long bits() {
        long out = 0;
        for (int i = 0; i < 8; i++) {
            out = out << 8 | get();
        }
        return out;
    }

    String text() {
        long before = number();
        if (before >= 0 && before < texts.size()) {
            return texts.get((int) before);
        }
        if (before != -1) {
            throw new CodecException("text " + before + " of " + texts.size() + " at byte " + at);
        }
        int n = count();
        String text = new String(bytes, at, n, StandardCharsets.UTF_8);
        at += n;
        texts.add(text);
        return text;
    }

    void end() {
        if (at != bytes.length) {
            throw new CodecException(bytes.length - at + " bytes too many");
        }
    }
}
