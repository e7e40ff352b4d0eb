/** Reverse-mode differentiation of graphs: the table of derivatives, and what applies it. */
package org.ipex4j.compiler.autodiff;
