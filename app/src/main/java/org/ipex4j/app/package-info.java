/** The {@code ipex} command line. */
package org.ipex4j.app;
