/** ipex4j: compiler. */
package org.ipex4j.compiler;
