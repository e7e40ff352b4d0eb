package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.internal.NDArrayEx;

/** What the groups of {@link NDArrayEx}'s methods share. */
interface ExOps extends NDArrayEx {
    @Override
    IpexNDArray getArray();

    /** Calls an op with one result, attached to the array's manager. */
    default IpexNDArray call(String op, Object... args) {
        return getArray().call(op, args);
    }

    default UnsupportedOperationException unsupported(String method, String reason) {
        return new UnsupportedOperationException(
                "NDArrayEx." + method + " is not supported by the IPEX engine: " + reason);
    }
}
