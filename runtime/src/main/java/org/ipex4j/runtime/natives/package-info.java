/**
 * Native libraries: where their files come from, how they are loaded, and how C functions are
 * called.
 */
package org.ipex4j.runtime.natives;
