/**
 * Comparisons with other ways to run the same model: every configuration in its own process, all of
 * them taking turns, so that what else the machine does falls on each alike.
 */
package org.ipex4j.app.bench;
