package org.ipex4j.compiler.memory;

import java.util.List;
import java.util.Map;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.Operand.Place;

/**
 * Where each buffer of a program lies.
 *
 * @param places of the program's root values
 * @param scratch offset in the arena of each step's working memory, -1 for none
 */
public record MemoryPlan(Map<Value, Spot> places, List<Long> scratch, long arenaBytes) {
    /** A place and the offset in it, in bytes. */
    public record Spot(Place place, long byteOffset) {}

    public MemoryPlan {
        places = Map.copyOf(places);
        scratch = List.copyOf(scratch);
    }
}
