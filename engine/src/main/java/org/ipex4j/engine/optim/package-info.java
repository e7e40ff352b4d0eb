/**
 * How parameters are updated: DJL's optimizers and PyTorch's through the rules of {@code
 * compiler.optimize}, all parameters of a step in one compiled graph.
 */
package org.ipex4j.engine.optim;
