package org.ipex4j.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SizesTest {
    @Provide
    Arbitrary<Sizes> sizes() {
        return Arbitraries.of(0L, 1L, 2L, 3L, 7L, 13L)
                .list()
                .ofMaxSize(5)
                .map(l -> Sizes.of(l.stream().mapToLong(Long::longValue).toArray()));
    }

    @Property
    void broadcastingWithOnesChangesNothing(@ForAll("sizes") Sizes s) {
        assertThat(Sizes.broadcast(s, Sizes.SCALAR)).isEqualTo(s);
        assertThat(Sizes.broadcast(s, s)).isEqualTo(s);
        if (s.rank() > 0) {
            assertThat(Sizes.broadcast(s, Sizes.of(1))).isEqualTo(s);
        }
    }

    @Property
    void broadcastingCommutes(@ForAll("sizes") Sizes s, @ForAll("sizes") Sizes t) {
        try {
            Sizes both = Sizes.broadcast(s, t);
            assertThat(Sizes.broadcast(t, s)).isEqualTo(both);
            assertThat(both.rank()).isEqualTo(Math.max(s.rank(), t.rank()));
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessage("sizes do not broadcast: " + s + " and " + t);
            assertThatThrownBy(() -> Sizes.broadcast(t, s))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Property
    void stridesReachEachElementOnce(@ForAll("sizes") Sizes s) {
        long[] strides = s.contiguousStrides();
        long last = 0;
        for (int d = 0; d < s.rank(); d++) {
            last += (s.get(d) - 1) * strides[d];
        }
        if (s.numel() > 0) {
            assertThat(last).isEqualTo(s.numel() - 1);
        }
    }

    @Property
    void negativeDimensionsCountFromTheEnd(@ForAll("sizes") Sizes s) {
        for (int d = 0; d < s.rank(); d++) {
            assertThat(s.get(d - s.rank())).isEqualTo(s.get(d));
            assertThat(s.wrap(d - s.rank())).isEqualTo(d);
            assertThat(s.with(d - s.rank(), 5).get(d)).isEqualTo(5);
        }
    }

    @Test
    void aZeroEndsNoBroadcast() {
        assertThat(Sizes.broadcast(Sizes.of(0, 3), Sizes.of(1, 3))).isEqualTo(Sizes.of(0, 3));
        assertThatThrownBy(() -> Sizes.broadcast(Sizes.of(0), Sizes.of(2)))
                .hasMessage("sizes do not broadcast: [0] and [2]");
    }

    @Test
    void scalarsHaveOneDimensionToName() {
        assertThat(Sizes.SCALAR.wrap(0)).isZero();
        assertThat(Sizes.SCALAR.wrap(-1)).isZero();
        assertThatThrownBy(() -> Sizes.SCALAR.wrap(1))
                .hasMessageContaining("expected -1 to 0, got 1");
        assertThatThrownBy(() -> Sizes.of(2, 3).wrap(-3))
                .hasMessageContaining("expected -2 to 1, got -3 for sizes [2, 3]");
    }

    @Test
    void impossibleSizesAreRefused() {
        assertThatThrownBy(() -> Sizes.of(2, -1)).hasMessage("negative size in [2, -1]");
        assertThatThrownBy(() -> Sizes.of(1L << 40, 1L << 40).numel())
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void givenArraysAreCopied() {
        long[] given = {2, 3};
        Sizes s = Sizes.of(given);
        given[0] = 9;
        s.toArray()[1] = 9;
        assertThat(s)
                .isEqualTo(Sizes.of(2, 3))
                .hasSameHashCodeAs(Sizes.of(2, 3))
                .hasToString("[2, 3]");
        assertThat(List.of(s.stream().boxed().toArray())).containsExactly(2L, 3L);
    }
}
