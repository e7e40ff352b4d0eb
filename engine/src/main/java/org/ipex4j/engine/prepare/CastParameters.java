package org.ipex4j.engine.prepare;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.convolutional.Deconvolution;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.util.Pair;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.ipex4j.engine.BlockWrapper;
import org.ipex4j.engine.CastableLayer;
import org.ipex4j.engine.OptimizeOptions.Purpose;

/**
 * Which parameters are cast to 16 bits, as in IPEX: weights and biases of convolutions and linear
 * layers (and of blocks that are {@link CastableLayer}s); in inference also those of transposed
 * convolutions, embeddings and LSTMs. (IPEX's list for training has embedding bags and parameter
 * lists too, which DJL has not.) All else, norms first, stays FP32. A parameter that several blocks
 * share is cast if each of them allows it.
 */
public final class CastParameters {
    private CastParameters() {}

    /** The parameters to cast, by identity. */
    public static Set<Parameter> of(Block block, Purpose purpose) {
        Map<Parameter, Boolean> allowed = new IdentityHashMap<>();
        visit(block, purpose, allowed);
        allowed.values().removeIf(a -> !a);
        return Collections.unmodifiableSet(allowed.keySet());
    }

    private static void visit(Block block, Purpose purpose, Map<Parameter, Boolean> allowed) {
        Block bare = BlockWrapper.bare(block);
        boolean allows = allows(bare, purpose);
        for (Pair<String, Parameter> p : bare.getDirectParameters()) {
            allowed.merge(p.getValue(), allows, Boolean::logicalAnd);
        }
        for (Pair<String, Block> child : bare.getChildren()) {
            visit(child.getValue(), purpose, allowed);
        }
    }

    private static boolean allows(Block block, Purpose purpose) {
        return switch (block) {
            case Linear l -> true;
            case CastableLayer own -> true;
            // Deconvolution is a class of its own in DJL, no Convolution.
            case Convolution c -> true;
            case Deconvolution d -> purpose == Purpose.INFERENCE;
            case Embedding<?> e -> purpose == Purpose.INFERENCE;
            case LSTM l -> purpose == Purpose.INFERENCE;
            default -> false;
        };
    }

    /** Whether a block of this class is in the tree. */
    static boolean has(Block block, Class<? extends Block> type) {
        Block bare = BlockWrapper.bare(block);
        return type.isInstance(bare)
                || bare.getChildren().values().stream().anyMatch(c -> has(c, type));
    }
}
