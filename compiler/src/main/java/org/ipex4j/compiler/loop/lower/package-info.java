/** How each op becomes a scalar expression of the iteration's indices: tables by op name. */
package org.ipex4j.compiler.loop.lower;
