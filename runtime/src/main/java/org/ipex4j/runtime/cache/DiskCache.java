package org.ipex4j.runtime.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store of byte strings by key, one file each, shared by processes. Files appear by renaming;
 * each starts with a header of format, key and checksum, and one that does not fit is reported,
 * removed and counts as missing. The store keeps below a bound by removing what was not read for
 * longest.
 *
 * <p>A cache that cannot be written makes things slow, not wrong: that is warned of once.
 *
 * <p>The file: magic {@code IPX4}, format (int), lengths of kind, key and value (ints), CRC-32C of
 * all that follows (int), kind and key in UTF-8, value. Integers are big-endian.
 */
public final class DiskCache {
    private static final Logger logger = LoggerFactory.getLogger(DiskCache.class);
    private static final int MAGIC = 0x49505834;
    private static final int FORMAT = 1;
    private static final int HEADER = 24;

    /** Reading refreshes a file's age at most this often, to spare writes. */
    private static final Duration TOUCH = Duration.ofHours(1);

    /** Left-overs of processes that died while writing. */
    private static final Duration STALE = Duration.ofHours(1);

    private final Path dir;
    private final long maxBytes;
    private final AtomicLong written;
    private volatile boolean warned;

    /**
     * A cache in a directory, which is made when first written to.
     *
     * @param maxBytes the size it is cut back to now and then
     */
    public DiskCache(Path dir, long maxBytes) {
        this.dir = dir;
        this.maxBytes = maxBytes;
        // The first write looks at the size: earlier processes may have left much.
        this.written = new AtomicLong(maxBytes);
    }

    public Path directory() {
        return dir;
    }

    /**
     * The bytes stored under a key, if any.
     *
     * @param kind what sort of value, {@code object} or {@code tuning}: a name for the directory
     * @param key everything the value depends on, versions included
     */
    public Optional<byte[]> get(String kind, String key) {
        Path file = file(kind, key);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            warn("cannot read " + file, e);
            return Optional.empty();
        }
        String flaw = check(bytes, kind, key);
        if (flaw != null) {
            logger.warn("ignoring cache entry {}: {}", file, flaw);
            remove(file);
            return Optional.empty();
        }
        touch(file);
        int start = HEADER + utf8(kind).length + utf8(key).length;
        return Optional.of(java.util.Arrays.copyOfRange(bytes, start, bytes.length));
    }

    /** Stores bytes under a key, replacing what was there. */
    public void put(String kind, String key, byte[] value) {
        Path file = file(kind, key);
        try {
            Files.createDirectories(file.getParent());
            Path temp = Files.createTempFile(file.getParent(), "", ".part");
            try {
                Files.write(temp, encode(kind, key, value));
                Files.move(
                        temp,
                        file,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temp);
            }
        } catch (IOException e) {
            warn(
                    "cannot write "
                            + file
                            + " (set ENGINE_CACHE_DIR to a directory that can be written)",
                    e);
            return;
        }
        if (written.addAndGet(value.length) >= maxBytes) {
            // Half of what may be added until the next look; an estimate, as others write too.
            written.set(maxBytes - Math.max(1, maxBytes / 16));
            cutBack();
        }
    }

    /** Removes one entry. */
    public void remove(String kind, String key) {
        remove(file(kind, key));
    }

    private static byte[] encode(String kind, String key, byte[] value) {
        byte[] kindBytes = utf8(kind);
        byte[] keyBytes = utf8(key);
        ByteBuffer out =
                ByteBuffer.allocate(HEADER + kindBytes.length + keyBytes.length + value.length);
        out.putInt(MAGIC)
                .putInt(FORMAT)
                .putInt(kindBytes.length)
                .putInt(keyBytes.length)
                .putInt(value.length)
                .putInt(0);
        out.put(kindBytes).put(keyBytes).put(value);
        out.putInt(HEADER - 4, checksum(out.array()));
        return out.array();
    }

    /** What is wrong with a file, or null. */
    private static String check(byte[] bytes, String kind, String key) {
        if (bytes.length < HEADER) {
            return "truncated to " + bytes.length + " bytes";
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt() != MAGIC) {
            return "not written by this program";
        }
        int format = in.getInt();
        if (format != FORMAT) {
            return "format " + format + " instead of " + FORMAT;
        }
        byte[] kindBytes = utf8(kind);
        byte[] keyBytes = utf8(key);
        long kindLength = in.getInt();
        long keyLength = in.getInt();
        long valueLength = in.getInt();
        if (kindLength < 0
                || keyLength < 0
                || valueLength < 0
                || HEADER + kindLength + keyLength + valueLength != bytes.length) {
            return "its size of " + bytes.length + " bytes differs from its header's";
        }
        if (in.getInt() != checksum(bytes)) {
            return "checksum mismatch";
        }
        boolean same =
                kindLength == kindBytes.length
                        && keyLength == keyBytes.length
                        && in.slice(HEADER, kindBytes.length).equals(ByteBuffer.wrap(kindBytes))
                        && in.slice(HEADER + kindBytes.length, keyBytes.length)
                                .equals(ByteBuffer.wrap(keyBytes));
        return same ? null : "it belongs to another key";
    }

    private static int checksum(byte[] file) {
        CRC32C crc = new CRC32C();
        crc.update(file, 0, HEADER - 4);
        crc.update(file, HEADER, file.length - HEADER);
        return (int) crc.getValue();
    }

    private Path file(String kind, String key) {
        String name = hash(kind + "\0" + key);
        return dir.resolve(kind).resolve(name.substring(0, 2)).resolve(name.substring(2));
    }

    /** SHA-256 of a text, in hexadecimal. */
    public static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(utf8(text)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] utf8(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private void touch(Path file) {
        try {
            Instant now = Instant.now();
            if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(TOUCH))) {
                Files.setLastModifiedTime(file, FileTime.from(now));
            }
        } catch (IOException e) {
            // The value was read; at worst this entry is removed earlier than others. A cache that
            // cannot
            // be written at all is reported by the next put.
            logger.debug("cannot refresh the age of {}", file, e);
        }
    }

    private void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            warn("cannot remove " + file, e);
        }
    }

    private record Entry(Path file, long bytes, Instant used) {}

    /** Removes the longest unused entries until three quarters of the bound are taken. */
    private void cutBack() {
        List<Entry> entries = new ArrayList<>();
        Instant stale = Instant.now().minus(STALE);
        try {
            Files.walkFileTree(
                    dir,
                    Set.of(),
                    3,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path p, BasicFileAttributes attributes)
                                throws IOException {
                            Entry e = entry(p);
                            if (e != null && p.toString().endsWith(".part")) {
                                if (e.used().isBefore(stale)) {
                                    remove(p);
                                }
                            } else if (e != null) {
                                entries.add(e);
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path p, IOException e)
                                throws IOException {
                            // Another process has finished writing it, or thrown it away.
                            if (e instanceof NoSuchFileException && !p.equals(dir)) {
                                return FileVisitResult.CONTINUE;
                            }
                            throw e;
                        }
                    });
        } catch (IOException e) {
            warn("cannot list " + dir, e);
            return;
        }
        long total = entries.stream().mapToLong(Entry::bytes).sum();
        if (total <= maxBytes) {
            return;
        }
        entries.sort(Comparator.comparing(Entry::used));
        for (Entry e : entries) {
            if (total <= maxBytes / 4 * 3) {
                return;
            }
            remove(e.file());
            total -= e.bytes();
        }
    }

    private static Entry entry(Path p) throws IOException {
        try {
            BasicFileAttributes a = Files.readAttributes(p, BasicFileAttributes.class);
            return a.isRegularFile()
                    ? new Entry(p, a.size(), a.lastModifiedTime().toInstant())
                    : null;
        } catch (NoSuchFileException e) {
            return null; // Another process removed or renamed it since it was listed.
        }
    }

    private void warn(String what, Exception e) {
        if (!warned) {
            warned = true;
            logger.warn(
                    "disk cache: {}; compiled code will not be remembered: {}", what, e.toString());
        } else {
            logger.debug("disk cache: {}", what, e);
        }
    }
}
