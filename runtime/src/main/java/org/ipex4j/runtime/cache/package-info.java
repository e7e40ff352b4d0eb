/** What outlives the process: compiled code and measured choices. */
package org.ipex4j.runtime.cache;
