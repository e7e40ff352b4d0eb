/**
 * Eager autograd: the tape that a gradient collector opens, what it knows of each array, and the
 * walk back. Ops are put on it by the dispatcher's autograd layer, compiled regions by themselves.
 */
package org.ipex4j.engine.autograd;
