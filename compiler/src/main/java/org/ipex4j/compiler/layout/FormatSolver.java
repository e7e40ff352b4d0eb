package org.ipex4j.compiler.layout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses one of few states for each of many variables, so that the sum of costs of states and of
 * pairs is least. Exact by elimination of variables (non-serial dynamic programming) while at most
 * {@link #WIDEST} neighbours remain for some variable, which networks with residual joins allow;
 * denser graphs are improved from each uniform start one variable at a time.
 */
final class FormatSolver {
    /** Neighbours of an eliminated variable; its table has states^neighbours entries. */
    private static final int WIDEST = 8;

    private final int states;
    private final List<double[]> unary = new ArrayList<>();
    private final Map<Long, double[]> pairs = new HashMap<>();

    FormatSolver(int states) {
        this.states = states;
    }

    /** Adds a variable with a cost for each state. */
    int variable(double... costs) {
        unary.add(costs.clone());
        return unary.size() - 1;
    }

    void addUnary(int v, int state, double cost) {
        unary.get(v)[state] += cost;
    }

    /** Adds the cost of each pair of states of two variables. */
    void addPair(int a, int b, int stateA, int stateB, double cost) {
        if (a == b) {
            if (stateA == stateB) {
                unary.get(a)[stateA] += cost;
            }
            return;
        }
        boolean swap = a > b;
        long key = swap ? ((long) b << 32) | a : ((long) a << 32) | b;
        int index = swap ? stateB * states + stateA : stateA * states + stateB;
        pairs.computeIfAbsent(key, k -> new double[states * states])[index] += cost;
    }

    /** Costs over several variables: {@code table} is indexed with the first variable outermost. */
    private record Factor(int[] vars, double[] table) {}

    private record Eliminated(int var, int[] others, int[] best) {}

    /** The best state of each variable. */
    int[] solve() {
        int n = unary.size();
        List<Set<Integer>> neighbours = new ArrayList<>();
        for (int v = 0; v < n; v++) {
            neighbours.add(new HashSet<>());
        }
        List<Factor> factors = new ArrayList<>();
        pairs.forEach(
                (key, table) -> {
                    int a = (int) (key >> 32);
                    int b = (int) (long) key;
                    neighbours.get(a).add(b);
                    neighbours.get(b).add(a);
                    factors.add(new Factor(new int[] {a, b}, table));
                });
        List<List<Factor>> of = new ArrayList<>();
        for (int v = 0; v < n; v++) {
            of.add(new ArrayList<>(List.of(new Factor(new int[] {v}, unary.get(v)))));
        }
        for (Factor f : factors) {
            for (int v : f.vars) {
                of.get(v).add(f);
            }
        }
        List<Eliminated> order = new ArrayList<>();
        boolean[] gone = new boolean[n];
        for (int round = 0; round < n; round++) {
            int v = -1;
            for (int i = 0; i < n; i++) {
                if (!gone[i] && (v < 0 || neighbours.get(i).size() < neighbours.get(v).size())) {
                    v = i;
                }
            }
            if (neighbours.get(v).size() > WIDEST) {
                return improve();
            }
            order.add(eliminate(v, neighbours, of));
            gone[v] = true;
        }
        int[] result = new int[n];
        for (Eliminated e : order.reversed()) {
            int index = 0;
            for (int o : e.others) {
                index = index * states + result[o];
            }
            result[e.var] = e.best[index];
        }
        return result;
    }

    private Eliminated eliminate(int v, List<Set<Integer>> neighbours, List<List<Factor>> of) {
        int[] others = neighbours.get(v).stream().mapToInt(Integer::intValue).sorted().toArray();
        int entries = 1;
        for (int i = 0; i < others.length; i++) {
            entries *= states;
        }
        double[] table = new double[entries];
        int[] best = new int[entries];
        Map<Integer, Integer> current = new HashMap<>();
        for (int e = 0; e < entries; e++) {
            int rest = e;
            for (int i = others.length - 1; i >= 0; i--) {
                current.put(others[i], rest % states);
                rest /= states;
            }
            table[e] = Double.MAX_VALUE;
            for (int s = 0; s < states; s++) {
                current.put(v, s);
                double cost = 0;
                for (Factor f : of.get(v)) {
                    int index = 0;
                    for (int x : f.vars) {
                        index = index * states + current.get(x);
                    }
                    cost += f.table[index];
                }
                if (cost < table[e]) {
                    table[e] = cost;
                    best[e] = s;
                }
            }
        }
        for (Factor f : List.copyOf(of.get(v))) {
            for (int x : f.vars) {
                of.get(x).remove(f);
            }
        }
        Factor made = new Factor(others, table);
        for (int a : others) {
            of.get(a).add(made);
            neighbours.get(a).remove(v);
            for (int b : others) {
                if (a != b) {
                    neighbours.get(a).add(b);
                }
            }
        }
        return new Eliminated(v, others, best);
    }

    /** Changes one variable at a time while that lowers the sum, from each uniform start. */
    private int[] improve() {
        int n = unary.size();
        List<List<long[]>> edges = new ArrayList<>();
        for (int v = 0; v < n; v++) {
            edges.add(new ArrayList<>());
        }
        for (long key : pairs.keySet()) {
            edges.get((int) (key >> 32)).add(new long[] {key});
            edges.get((int) key).add(new long[] {key});
        }
        int[] best = null;
        double lowest = Double.MAX_VALUE;
        for (int start = 0; start < states; start++) {
            int[] state = new int[n];
            Arrays.fill(state, start);
            boolean changed = true;
            for (int round = 0; round < 20 && changed; round++) {
                changed = false;
                for (int v = 0; v < n; v++) {
                    int before = state[v];
                    int chosen = before;
                    double least = local(v, state, edges.get(v));
                    for (int s = 0; s < states; s++) {
                        state[v] = s;
                        double cost = local(v, state, edges.get(v));
                        if (cost < least) {
                            least = cost;
                            chosen = s;
                        }
                    }
                    state[v] = chosen;
                    changed |= chosen != before;
                }
            }
            double total = total(state);
            if (total < lowest) {
                lowest = total;
                best = state;
            }
        }
        return best;
    }

    private double local(int v, int[] state, List<long[]> edges) {
        double cost = unary.get(v)[state[v]];
        for (long[] e : edges) {
            cost += pairs.get(e[0])[state[(int) (e[0] >> 32)] * states + state[(int) e[0]]];
        }
        return cost;
    }

    /** The sum for given states. */
    double total(int[] state) {
        double cost = 0;
        for (int v = 0; v < state.length; v++) {
            cost += unary.get(v)[state[v]];
        }
        for (Map.Entry<Long, double[]> e : pairs.entrySet()) {
            cost +=
                    e.getValue()[
                            state[(int) (e.getKey() >> 32)] * states
                                    + state[(int) (long) e.getKey()]];
        }
        return cost;
    }
}
