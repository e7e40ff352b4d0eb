package org.ipex4j.ir.graph;

/**
 * Where a node comes from, for messages and reports.
 *
 * @param block path of the DJL block, {@code layer1.0.conv1}; empty if unknown
 * @param line the Java line that made the call, {@code ResNet.java:120}; empty if unknown
 */
public record Source(String block, String line) {
    public static final Source UNKNOWN = new Source("", "");

    /** {@code " (in layer1.0.conv1, ResNet.java:120)"}, or the empty string. */
    public String suffix() {
        if (block.isEmpty() && line.isEmpty()) {
            return "";
        }
        String at = block.isEmpty() || line.isEmpty() ? block + line : block + ", " + line;
        return " (in " + at + ")";
    }
}
