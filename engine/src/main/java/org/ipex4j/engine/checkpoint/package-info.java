/** Training that stops and goes on: parameters, optimizer state and random numbers in one file. */
package org.ipex4j.engine.checkpoint;
