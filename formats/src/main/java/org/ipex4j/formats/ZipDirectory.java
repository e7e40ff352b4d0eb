package org.ipex4j.formats;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The entries of a mapped zip archive as windows of it (java.util.zip does not tell where an
 * entry's bytes lie). Format: PKWARE's APPNOTE 6.3, zip64 included.
 */
final class ZipDirectory {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int END64_LOCATOR = 0x07064b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;

    /**
     * Compressed entries are small (pickles, texts) in files of torch.save; larger ones are
     * refused.
     */
    private static final long MAX_INFLATED = 1L << 31;

    private final Path path;
    private final MemorySegment file;

    private ZipDirectory(Path path, MemorySegment file) {
        this.path = path;
        this.file = file;
    }

    static Map<String, MemorySegment> read(Path path, MemorySegment file) throws IOException {
        return new ZipDirectory(path, file).entries();
    }

    private Map<String, MemorySegment> entries() throws IOException {
        long end = findEnd();
        long count = u16(end + 10);
        long at = u32(end + 16);
        if (count == 0xffff || at == 0xffffffffL || u32(end + 12) == 0xffffffffL) {
            long locator = end - 20;
            if (locator < 0 || file.get(INT, locator) != END64_LOCATOR) {
                throw damaged("the zip64 locator is missing");
            }
            long end64 = file.get(LONG, locator + 8);
            require(end64, 56, "zip64 end record");
            if (file.get(INT, end64) != END64) {
                throw damaged("the zip64 end record is missing");
            }
            count = file.get(LONG, end64 + 32);
            at = file.get(LONG, end64 + 48);
        }
        Map<String, MemorySegment> entries = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            require(at, 46, "central directory entry " + i);
            if (file.get(INT, at) != CENTRAL) {
                throw damaged(
                        "central directory entry "
                                + i
                                + " of "
                                + count
                                + " is missing at byte "
                                + at);
            }
            int method = u16(at + 10);
            long compressed = u32(at + 20);
            long size = u32(at + 24);
            int nameLength = u16(at + 28);
            int extraLength = u16(at + 30);
            int commentLength = u16(at + 32);
            long local = u32(at + 42);
            require(
                    at + 46,
                    nameLength + extraLength + commentLength,
                    "central directory entry " + i);
            String name =
                    new String(
                            file.asSlice(at + 46, nameLength).toArray(ValueLayout.JAVA_BYTE),
                            StandardCharsets.UTF_8);
            long extra = at + 46 + nameLength;
            for (long p = extra; p + 4 <= extra + extraLength; p += 4 + u16(p + 2)) {
                if (u16(p) != 1) {
                    continue;
                }
                long field = p + 4;
                long limit = Math.min(extra + extraLength, field + u16(p + 2));
                if (size == 0xffffffffL) {
                    size = u64(field, limit);
                    field += 8;
                }
                if (compressed == 0xffffffffL) {
                    compressed = u64(field, limit);
                    field += 8;
                }
                if (local == 0xffffffffL) {
                    local = u64(field, limit);
                }
            }
            if (entries.put(name, content(name, method, compressed, size, local)) != null) {
                throw damaged("entry '" + name + "' appears twice");
            }
            at += 46 + nameLength + extraLength + commentLength;
        }
        return entries;
    }

    private MemorySegment content(String name, int method, long compressed, long size, long local)
            throws IOException {
        require(local, 30, "entry '" + name + "'");
        if (file.get(INT, local) != LOCAL) {
            throw damaged("entry '" + name + "' has no header at byte " + local);
        }
        long begin = local + 30 + u16(local + 26) + u16(local + 28);
        require(begin, compressed, "entry '" + name + "'");
        MemorySegment bytes = file.asSlice(begin, compressed);
        if (method == STORED) {
            if (size != compressed) {
                throw damaged(
                        "entry '"
                                + name
                                + "' is stored in "
                                + compressed
                                + " bytes, expected "
                                + size);
            }
            return bytes;
        }
        if (method != DEFLATED) {
            throw damaged("entry '" + name + "' has the unknown compression method " + method);
        }
        return inflate(name, bytes, size);
    }

    private MemorySegment inflate(String name, MemorySegment bytes, long size) throws IOException {
        if (size < 0 || size > MAX_INFLATED || size > 1024 * Math.max(1, bytes.byteSize()) + 1024) {
            throw damaged(
                    "entry '"
                            + name
                            + "' would inflate from "
                            + bytes.byteSize()
                            + " to "
                            + size
                            + " bytes");
        }
        MemorySegment out = Arena.ofAuto().allocate(Math.max(1, size), 64).asSlice(0, size);
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(bytes.asByteBuffer());
            int n = size == 0 ? 0 : inflater.inflate(out.asByteBuffer());
            if (n != size) {
                throw damaged("entry '" + name + "' inflates to " + n + " bytes, expected " + size);
            }
        } catch (DataFormatException e) {
            throw new FormatException(
                    path, "entry '" + name + "' is damaged: " + e.getMessage(), e);
        } finally {
            inflater.end();
        }
        return out;
    }

    private long findEnd() throws FormatException {
        long last = file.byteSize() - 22;
        for (long at = last; at >= Math.max(0, last - 65_535); at--) {
            if (file.get(INT, at) == END) {
                return at;
            }
        }
        throw damaged("the zip archive's end record is missing (truncated file?)");
    }

    private void require(long at, long length, String what) throws FormatException {
        if (at < 0 || length < 0 || at > file.byteSize() - length) {
            throw damaged(what + " would lie at byte " + at + " with " + length + " bytes");
        }
    }

    private FormatException damaged(String what) {
        return new FormatException(path, what + "; the file has " + file.byteSize() + " bytes");
    }

    private int u16(long at) throws FormatException {
        require(at, 2, "a field");
        return Short.toUnsignedInt(file.get(SHORT, at));
    }

    private long u32(long at) throws FormatException {
        require(at, 4, "a field");
        return Integer.toUnsignedLong(file.get(INT, at));
    }

    private long u64(long at, long limit) throws FormatException {
        if (at + 8 > limit) {
            throw damaged("a zip64 field is cut short");
        }
        return file.get(LONG, at);
    }
}
