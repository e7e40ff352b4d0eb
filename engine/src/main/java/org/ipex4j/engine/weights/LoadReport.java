package org.ipex4j.engine.weights;

import java.nio.file.Path;
import java.util.List;

/**
 * What became of a weight file's tensors and a block's parameters.
 *
 * @param loaded parameters that took their values from the file
 * @param missing parameters the file does not have
 * @param unexpected tensors of the file that the block has no parameter for
 * @param misshaped parameters whose tensor has other sizes, as {@code name: file [..], block [..]}
 */
public record LoadReport(
        Path file,
        List<String> loaded,
        List<String> missing,
        List<String> unexpected,
        List<String> misshaped) {
    public LoadReport {
        loaded = List.copyOf(loaded);
        missing = List.copyOf(missing);
        unexpected = List.copyOf(unexpected);
        misshaped = List.copyOf(misshaped);
    }

    /** True if every parameter found its tensor and every tensor its parameter. */
    public boolean isComplete() {
        return missing.isEmpty() && unexpected.isEmpty() && misshaped.isEmpty();
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(file + ": " + loaded.size() + " parameters loaded");
        list(out, "missing in the file", missing);
        list(out, "unexpected in the file", unexpected);
        list(out, "of other sizes", misshaped);
        return out.toString();
    }

    private static void list(StringBuilder out, String what, List<String> names) {
        if (!names.isEmpty()) {
            out.append("; ").append(names.size()).append(' ').append(what).append(": ");
            out.append(String.join(", ", names.subList(0, Math.min(10, names.size()))));
            out.append(names.size() > 10 ? ", …" : "");
        }
    }
}
