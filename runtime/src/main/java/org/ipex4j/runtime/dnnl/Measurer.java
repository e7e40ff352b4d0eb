package org.ipex4j.runtime.dnnl;

import org.ipex4j.ir.plan.LibraryCall;

/** Measures fully specified calls. */
@FunctionalInterface
public interface Measurer {
    /** Seconds of one execution. */
    double seconds(LibraryCall call);
}
