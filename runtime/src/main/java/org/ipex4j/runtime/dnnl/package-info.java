/**
 * oneDNN through its C API: primitives by {@code LibraryCall}, their cache, and the oracle of
 * layouts.
 */
package org.ipex4j.runtime.dnnl;
