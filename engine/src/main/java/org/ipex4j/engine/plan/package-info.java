/**
 * Graphs to what runs them: compiled, or found compiled on disk. Used for captured blocks and for
 * whatever else is large enough to be worth a file.
 */
package org.ipex4j.engine.plan;
