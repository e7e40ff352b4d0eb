package org.ipex4j.engine.dispatch;

import java.util.function.Supplier;

/** Whether ops that run one by one keep packed copies of their weights; by default they do. */
public final class Prepack {
    private static final ThreadLocal<Boolean> OFF = new ThreadLocal<>();

    private Prepack() {}

    static boolean on() {
        return OFF.get() == null;
    }

    /** Runs code of this thread without. */
    public static <T> T without(Supplier<T> code) {
        Boolean before = OFF.get();
        OFF.set(true);
        try {
            return code.get();
        } finally {
            if (before == null) {
                OFF.remove();
            }
        }
    }
}
