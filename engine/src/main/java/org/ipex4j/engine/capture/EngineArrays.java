package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDArray;
import org.ipex4j.engine.ndarray.IpexNDArray;

/** Tells this engine's open arrays from others. */
final class EngineArrays {
    private EngineArrays() {}

    /** The array if it is this engine's and open, else null. */
    static IpexNDArray check(NDArray array) {
        return array instanceof IpexNDArray a && !a.isReleased() ? a : null;
    }

    /**
     * Says why {@link #check} gave null.
     *
     * @param what {@code input 'data0'}
     */
    static <T> T refuse(NDArray array, String what) {
        if (array == null) {
            throw new IllegalArgumentException(what + " is null");
        }
        if (array instanceof IpexNDArray) {
            throw new IllegalStateException(
                    what + " is closed: it, its manager or its model was closed");
        }
        throw new IllegalArgumentException(
                what
                        + " is an array of the engine "
                        + array.getManager().getEngine().getEngineName()
                        + ": expected one of IPEX; make it with a manager of this engine, or copy it by NDManager.from");
    }
}
