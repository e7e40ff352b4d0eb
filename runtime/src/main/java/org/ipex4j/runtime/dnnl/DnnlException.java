package org.ipex4j.runtime.dnnl;

import org.ipex4j.ir.plan.LibraryCall;

/** A oneDNN function that failed: which, with what status, and for which call of a plan. */
public final class DnnlException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String function;
    private final int status;

    DnnlException(String function, int status) {
        super(function + " failed: " + Dnnl.statusName(status));
        this.function = function;
        this.status = status;
    }

    DnnlException(String function, int status, LibraryCall call) {
        super(function + " failed: " + Dnnl.statusName(status) + ", for " + call);
        this.function = function;
        this.status = status;
    }

    /** The C function: {@code dnnl_primitive_create}. */
    public String function() {
        return function;
    }

    /** Its {@code dnnl_status_t}. */
    public int status() {
        return status;
    }

    /** The same failure, naming the call it happened for. */
    DnnlException during(LibraryCall call) {
        DnnlException e = new DnnlException(function, status, call);
        e.initCause(this);
        return e;
    }
}
