package org.ipex4j.runtime.memory;

import java.util.Locale;

/** Byte counts as text. */
public final class Bytes {
    private Bytes() {}

    /** {@code 1.50 MiB}. */
    public static String text(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int exponent = Math.min(4, (63 - Long.numberOfLeadingZeros(bytes)) / 10);
        double scaled = bytes / Math.pow(1024, exponent);
        return String.format(Locale.ROOT, "%.2f %siB", scaled, "KMGT".charAt(exponent - 1));
    }

    /**
     * Parses {@code 1073741824}, {@code 512m} or {@code 2G}.
     *
     * @param setting what the text is, for the error message
     */
    public static long parse(String setting, String text) {
        String t = text.strip().toLowerCase(Locale.ROOT);
        int shift =
                switch (t.isEmpty() ? ' ' : t.charAt(t.length() - 1)) {
                    case 'k' -> 10;
                    case 'm' -> 20;
                    case 'g' -> 30;
                    case 't' -> 40;
                    default -> 0;
                };
        try {
            long number = Long.parseLong(shift == 0 ? t : t.substring(0, t.length() - 1));
            if (number >= 0 && number <= Long.MAX_VALUE >> shift) {
                return number << shift;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    setting + ": expected bytes such as 1073741824, 512m or 2g, got '" + text + "'",
                    e);
        }
        throw new IllegalArgumentException(
                setting + ": expected bytes such as 1073741824, 512m or 2g, got '" + text + "'");
    }
}
