/**
 * When things are computed: forward, backward, update. A graph with tangents is cut so that
 * backward finds what it needs, saved or computed again.
 */
package org.ipex4j.compiler.phase;
