/**
 * Executes compiled graphs: plans linked to code and primitives, prologue results, and working
 * memory.
 */
package org.ipex4j.runtime.exec;
