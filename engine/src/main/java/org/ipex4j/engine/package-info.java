/** ipex4j: engine. */
package org.ipex4j.engine;
