package org.ipex4j.runtime.jit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.ipex4j.ir.plan.Target;
import org.ipex4j.runtime.cache.DiskCache;
import org.ipex4j.runtime.natives.NativeLibraries;
import org.ipex4j.runtime.natives.Platform;
import org.ipex4j.runtime.natives.UnsupportedPlatformException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the machine's processor is, from {@code /proc/cpuinfo} and {@code /sys}; its name and
 * features in LLVM's words come from LLVM and are remembered on disk, so that a later process need
 * not load it.
 */
public final class HostProcessor {
    private static final Logger logger = LoggerFactory.getLogger(HostProcessor.class);

    private static final List<String> REQUIRED = List.of("avx2", "fma");
    private static final List<String> AVX512 =
            List.of("avx512f", "avx512bw", "avx512dq", "avx512vl");

    /** Lines of cpuinfo that decide what LLVM says. */
    private static final List<String> IDENTITY =
            List.of("vendor_id", "cpu family", "model", "model name", "stepping", "flags");

    private final Map<String, String> first;
    private final int physicalCores;
    private final Path sysfs;

    /**
     * Reads the given files.
     *
     * @param cpuinfo the contents of {@code /proc/cpuinfo}
     * @param sysfs {@code /sys/devices/system/cpu}
     */
    HostProcessor(String cpuinfo, Path sysfs) {
        this.first = new LinkedHashMap<>();
        this.sysfs = sysfs;
        Set<String> cores = new HashSet<>();
        int processors = 0;
        for (String paragraph : cpuinfo.split("\n\\s*\n")) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (String line : paragraph.split("\n")) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    fields.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
                }
            }
            if (fields.containsKey("processor")) {
                processors++;
                cores.add(
                        fields.getOrDefault("physical id", "0")
                                + "/"
                                + fields.getOrDefault("core id", "" + processors));
                if (first.isEmpty()) {
                    first.putAll(fields);
                }
            }
        }
        this.physicalCores = Math.max(1, cores.size());
    }

    /** The processor of this machine. */
    public static HostProcessor current() {
        Platform.current().requireSupported();
        try {
            return new HostProcessor(
                    Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8),
                    Path.of("/sys/devices/system/cpu"));
        } catch (IOException e) {
            throw new UnsupportedPlatformException(
                    "cannot read /proc/cpuinfo: " + e.getMessage(), e);
        }
    }

    /** Cores, not counting hardware threads twice, that this process may use. */
    public int usableCores() {
        return Math.min(physicalCores, java.lang.Runtime.getRuntime().availableProcessors());
    }

    /**
     * The facts that compilation depends on.
     *
     * @param threads threads of a parallel region
     * @throws UnsupportedPlatformException if the processor lacks AVX2 or FMA
     */
    public Target target(int threads, DiskCache cache) {
        Set<String> flags = flags();
        List<String> missing = REQUIRED.stream().filter(f -> !flags.contains(f)).toList();
        if (!missing.isEmpty()) {
            throw new UnsupportedPlatformException(
                    "ipex4j needs a processor with AVX2 and FMA; "
                            + first.getOrDefault("model name", "this one")
                            + " lacks "
                            + String.join(" and ", missing));
        }
        String[] names = names(cache);
        Set<String> capabilities = new TreeSet<>(flags);
        if (flags.contains("amx_tile") && flags.contains("amx_bf16")) {
            capabilities.add("amx");
        }
        return new Target(
                names[0],
                features(names[1]),
                flags.containsAll(AVX512) ? 64 : 32,
                Set.copyOf(capabilities),
                threads,
                cacheBytes(1, 32 << 10),
                cacheBytes(2, 256 << 10),
                cacheBytes(3, 8 << 20));
    }

    private Set<String> flags() {
        return new HashSet<>(Arrays.asList(first.getOrDefault("flags", "").split("\\s+")));
    }

    /**
     * LLVM prefers 256-bit vectors on some processors with AVX-512; kernels are made for full
     * width.
     */
    static String features(String host) {
        return Arrays.stream(host.split(","))
                        .filter(f -> !f.isEmpty() && !f.endsWith("prefer-256-bit"))
                        .collect(Collectors.joining(","))
                + ",-prefer-256-bit";
    }

    private String[] names(DiskCache cache) {
        String key =
                "llvm "
                        + NativeLibraries.llvmVersion()
                        + "\n"
                        + IDENTITY.stream()
                                .map(k -> k + "=" + first.get(k))
                                .collect(Collectors.joining("\n"));
        Optional<byte[]> known = cache.get("processor", key);
        if (known.isPresent()) {
            String[] parts = new String(known.get(), StandardCharsets.UTF_8).split("\n", -1);
            if (parts.length == 2) {
                return parts;
            }
            logger.warn("ignoring a malformed processor entry of the disk cache");
        }
        NativeLibraries.llvm();
        String[] names = {Llvm.text("LLVMGetHostCPUName"), Llvm.text("LLVMGetHostCPUFeatures")};
        cache.put("processor", key, String.join("\n", names).getBytes(StandardCharsets.UTF_8));
        return names;
    }

    /**
     * Size of a data or unified cache of the first processor; {@code otherwise} if the kernel does
     * not say.
     */
    long cacheBytes(int level, long otherwise) {
        for (int i = 0; i < 8; i++) {
            Path dir = sysfs.resolve("cpu0/cache/index" + i);
            try {
                if (Files.isReadable(dir.resolve("size"))
                        && Files.readString(dir.resolve("level"))
                                .strip()
                                .equals(Integer.toString(level))
                        && !Files.readString(dir.resolve("type")).strip().equals("Instruction")) {
                    return org.ipex4j.runtime.memory.Bytes.parse(
                            dir + "/size", Files.readString(dir.resolve("size")));
                }
            } catch (IOException | IllegalArgumentException e) {
                logger.debug("cannot read {}", dir, e);
            }
        }
        return otherwise;
    }
}
