package org.ipex4j.engine.capture;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.engine.BlockWrapper;

/**
 * A block and all blocks below it, in order, with their paths and the names of their parameters.
 */
final class BlockTree {
    /**
     * One block of the tree.
     *
     * @param path names from below the root, {@code layer1.0.conv1}; empty for the root
     * @param index position in preorder
     * @param parent null for the root
     * @param ownsParameters it has parameters of its own, not of its children alone
     */
    record Entry(Block block, String path, int index, Entry parent, boolean ownsParameters) {
        @Override
        public boolean equals(Object o) {
            return this == o;
        }

        @Override
        public int hashCode() {
            return index;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final Map<Parameter, Entry> owners = new IdentityHashMap<>();
    private final Map<Parameter, String> names = new IdentityHashMap<>();
    private final List<Parameter> parameters = new ArrayList<>();

    BlockTree(Block root) {
        add(BlockWrapper.bare(root), "", null);
    }

    private void add(Block block, String path, Entry parent) {
        Entry entry =
                new Entry(
                        block,
                        path,
                        entries.size(),
                        parent,
                        !block.getDirectParameters().isEmpty());
        entries.add(entry);
        for (Pair<String, Parameter> p : block.getDirectParameters()) {
            // A parameter that two blocks share keeps its first name.
            if (owners.putIfAbsent(p.getValue(), entry) == null) {
                names.put(p.getValue(), join(path, p.getKey()));
                parameters.add(p.getValue());
            }
        }
        List<Pair<String, Block>> children = new ArrayList<>();
        block.getChildren().forEach(children::add);
        boolean numbered = redundantNumbers(children);
        for (Pair<String, Block> child : children) {
            String name = numbered ? child.getKey().substring(2) : child.getKey();
            add(child.getValue(), join(path, name), entry);
        }
    }

    /**
     * DJL puts a two-digit number before each child's name. It goes where the names alone are
     * unique, unless they are just class names, as in a SequentialBlock.
     */
    private static boolean redundantNumbers(List<Pair<String, Block>> children) {
        Set<String> seen = new HashSet<>();
        for (Pair<String, Block> c : children) {
            String key = c.getKey();
            boolean numbered =
                    key.length() > 2
                            && Character.isDigit(key.charAt(0))
                            && Character.isDigit(key.charAt(1));
            if (!numbered
                    || !seen.add(key.substring(2))
                    || key.substring(2).equals(c.getValue().getClass().getSimpleName())) {
                return false;
            }
        }
        return true;
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    Entry root() {
        return entries.getFirst();
    }

    /** All blocks in preorder. */
    List<Entry> entries() {
        return entries;
    }

    /** All parameters, each once, in preorder. */
    List<Parameter> parameters() {
        return parameters;
    }

    /** The block that holds a parameter, or null if it is of no block of this tree. */
    Entry owner(Parameter parameter) {
        return owners.get(parameter);
    }

    /** The parameter's path: {@code layer1.0.conv1.weight}. */
    String name(Parameter parameter) {
        return names.getOrDefault(parameter, parameter.getName());
    }
}
