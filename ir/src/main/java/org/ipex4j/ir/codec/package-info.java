/** Immutable data (plans and what they are made of) as bytes, for caches on disk. */
package org.ipex4j.ir.codec;
