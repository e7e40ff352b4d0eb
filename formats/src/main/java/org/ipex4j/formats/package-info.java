/** ipex4j: formats. */
package org.ipex4j.formats;
