/** What the runtime tells: topics of {@code IPEX_LOGS}, profiles and traces. */
package org.ipex4j.runtime.log;
