/** ipex4j: ir. */
package org.ipex4j.ir;
