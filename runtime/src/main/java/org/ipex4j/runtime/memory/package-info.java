/** Native memory: a caching pool and reference-counted storages. */
package org.ipex4j.runtime.memory;
