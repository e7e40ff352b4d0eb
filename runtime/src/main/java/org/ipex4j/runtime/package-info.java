/** ipex4j: runtime. */
package org.ipex4j.runtime;
