/** {@code ipex train}: options, data, steps, checkpoints, evaluation, and what is shown of them. */
package org.ipex4j.app.train;
