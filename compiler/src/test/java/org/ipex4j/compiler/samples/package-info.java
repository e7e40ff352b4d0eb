/**
 * Calls of every op, declared once, that all rooms test with: reference against libtorch, compiled
 * code against the reference, the engine against both. Other modules reach them through this
 * module's test jar.
 */
package org.ipex4j.compiler.samples;
