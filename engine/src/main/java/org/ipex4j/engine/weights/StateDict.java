package org.ipex4j.engine.weights;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.ipex4j.engine.BlockWrapper;

/**
 * A block's parameters under the names that PyTorch's {@code state_dict} gives them: children
 * joined by dots, those of a {@link SequentialBlock} numbered from 0, and norms' parameters named
 * {@code weight}, {@code bias}, {@code running_mean} and {@code running_var}.
 */
public final class StateDict {
    private static final Map<String, String> TORCH_NAMES =
            Map.of(
                    "gamma", "weight",
                    "beta", "bias",
                    "runningMean", "running_mean",
                    "runningVar", "running_var",
                    "embedding", "weight");

    private StateDict() {}

    /** Parameters by name, in the block's order. A parameter shared by two blocks appears twice. */
    public static Map<String, Parameter> of(Block block) {
        Map<String, Parameter> out = new LinkedHashMap<>();
        collect(BlockWrapper.bare(block), "", out);
        return out;
    }

    private static void collect(Block block, String prefix, Map<String, Parameter> out) {
        for (Pair<String, Parameter> p : block.getDirectParameters()) {
            out.put(prefix + TORCH_NAMES.getOrDefault(p.getKey(), p.getKey()), p.getValue());
        }
        int index = 0;
        for (Pair<String, Block> child : block.getChildren()) {
            String name =
                    block instanceof SequentialBlock
                            ? Integer.toString(index)
                            : childName(child.getKey(), index);
            collect(BlockWrapper.bare(child.getValue()), prefix + name + ".", out);
            index++;
        }
    }

    /**
     * A child's own name: DJL puts its number, counted from 1 with two digits at least, before it.
     */
    public static String childName(String key, int index) {
        String number = String.format(Locale.ROOT, "%02d", index + 1);
        return key.startsWith(number) && key.length() > number.length()
                ? key.substring(number.length())
                : key;
    }
}
