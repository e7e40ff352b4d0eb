/**
 * Decides, for given layouts, which loops a nest has, in which order, and which one is vectorised.
 */
package org.ipex4j.compiler.loop.schedule;
