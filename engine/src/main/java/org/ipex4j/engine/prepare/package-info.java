/** What {@code Ipex.optimize} does to models: checks, and which parameters are cast. */
package org.ipex4j.engine.prepare;
