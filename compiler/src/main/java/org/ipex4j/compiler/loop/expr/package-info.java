/** Scalar expressions over a loop domain: what one iteration computes. */
package org.ipex4j.compiler.loop.expr;
