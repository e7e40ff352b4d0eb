/** From LLVM text to callable addresses: compiler, object files, loader, cache. */
package org.ipex4j.runtime.jit;
