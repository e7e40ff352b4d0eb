package org.ipex4j.formats;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes a file wholly or not at all: to a temporary file beside it, which is forced to the disk
 * and then takes its place. Whatever happens, and whenever the process or the machine stops, the
 * old or the new file is there.
 */
public final class AtomicFile {
    private AtomicFile() {}

    /** Writes the content. */
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel out) throws IOException;
    }

    /**
     * Writes a file, replacing one that is there.
     *
     * @throws IOException if it cannot be written, for instance because the disk is full: names the
     *     file; one that was there before is unchanged
     */
    public static void write(Path path, Content content) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        try {
            Path temporary = Files.createTempFile(directory, path.getFileName().toString(), ".tmp");
            try {
                try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                    content.writeTo(out);
                    out.force(true);
                }
                Files.move(
                        temporary,
                        path,
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
            // The new name is on the disk once the directory is.
            try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
                names.force(true);
            }
        } catch (IOException e) {
            throw new IOException(
                    path
                            + ": could not be written ("
                            + (Files.exists(path)
                                    ? "what was there is unchanged"
                                    : "nothing is left of it")
                            + "): "
                            + (e.getMessage() == null ? e : e.getMessage()),
                    e);
        }
    }

    /** Writes all that remains of a buffer. */
    public static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
