package org.ipex4j.zoo.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Fetches a file over HTTP into {@code <name>.part}, going on where an earlier try stopped, and
 * gives it its name when its checksum is right.
 */
public final class Download {
    /** Tries in one call that make no progress before the last failure is passed on. */
    private static final int TRIES = 3;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Download() {}

    /** Is told how far a download is. */
    @FunctionalInterface
    public interface Progress {
        /**
         * @param total -1 if the server does not tell
         */
        void at(long bytes, long total);
    }

    /**
     * Fetches a file, unless it is there with the right checksum.
     *
     * @param md5 in hexadecimal
     * @throws IOException if the server refuses or the connection breaks repeatedly: what has come
     *     is kept for the next call; or if the checksum is another: nothing is kept
     */
    static void fetch(URI source, Path target, String md5, Progress progress)
            throws IOException, InterruptedException {
        if (Files.exists(target) && md5(target).equalsIgnoreCase(md5)) {
            return;
        }
        Path part = target.resolveSibling(target.getFileName() + ".part");
        boolean resumed = Files.exists(part) && Files.size(part) > 0;
        receive(source, part, progress);
        String got = md5(part);
        if (!got.equalsIgnoreCase(md5) && resumed) {
            // What an earlier try left may be of another file: once more, from the start.
            Files.delete(part);
            receive(source, part, progress);
            got = md5(part);
        }
        if (!got.equalsIgnoreCase(md5)) {
            long size = Files.size(part);
            Files.delete(part);
            throw new IOException(
                    source
                            + ": MD5 of the "
                            + size
                            + " bytes received is "
                            + got
                            + ", expected "
                            + md5.toLowerCase(Locale.ROOT)
                            + "; nothing was kept");
        }
        Files.move(
                part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void receive(URI source, Path part, Progress progress)
            throws IOException, InterruptedException {
        try (FileChannel out =
                        FileChannel.open(
                                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(out, part);
                HttpClient client =
                        HttpClient.newBuilder()
                                .connectTimeout(PATIENCE)
                                .followRedirects(HttpClient.Redirect.NORMAL)
                                .build()) {
            int tries = 0;
            while (true) {
                long before = out.size();
                try {
                    transfer(client, source, out, progress);
                    out.force(true);
                    return;
                } catch (ServerRefusal e) {
                    throw e;
                } catch (IOException e) {
                    tries = out.size() > before ? 0 : tries + 1;
                    if (tries == TRIES) {
                        throw new IOException(
                                source
                                        + ": the download broke off after "
                                        + out.size()
                                        + " bytes, which are kept: run again to go on ("
                                        + e
                                        + ")",
                                e);
                    }
                }
            }
        }
    }

    private static FileLock lock(FileChannel out, Path part) throws IOException {
        FileLock lock;
        try {
            lock = out.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new IOException(part + ": another download is writing it");
        }
        return lock;
    }

    /** An answer that asking again will not change. */
    private static final class ServerRefusal extends IOException {
        private static final long serialVersionUID = 1;

        ServerRefusal(String message) {
            super(message);
        }
    }

    /** Asks for what is missing and appends it. */
    private static void transfer(HttpClient client, URI source, FileChannel out, Progress progress)
            throws IOException, InterruptedException {
        long have = out.size();
        HttpRequest.Builder request = HttpRequest.newBuilder(source).timeout(PATIENCE);
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        HttpResponse<InputStream> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            String range = response.headers().firstValue("Content-Range").orElse("");
            switch (response.statusCode()) {
                case 200 -> {
                    // All of it, asked for or not.
                    out.truncate(0);
                    have = 0;
                }
                case 206 -> {
                    if (!range.startsWith("bytes " + have + "-")) {
                        throw new ServerRefusal(
                                source
                                        + ": asked for bytes from "
                                        + have
                                        + ", the server sent '"
                                        + range
                                        + "'");
                    }
                }
                case 416 -> {
                    // Nothing is missing, or what is there is of a longer file: the checksum tells.
                    return;
                }
                default ->
                        throw new ServerRefusal(
                                source + ": the server answered " + response.statusCode());
            }
            long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
            long total = length < 0 ? -1 : have + length;
            out.position(have);
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                have += n;
                progress.at(have, total);
            }
            if (total >= 0 && have != total) {
                throw new IOException("got " + have + " of " + total + " bytes");
            }
        }
    }

    private static String md5(Path path) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
