package org.ipex4j.runtime.natives;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native libraries on the class path, loaded on first use and kept until the process ends.
 * Their files are copied once from the jars to {@link CacheDirectory}, into a directory that names
 * library and version.
 *
 * <p>There is one OpenMP runtime: {@link #openmp()} looks symbols up through oneDNN's own handle,
 * so that it answers from the very libgomp that oneDNN is bound to, whichever file that is (another
 * engine in the same process may have loaded one before).
 */
public final class NativeLibraries {
    private static final Logger logger = LoggerFactory.getLogger(NativeLibraries.class);

    /** A jar's shared library and the files that must lie beside it. */
    private record Library(String artifact, List<String> files) {
        String resource(String file) {
            return "org/bytedeco/" + artifact + "/" + Platform.current().classifier() + "/" + file;
        }
    }

    private static final Library DNNL =
            new Library("dnnl", List.of("libdnnl.so.3", "libgomp.so.1"));
    private static final Library LLVM = new Library("llvm", List.of("libLLVM.so"));

    private NativeLibraries() {}

    private static final Once DNNL_LOOKUP = new Once(NativeLibraries::loadDnnl);
    private static final Once LLVM_LOOKUP = new Once(() -> lookup(load(LLVM)));

    /** A library that is loaded on first use; a failure is remembered and told each time. */
    private static final class Once {
        private final Supplier<SymbolLookup> load;
        private volatile SymbolLookup lookup;
        private RuntimeException failure;

        Once(Supplier<SymbolLookup> load) {
            this.load = load;
        }

        SymbolLookup get() {
            SymbolLookup known = lookup;
            return known != null ? known : loadOnce();
        }

        private synchronized SymbolLookup loadOnce() {
            if (failure != null) {
                throw new UnsupportedPlatformException(failure.getMessage(), failure);
            }
            if (lookup == null) {
                try {
                    lookup = load.get();
                } catch (RuntimeException e) {
                    failure = e;
                    throw e;
                }
            }
            return lookup;
        }
    }

    /**
     * Checks, without loading anything, that the class path has the libraries for this platform.
     *
     * @throws UnsupportedPlatformException naming the platform and the missing dependency
     */
    public static void requirePresent() {
        Platform.current().requireSupported();
        for (Library library : List.of(DNNL, LLVM)) {
            library.files().forEach(file -> resource(library, file));
        }
    }

    /** oneDNN. */
    public static SymbolLookup dnnl() {
        Platform.current().requireSupported();
        return DNNL_LOOKUP.get();
    }

    /** The OpenMP runtime that oneDNN uses, GNU libgomp. */
    public static SymbolLookup openmp() {
        return dnnl();
    }

    /** LLVM's C API. */
    public static SymbolLookup llvm() {
        Platform.current().requireSupported();
        return LLVM_LOOKUP.get();
    }

    /** LLVM's version as its jar states it, without loading the library: {@code 20.1.7-1.5.12}. */
    public static String llvmVersion() {
        return version(LLVM);
    }

    /** oneDNN's version as its jar states it. */
    public static String dnnlVersion() {
        return version(DNNL);
    }

    private static SymbolLookup loadDnnl() {
        SymbolLookup lookup = lookup(load(DNNL));
        MemorySegment parallel = Native.find(lookup, "GOMP_parallel");
        MemorySegment threads = Native.find(lookup, "omp_set_num_threads");
        String file = LibC.fileOf(parallel.address());
        if (file == null || !file.equals(LibC.fileOf(threads.address()))) {
            throw new UnsupportedPlatformException(
                    "oneDNN is bound to more than one OpenMP runtime: GOMP_parallel is in "
                            + file
                            + ", omp_set_num_threads in "
                            + LibC.fileOf(threads.address()));
        }
        logger.debug("OpenMP runtime: {}", file);
        return lookup;
    }

    private static SymbolLookup lookup(long handle) {
        return name -> {
            long address = LibC.symbol(handle, name);
            return address == 0 ? Optional.empty() : Optional.of(MemorySegment.ofAddress(address));
        };
    }

    private static long load(Library library) {
        long start = System.nanoTime();
        Path file = extract(library, CacheDirectory.get());
        long handle = LibC.open(file.toString());
        logger.debug("loaded {} in {} ms", file, (System.nanoTime() - start) / 1_000_000);
        return handle;
    }

    private static String version(Library library) {
        String path = "META-INF/maven/org.bytedeco/" + library.artifact() + "/pom.properties";
        URL here = resource(library, library.files().getFirst());
        try {
            // Of several jars with such a file, take the one that also holds the library.
            String jar = here.toString().substring(0, here.toString().lastIndexOf("org/bytedeco/"));
            for (URL url : java.util.Collections.list(loader().getResources(path))) {
                if (url.toString().startsWith(jar)) {
                    Properties p = new Properties();
                    try (InputStream in = url.openStream()) {
                        p.load(in);
                    }
                    return p.getProperty("version");
                }
            }
        } catch (IOException e) {
            throw new UnsupportedPlatformException("cannot read " + path, e);
        }
        throw new UnsupportedPlatformException("no " + path + " beside " + here);
    }

    private static ClassLoader loader() {
        return NativeLibraries.class.getClassLoader();
    }

    private static URL resource(Library library, String file) {
        URL url = loader().getResource(library.resource(file));
        if (url == null) {
            throw new UnsupportedPlatformException(
                    "the class path has no "
                            + file
                            + " for "
                            + Platform.current()
                            + ": add the dependency org.bytedeco:"
                            + library.artifact()
                            + " with classifier "
                            + Platform.current().classifier());
        }
        return url;
    }

    /**
     * Makes sure that the library's files lie in the cache, and returns the first. A file whose
     * size differs from the jar's is replaced. Files appear by renaming, so that a process never
     * maps half a file; a lock merely keeps two processes from doing the same work.
     */
    static Path extract(String artifact, Path cache) {
        return extract(artifact.equals("dnnl") ? DNNL : LLVM, cache);
    }

    private static synchronized Path extract(Library library, Path cache) {
        Path dir =
                cache.resolve("native")
                        .resolve(
                                library.artifact()
                                        + "-"
                                        + version(library)
                                        + "-"
                                        + Platform.current().classifier());
        try {
            if (!complete(library, dir)) {
                Files.createDirectories(dir);
                try (FileChannel channel =
                                FileChannel.open(
                                        dir.resolve(".lock"),
                                        StandardOpenOption.CREATE,
                                        StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    logger.debug(
                            "extracting {} to {} (lock {})",
                            library.artifact(),
                            dir,
                            lock.isValid());
                    for (String file : library.files()) {
                        extractFile(resource(library, file), dir.resolve(file));
                    }
                }
            }
        } catch (IOException e) {
            throw new UnsupportedPlatformException(
                    "cannot put the native library "
                            + library.artifact()
                            + " into "
                            + dir
                            + " (set ENGINE_CACHE_DIR to a directory that can be written): "
                            + e,
                    e);
        }
        return dir.resolve(library.files().getFirst());
    }

    private static boolean complete(Library library, Path dir) throws IOException {
        for (String file : library.files()) {
            Path p = dir.resolve(file);
            if (!Files.isRegularFile(p) || Files.size(p) != size(resource(library, file))) {
                return false;
            }
        }
        return true;
    }

    private static long size(URL url) throws IOException {
        URLConnection connection = url.openConnection();
        long size = connection.getContentLengthLong();
        if (!(connection instanceof java.net.JarURLConnection)) {
            connection.getInputStream().close();
        }
        return size;
    }

    private static void extractFile(URL from, Path to) throws IOException {
        long size = size(from);
        if (Files.isRegularFile(to) && Files.size(to) == size) {
            return;
        }
        Path temp = Files.createTempFile(to.getParent(), to.getFileName().toString(), ".part");
        try (InputStream in = from.openStream()) {
            long copied = Files.copy(in, temp, StandardCopyOption.REPLACE_EXISTING);
            if (copied != size) {
                throw new IOException(from + " gave " + copied + " bytes instead of " + size);
            }
            Files.move(
                    temp, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temp);
        }
    }
}
