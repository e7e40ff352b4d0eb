package org.ipex4j.compiler.loop.nest;

import org.ipex4j.compiler.loop.expr.Access;
import org.ipex4j.compiler.loop.expr.Expr;

/** Writes a value (of the compute type of the target's element type). */
public record Store(Access to, Expr value) {}
