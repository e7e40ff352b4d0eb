/** Writes scheduled nests as textual LLVM IR. */
package org.ipex4j.compiler.loop.emit;
