package org.ipex4j.runtime.natives;

import java.util.Locale;

/**
 * The operating system and processor architecture, named as the classifiers of the native jars are:
 * {@code linux-x86_64}, {@code linux-arm64}, {@code macosx-arm64}, {@code windows-x86_64}.
 */
public record Platform(String os, String arch) {
    private static final Platform CURRENT =
            of(System.getProperty("os.name", "unknown"), System.getProperty("os.arch", "unknown"));

    /** The platform this process runs on. */
    public static Platform current() {
        return CURRENT;
    }

    /** The platform of Java's {@code os.name} and {@code os.arch}. */
    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String name =
                os.startsWith("mac") || os.startsWith("darwin")
                        ? "macosx"
                        : os.startsWith("windows") ? "windows" : os.replace(' ', '_');
        String arch =
                switch (osArch.toLowerCase(Locale.ROOT)) {
                    case "amd64", "x86_64", "x64" -> "x86_64";
                    case "aarch64", "arm64" -> "arm64";
                    case String other -> other;
                };
        return new Platform(name, arch);
    }

    /** The classifier of this platform's native jars. */
    public String classifier() {
        return os + "-" + arch;
    }

    /**
     * Refuses platforms whose calling conventions or libraries the runtime does not know.
     *
     * @throws UnsupportedPlatformException naming this platform
     */
    public void requireSupported() {
        if (!os.equals("linux") || !arch.equals("x86_64")) {
            throw new UnsupportedPlatformException(
                    "ipex4j runs on linux-x86_64 with AVX2; this is " + classifier());
        }
    }

    @Override
    public String toString() {
        return classifier();
    }
}
