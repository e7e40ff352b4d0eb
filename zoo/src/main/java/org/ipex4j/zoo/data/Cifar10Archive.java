package org.ipex4j.zoo.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Fetches the published archive of CIFAR-10's binary version and unpacks it. What is under way has
 * other names than what is finished, so that no half file is ever in place.
 */
public final class Cifar10Archive {
    /** Where it is published (https://www.cs.toronto.edu/~kriz/cifar.html). */
    public static final URI PUBLISHED =
            URI.create("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz");

    /** MD5 of the archive, as published beside it. */
    public static final String MD5 = "c32a1d4ab5d03f1284b67883e8d87530";

    /** No archive of CIFAR-10 unpacks to more. */
    private static final long MOST_BYTES = 1L << 30;

    private Cifar10Archive() {}

    /**
     * Fetches and unpacks, unless that was done before. A download that was interrupted goes on
     * where it stopped, if the server can.
     *
     * @param parent gets the directory {@code cifar-10-batches-bin}
     * @param md5 the archive's, in hexadecimal
     * @param progress is told of the bytes that have come
     * @return the directory of the files
     * @throws IOException if the server cannot be reached, the archive's checksum is another, or it
     *     holds what it should not
     */
    public static Path fetch(Path parent, URI source, String md5, Download.Progress progress)
            throws IOException, InterruptedException {
        Path directory = parent.resolve(CifarFiles.DIRECTORY);
        if (Files.isDirectory(directory)) {
            return directory;
        }
        Files.createDirectories(parent);
        Path archive = parent.resolve("cifar-10-binary.tar.gz");
        Download.fetch(source, archive, md5, progress);
        StagedDirectory.create(
                directory,
                staging -> {
                    unpack(archive, staging);
                    CifarFiles.open(staging, CifarFiles.TRAIN);
                    CifarFiles.open(staging, CifarFiles.TEST);
                });
        Files.delete(archive);
        return directory;
    }

    /**
     * Unpacks the files of the archive's one directory into another.
     *
     * @throws IOException if an entry is neither a plain file in that directory nor the directory
     *     itself: nothing is ever written elsewhere
     */
    static void unpack(Path archive, Path directory) throws IOException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file))) {
            long left = MOST_BYTES;
            for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                String name = e.getName().replaceFirst("^\\./", "");
                if (e.isDirectory() && name.equals(CifarFiles.DIRECTORY + "/")) {
                    continue;
                }
                String inside =
                        name.startsWith(CifarFiles.DIRECTORY + "/")
                                ? name.substring(CifarFiles.DIRECTORY.length() + 1)
                                : "";
                if (!e.isFile()
                        || e.isLink()
                        || e.isSymbolicLink()
                        || !inside.matches("[\\w.-]*\\w")) {
                    throw new IOException(
                            archive
                                    + ": holds '"
                                    + e.getName()
                                    + "'; expected plain files in "
                                    + CifarFiles.DIRECTORY
                                    + "/");
                }
                left -= e.getSize();
                if (left < 0) {
                    throw new IOException(
                            archive + ": unpacks to more than " + MOST_BYTES + " bytes");
                }
                Files.copy(tar, directory.resolve(inside));
            }
        }
    }
}
