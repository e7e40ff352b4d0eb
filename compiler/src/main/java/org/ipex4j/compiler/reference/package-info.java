/**
 * What every op means, in plain Java: a table from op to a straightforward evaluation in double (or
 * int64) precision, and an interpreter of graphs. Speed is no aim; it is what compiled code is
 * checked against.
 */
package org.ipex4j.compiler.reference;
