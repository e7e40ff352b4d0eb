package org.ipex4j.engine;

import ai.djl.nn.Block;

/** A block that is another block in all but how its forward runs. */
public interface BlockWrapper {
    /** The block inside. */
    Block unwrap();

    /** The innermost block. */
    static Block bare(Block block) {
        Block b = block;
        while (b instanceof BlockWrapper w) {
            b = w.unwrap();
        }
        return b;
    }
}
