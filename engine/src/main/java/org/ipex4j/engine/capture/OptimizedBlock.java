package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.ipex4j.engine.OptimizeOptions;

/**
 * A block with the choices of {@code Ipex.optimize}, which {@code Ipex.compile} carries out. It
 * shares the block's parameters.
 */
public final class OptimizedBlock extends WrappedBlock {
    private final OptimizeOptions options;

    public OptimizedBlock(Block block, OptimizeOptions options) {
        super(block);
        this.options = options;
    }

    public OptimizeOptions options() {
        return options;
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return block.forward(store, inputs, training, params);
    }

    @Override
    public NDList forward(
            ParameterStore store, NDList data, NDList labels, PairList<String, Object> params) {
        return block.forward(store, data, labels, params);
    }

    @Override
    public String toString() {
        return "Optimized[" + options.level() + "] " + block;
    }
}
