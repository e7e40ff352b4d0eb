package org.ipex4j.compiler.phase;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * A minimum cut between source and sink of a network with capacities, by Dinic's algorithm (E. A.
 * Dinic, 1970): shortest augmenting paths, level by level.
 */
final class MinCut {
    /** More than any cut can hold. */
    static final long INFINITE = Long.MAX_VALUE / 4;

    private static final class Edge {
        private final Edge back;
        private long capacity;

        Edge(long capacity) {
            this.capacity = capacity;
            this.back = new Edge(this);
        }

        private Edge(Edge forward) {
            this.back = forward;
        }
    }

    private record Arc(int to, Edge edge) {}

    private final List<List<Arc>> arcs = new ArrayList<>();

    /** A new vertex's number. */
    int vertex() {
        arcs.add(new ArrayList<>());
        return arcs.size() - 1;
    }

    void edge(int from, int to, long capacity) {
        Edge e = new Edge(capacity);
        arcs.get(from).add(new Arc(to, e));
        arcs.get(to).add(new Arc(from, e.back));
    }

    /**
     * The vertices that stay with the source when the least capacity is cut; of several least cuts
     * the one nearest to the sink.
     */
    BitSet sourceSide(int source, int sink) {
        int[] level = new int[arcs.size()];
        int[] next = new int[arcs.size()];
        while (levels(source, level)[sink] >= 0) {
            Arrays.fill(next, 0);
            while (augment(source, sink, level, next)) {
                // one path after another, until the levels block
            }
        }
        BitSet side = new BitSet();
        side.set(0, arcs.size());
        Deque<Integer> open = new ArrayDeque<>(List.of(sink));
        side.clear(sink);
        while (!open.isEmpty()) {
            for (Arc a : arcs.get(open.poll())) {
                // From a.to one can come here if the opposite edge has capacity left.
                if (a.edge.back.capacity > 0 && side.get(a.to)) {
                    side.clear(a.to);
                    open.add(a.to);
                }
            }
        }
        return side;
    }

    private int[] levels(int source, int[] level) {
        Arrays.fill(level, -1);
        level[source] = 0;
        Deque<Integer> open = new ArrayDeque<>(List.of(source));
        while (!open.isEmpty()) {
            int v = open.poll();
            for (Arc a : arcs.get(v)) {
                if (a.edge.capacity > 0 && level[a.to] < 0) {
                    level[a.to] = level[v] + 1;
                    open.add(a.to);
                }
            }
        }
        return level;
    }

    /** Sends flow along one path of rising levels; without recursion, as graphs are deep. */
    private boolean augment(int source, int sink, int[] level, int[] next) {
        Deque<Arc> path = new ArrayDeque<>();
        int v = source;
        while (v != sink) {
            List<Arc> out = arcs.get(v);
            while (next[v] < out.size()) {
                Arc a = out.get(next[v]);
                if (a.edge.capacity > 0 && level[a.to] == level[v] + 1) {
                    break;
                }
                next[v]++;
            }
            if (next[v] < out.size()) {
                Arc a = out.get(next[v]);
                path.push(a);
                v = a.to;
            } else if (path.isEmpty()) {
                return false;
            } else {
                path.pop();
                v = path.isEmpty() ? source : path.peek().to;
                next[v]++; // leads nowhere
            }
        }
        long flow = INFINITE;
        for (Arc a : path) {
            flow = Math.min(flow, a.edge.capacity);
        }
        for (Arc a : path) {
            a.edge.capacity -= flow;
            a.edge.back.capacity += flow;
        }
        return true;
    }
}
