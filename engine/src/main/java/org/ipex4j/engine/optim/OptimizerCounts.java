package org.ipex4j.engine.optim;

import ai.djl.training.optimizer.Optimizer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;

/**
 * The update counts that DJL's {@link Optimizer} keeps to itself, and that a resumed training must
 * go on from: learning-rate trackers and bias corrections depend on them.
 */
final class OptimizerCounts {
    private static final VarHandle COUNTS = field("updateCounts", Map.class);
    private static final VarHandle LATEST = field("numUpdate", int.class);

    private OptimizerCounts() {}

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(Optimizer.class, MethodHandles.lookup())
                    .findVarHandle(Optimizer.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "DJL's Optimizer has no field '"
                            + name
                            + "' of type "
                            + type.getName()
                            + ": this version of DJL is not supported",
                    e);
        }
    }

    /** Updates of a parameter so far; 0 before the first. */
    static int get(Optimizer optimizer, String parameterId) {
        Integer count = counts(optimizer).get(parameterId);
        return count == null ? 0 : count;
    }

    static void set(Optimizer optimizer, String parameterId, int count) {
        counts(optimizer).put(parameterId, count);
        LATEST.set(optimizer, Math.max((int) LATEST.get(optimizer), count));
    }

    @SuppressWarnings("unchecked") // the field's own type
    private static Map<String, Integer> counts(Optimizer optimizer) {
        return (Map<String, Integer>) COUNTS.get(optimizer);
    }
}
