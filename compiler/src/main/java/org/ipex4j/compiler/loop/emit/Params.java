package org.ipex4j.compiler.loop.emit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The numbers of a kernel that its text does not contain: sizes, strides, scalars. */
final class Params {
    private final List<Long> values = new ArrayList<>();
    private final Map<String, Integer> slots = new HashMap<>();

    /**
     * The slot of a number.
     *
     * @param role what the number is, the same for every size of the same kernel; equal roles share
     *     a slot
     */
    int slot(String role, long value) {
        Integer known = slots.get(role);
        if (known != null) {
            if (values.get(known) != value) {
                throw new IllegalStateException("two values for " + role);
            }
            return known;
        }
        slots.put(role, values.size());
        values.add(value);
        return values.size() - 1;
    }

    long[] toArray() {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
