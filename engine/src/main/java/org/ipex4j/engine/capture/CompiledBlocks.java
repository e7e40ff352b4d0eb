package org.ipex4j.engine.capture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/** All compiled blocks that are in use, for {@code Ipex.reset()}. */
public final class CompiledBlocks {
    private static final Set<CompiledBlock> ALL = Collections.newSetFromMap(new WeakHashMap<>());

    private CompiledBlocks() {}

    static void add(CompiledBlock block) {
        synchronized (ALL) {
            ALL.add(block);
        }
    }

    /** Drops the graphs of every compiled block. */
    public static void resetAll() {
        List<CompiledBlock> blocks;
        synchronized (ALL) {
            blocks = new ArrayList<>(ALL);
        }
        blocks.forEach(CompiledBlock::reset);
    }
}
