package org.ipex4j.runtime.memory;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class PoolCapacityTest {
    @Property
    void capacityHoldsTheRequestAndIsItsOwnClass(
            @ForAll @LongRange(min = 0, max = 1L << 34) long bytes) {
        long capacity = Pool.capacity(bytes);
        assertThat(capacity).isGreaterThanOrEqualTo(Math.max(1, bytes));
        assertThat(capacity % 64).isZero();
        assertThat(Pool.capacity(capacity)).isEqualTo(capacity);
        assertThat(capacity - bytes).isLessThanOrEqualTo(Math.max(64, bytes / 8));
        if (capacity >= SystemMemory.MAPPED_BYTES) {
            assertThat(capacity % 4096).isZero();
        }
    }
}
