/**
 * Optimizers as rules that build graphs: one table for DJL's formulas, one for PyTorch's. The same
 * rules serve the eager update and the compiled training step.
 */
package org.ipex4j.compiler.optimize;
