package org.ipex4j.compiler.loop.expr;

/**
 * Names a component of a reduction or scan of the nest: arg-reductions have the value (0) and the
 * index (1).
 */
public record ReducedRef(int reduction, int component) {}
