package org.ipex4j.ir.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Numbers in as few bytes as they need, and each text once. */
final class ByteWriter {
    private byte[] bytes = new byte[1 << 12];
    private int length;
    private final Map<String, Integer> texts = new HashMap<>();

    void put(int value) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = (byte) value;
    }

    /** Seven bits a byte, lowest first; small negative numbers are short as well. */
    void number(long value) {
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            put((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        put((int) rest);
    }

    void bits(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            put((int) (value >> shift));
        }
    }

    /** The text, or, if it was written before, how many texts were before it. */
    void text(String text) {
        Integer before = texts.putIfAbsent(text, texts.size());
        if (before != null) {
            number(before);
            return;
        }
        number(-1);
        ByteBuffer utf8 = StandardCharsets.UTF_8.encode(text);
        number(utf8.remaining());
        while (utf8.hasRemaining()) {
            put(utf8.get());
        }
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }
}
