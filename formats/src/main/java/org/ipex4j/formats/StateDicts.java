package org.ipex4j.formats;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the named tensors in what a pickle held. */
final class StateDicts {
    /**
     * Keys under which training scripts keep the model's weights, beside optimizer state and the
     * like.
     */
    private static final List<String> WRAPPERS = List.of("state_dict", "model_state_dict", "model");

    private static final int MAX_DEPTH = 64;

    private StateDicts() {}

    /** The tensors by dotted name. A checkpoint that wraps a state_dict is opened. */
    static Map<String, StoredTensor> tensors(Path path, Object top) throws FormatException {
        if (!(top instanceof Map<?, ?> map)) {
            throw new FormatException(
                    path,
                    "holds "
                            + (top instanceof StoredTensor
                                    ? "a single tensor"
                                    : top.getClass().getSimpleName())
                            + ", expected a state_dict (names to tensors)");
        }
        for (String wrapper : WRAPPERS) {
            if (map.get(wrapper) instanceof Map<?, ?> inner) {
                map = inner;
                break;
            }
        }
        Map<String, StoredTensor> out = new LinkedHashMap<>();
        collect(path, "", map, out, 0);
        return out;
    }

    private static void collect(
            Path path, String prefix, Object value, Map<String, StoredTensor> out, int depth)
            throws FormatException {
        if (depth > MAX_DEPTH) {
            throw new FormatException(path, "nests dictionaries more than " + MAX_DEPTH + " deep");
        }
        switch (value) {
            case StoredTensor t -> {
                StoredTensor named =
                        new StoredTensor(prefix, t.type(), t.sizes(), t.strides(), t.data());
                if (out.put(prefix, named) != null) {
                    throw new FormatException(path, "holds '" + prefix + "' twice");
                }
            }
            case Map<?, ?> m -> {
                for (Map.Entry<?, ?> e : m.entrySet()) {
                    String key = String.valueOf(e.getKey());
                    collect(
                            path,
                            prefix.isEmpty() ? key : prefix + "." + key,
                            e.getValue(),
                            out,
                            depth + 1);
                }
            }
            default -> {
                // Epoch numbers, strings and the like beside the tensors: not weights.
            }
        }
    }
}
