package org.ipex4j.engine;

import ai.djl.nn.Block;

/**
 * A block whose own parameters (those of its children aside) are weights and biases of linear
 * layers or convolutions alone. {@link Ipex#optimize} casts them as it casts those of DJL's {@code
 * Linear}.
 */
public interface CastableLayer extends Block {}
