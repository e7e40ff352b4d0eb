/** Loop nests as data: a domain, reductions and stores over scalar expressions. */
package org.ipex4j.compiler.loop.nest;
