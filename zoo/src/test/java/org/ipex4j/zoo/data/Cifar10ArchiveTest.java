package org.ipex4j.zoo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server of this process. */
class Cifar10ArchiveTest {
    @TempDir static Path shared;
    private static byte[] archive;

    @TempDir Path dir;
    private HttpServer server;
    private ExecutorService threads;
    private URI source;

    /** What the server does. */
    private volatile byte[] content;

    private volatile boolean ranges = true;
    private volatile int status;

    /** Bytes after which the connection is cut, for each request in turn. */
    private final List<Integer> cuts = Collections.synchronizedList(new ArrayList<>());

    /** The Range header of each request, "" for none. */
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    static void pack() throws IOException {
        Path files = DrawnPictures.write(shared, 50, 10, 1);
        archive =
                tar(
                        tar -> {
                            tar.putArchiveEntry(new TarArchiveEntry("cifar-10-batches-bin/"));
                            tar.closeArchiveEntry();
                            try (var all = Files.list(files)) {
                                for (Path p : all.sorted().toList()) {
                                    put(
                                            tar,
                                            "cifar-10-batches-bin/" + p.getFileName(),
                                            Files.readAllBytes(p));
                                }
                            }
                        });
    }

    private interface Packing {
        void pack(TarArchiveOutputStream tar) throws IOException;
    }

    private static byte[] tar(Packing packing) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            packing.pack(tar);
        }
        return out.toByteArray();
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] bytes)
            throws IOException {
        TarArchiveEntry e = new TarArchiveEntry(name, true);
        e.setSize(bytes.length);
        tar.putArchiveEntry(e);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    @BeforeEach
    void serve() throws IOException {
        content = archive;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        threads = Executors.newCachedThreadPool();
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        source = URI.create("http://localhost:" + server.getAddress().getPort() + "/c.tar.gz");
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdown();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        asked.add(range == null ? "" : range);
        try (exchange) {
            if (status != 0) {
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            int from = 0;
            if (ranges && range != null) {
                from = Integer.parseInt(range.replaceAll("\\D", ""));
                if (from >= content.length) {
                    exchange.sendResponseHeaders(416, -1);
                    return;
                }
                exchange.getResponseHeaders()
                        .set(
                                "Content-Range",
                                "bytes "
                                        + from
                                        + "-"
                                        + (content.length - 1)
                                        + "/"
                                        + content.length);
            }
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
            int bytes = cuts.isEmpty() ? content.length : cuts.removeFirst();
            bytes = Math.min(bytes, content.length - from);
            exchange.getResponseBody().write(content, from, bytes);
            exchange.getResponseBody().flush();
            if (bytes < content.length - from) {
                awaitPart(from + bytes);
            }
            // Closing the exchange before all was sent cuts the connection.
        }
    }

    /** A client may drop what it has not read when a connection breaks: wait until it has. */
    private void awaitPart(long bytes) throws IOException {
        Path part = dir.resolve("cifar-10-binary.tar.gz.part");
        long end = System.nanoTime() + 30_000_000_000L;
        while (Files.size(part) != bytes) {
            if (System.nanoTime() > end) {
                throw new IOException(part + " has " + Files.size(part) + " bytes, not " + bytes);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private Path fetch() throws IOException, InterruptedException {
        return Cifar10Archive.fetch(dir, source, md5(archive), (_, _) -> {});
    }

    private void assertComplete(Path files) throws IOException {
        assertThat(files).isEqualTo(dir.resolve("cifar-10-batches-bin"));
        assertThat(CifarFiles.open(dir, CifarFiles.TRAIN).size()).isEqualTo(50);
        assertThat(CifarFiles.open(dir, CifarFiles.TEST).size()).isEqualTo(10);
        try (var entries = Files.list(dir)) {
            assertThat(entries.toList()).isEqualTo(List.of(files));
        }
    }

    @Test
    void theFilesAreFetchedOnce() throws Exception {
        List<Long> seen = new ArrayList<>();
        Cifar10Archive.fetch(
                dir,
                source,
                md5(archive).toUpperCase(java.util.Locale.ROOT),
                (bytes, total) -> {
                    assertThat(total).isEqualTo(archive.length);
                    seen.add(bytes);
                });
        assertThat(seen).isSorted().last().isEqualTo((long) archive.length);
        assertComplete(fetch());
        assertThat(asked).isEqualTo(List.of(""));
    }

    @Test
    void brokenConnectionsAreTakenUpWhereTheyBroke() throws Exception {
        cuts.addAll(List.of(20_000, 10_000));
        assertComplete(fetch());
        assertThat(asked).hasSize(3).first().isEqualTo("");
        assertThat(asked.get(1)).isEqualTo("bytes=20000-");
        assertThat(asked.get(2)).isEqualTo("bytes=30000-");
    }

    @Test
    void anInterruptedDownloadGoesOnInTheNextCall() throws Exception {
        cuts.addAll(List.of(20_000, 0, 0, 0));
        assertThatThrownBy(this::fetch)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(source.toString())
                .hasMessageContaining("after 20000 bytes")
                .hasMessageContaining("run again");
        assertThat(dir.resolve("cifar-10-batches-bin")).doesNotExist();
        assertThat(dir.resolve("cifar-10-binary.tar.gz")).doesNotExist();
        assertThat(dir.resolve("cifar-10-binary.tar.gz.part")).hasSize(20_000);
        cuts.clear();
        asked.clear();
        assertComplete(fetch());
        assertThat(asked).isEqualTo(List.of("bytes=20000-"));
    }

    @Test
    void aServerWithoutRangesSendsAllAgain() throws Exception {
        ranges = false;
        cuts.add(20_000);
        assertComplete(fetch());
        assertThat(asked).isEqualTo(List.of("", "bytes=20000-"));
    }

    @Test
    void aPartOfAnotherFileIsThrownAway() throws Exception {
        Files.write(dir.resolve("cifar-10-binary.tar.gz.part"), new byte[5000]);
        assertComplete(fetch());
        assertThat(asked).isEqualTo(List.of("bytes=5000-", ""));
    }

    @Test
    void aPartThatIsLongerOrWholeIsHandled() throws Exception {
        Files.write(
                dir.resolve("cifar-10-binary.tar.gz.part"),
                Arrays.copyOf(archive, archive.length + 9));
        assertComplete(fetch());
        assertThat(asked).hasSize(2);
    }

    @Test
    void aWrongChecksumKeepsNothing() {
        content = archive.clone();
        content[archive.length / 2] ^= 1;
        assertThatThrownBy(this::fetch)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(md5(content))
                .hasMessageContaining(md5(archive))
                .hasMessageContaining("nothing was kept");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void aRefusalIsTold() {
        status = 404;
        assertThatThrownBy(this::fetch)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(source.toString())
                .hasMessageContaining("404");
        assertThat(asked).hasSize(1);
    }

    @Test
    void twoDownloadsDoNotWriteOneFile() throws Exception {
        Path part = dir.resolve("cifar-10-binary.tar.gz.part");
        try (var other =
                        java.nio.channels.FileChannel.open(
                                part,
                                java.nio.file.StandardOpenOption.CREATE,
                                java.nio.file.StandardOpenOption.WRITE);
                var lock = other.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThatThrownBy(this::fetch).hasMessageContaining("another download");
        }
    }

    @Test
    void hostileArchivesWriteNothingElsewhere() throws Exception {
        List<Packing> hostile =
                List.of(
                        tar -> put(tar, "cifar-10-batches-bin/../../evil", new byte[3]),
                        tar -> put(tar, "/evil", new byte[3]),
                        tar -> put(tar, "evil", new byte[3]),
                        tar -> put(tar, "cifar-10-batches-bin/sub/evil", new byte[3]),
                        tar -> put(tar, "cifar-10-batches-bin/..", new byte[3]),
                        tar -> {
                            TarArchiveEntry link =
                                    new TarArchiveEntry(
                                            "cifar-10-batches-bin/link", TarConstants.LF_SYMLINK);
                            link.setLinkName("/etc/passwd");
                            tar.putArchiveEntry(link);
                            tar.closeArchiveEntry();
                        });
        for (Packing packing : hostile) {
            content = tar(packing);
            assertThatThrownBy(
                            () ->
                                    Cifar10Archive.fetch(
                                            dir.resolve("inner"),
                                            source,
                                            md5(content),
                                            (_, _) -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected plain files in cifar-10-batches-bin/");
            assertThat(dir.resolve("evil")).doesNotExist();
            try (var entries = Files.list(dir.resolve("inner"))) {
                assertThat(entries.map(p -> p.getFileName().toString()).toList())
                        .isEqualTo(List.of("cifar-10-binary.tar.gz"));
            }
            Files.delete(dir.resolve("inner/cifar-10-binary.tar.gz"));
        }
    }

    @Test
    void anArchiveWithBrokenFilesIsNotPutInPlace() throws Exception {
        content = tar(tar -> put(tar, "cifar-10-batches-bin/data_batch_1.bin", new byte[3074]));
        assertThatThrownBy(() -> Cifar10Archive.fetch(dir, source, md5(content), (_, _) -> {}))
                .hasMessageContaining("data_batch_1.bin")
                .hasMessageContaining("cut short");
        assertThat(dir.resolve("cifar-10-batches-bin")).doesNotExist();
    }
}
