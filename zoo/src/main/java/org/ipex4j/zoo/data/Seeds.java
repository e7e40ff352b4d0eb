package org.ipex4j.zoo.data;

import java.util.Random;

/** Independent random numbers for each of several counters under one seed. */
final class Seeds {
    private Seeds() {}

    /**
     * Numbers that depend on the seed and the counters alone. {@link Random}'s sequence is part of
     * Java's specification, so that they are the same on every version of Java.
     */
    static Random random(long seed, long... counters) {
        long state = mix(seed);
        for (long c : counters) {
            state = mix(state ^ c);
        }
        return new Random(state);
    }

    /** The finaliser of SplitMix64: Steele, Lea and Flood, OOPSLA 2014. */
    private static long mix(long z) {
        z += 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
