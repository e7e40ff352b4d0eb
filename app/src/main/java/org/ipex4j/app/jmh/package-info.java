/** Microbenchmarks: {@code ./ipex jmh}, with JMH's own arguments. */
package org.ipex4j.app.jmh;
