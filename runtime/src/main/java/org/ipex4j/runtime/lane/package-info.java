/** The threads on which heavy work runs. */
package org.ipex4j.runtime.lane;
