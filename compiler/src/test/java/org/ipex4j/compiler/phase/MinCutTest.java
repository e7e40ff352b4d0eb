package org.ipex4j.compiler.phase;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Cuts of small networks against all cuts that there are. */
class MinCutTest {
    private record Edge(int from, int to, long capacity) {}

    private static long capacity(List<Edge> edges, BitSet side) {
        return edges.stream()
                .filter(e -> side.get(e.from) && !side.get(e.to))
                .mapToLong(Edge::capacity)
                .sum();
    }

    private static void check(int vertices, List<Edge> edges) {
        MinCut net = new MinCut();
        for (int i = 0; i < vertices; i++) {
            assertThat(net.vertex()).isEqualTo(i);
        }
        edges.forEach(e -> net.edge(e.from, e.to, e.capacity));
        BitSet side = net.sourceSide(0, 1);
        // The nearest to the sink is the union of all least cuts.
        long least = Long.MAX_VALUE;
        BitSet nearest = new BitSet();
        for (long rest = 0; rest < 1L << (vertices - 2); rest++) {
            BitSet candidate = BitSet.valueOf(new long[] {rest << 2 | 1});
            long c = capacity(edges, candidate);
            if (c < least) {
                least = c;
                nearest.clear();
            }
            if (c == least) {
                nearest.or(candidate);
            }
        }
        assertThat(side.get(0)).isTrue();
        assertThat(side.get(1)).isFalse();
        assertThat(capacity(edges, side)).as("%s cut at %s", edges, side).isEqualTo(least);
        assertThat(side).as("%s", edges).isEqualTo(nearest);
    }

    @Property(tries = 1000)
    void leastOfAllCuts(
            @ForAll @IntRange(min = 2, max = 8) int vertices,
            @ForAll @Size(max = 30) List<@IntRange(min = 0, max = 8 * 8 * 6 - 1) Integer> numbers) {
        List<Edge> edges = new ArrayList<>();
        for (int n : numbers) {
            int from = n % vertices;
            int to = n / 8 % vertices;
            if (from != to) {
                edges.add(new Edge(from, to, n / 64)); // of capacity 0 too, and several beside
            }
        }
        check(vertices, edges);
    }

    @Test
    void unbreakableEdgesAreNotCut() {
        check(
                4,
                List.of(
                        new Edge(0, 2, MinCut.INFINITE),
                        new Edge(2, 3, 5),
                        new Edge(3, 1, MinCut.INFINITE)));
    }

    @Test
    void sourceAndSinkApart() {
        check(3, List.of(new Edge(0, 2, 7)));
        check(2, List.of());
    }
}
