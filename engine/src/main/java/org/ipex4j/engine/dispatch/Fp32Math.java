package org.ipex4j.engine.dispatch;

import org.ipex4j.ir.plan.MathMode;

/** What convolutions and matrix products of FP32 arrays may compute with, in the whole process. */
public final class Fp32Math {
    private static volatile MathMode mode = MathMode.STRICT;

    private Fp32Math() {}

    /** The mode in which code is compiled from here on. */
    public static MathMode mode() {
        return mode;
    }

    /** Sets the mode. */
    public static void setMode(MathMode wanted) {
        mode = wanted;
    }
}
