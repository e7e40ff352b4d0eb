package org.ipex4j.compiler.pass;

import java.util.function.Supplier;

/** Hears of each finished stage of a compilation: logs, dumps, reports. */
@FunctionalInterface
public interface StageListener {
    /**
     * Called after each stage.
     *
     * @param stage the stage's name, {@code decompose}, {@code lower}, …
     * @param text the stage's result in text form, made only when asked for
     * @param nanos time the stage took
     */
    void finished(String stage, Supplier<String> text, long nanos);

    StageListener NONE = (stage, text, nanos) -> {};

    default StageListener and(StageListener other) {
        return (stage, text, nanos) -> {
            finished(stage, text, nanos);
            other.finished(stage, text, nanos);
        };
    }
}
