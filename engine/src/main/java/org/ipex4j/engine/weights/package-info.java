/** Weight files into blocks, by name. */
package org.ipex4j.engine.weights;
