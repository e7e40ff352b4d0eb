package org.ipex4j.compiler.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.layout.LaidOutGraph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;

/**
 * The split of a compiled graph into what runs at each call and what runs once per version of the
 * parameters: one prologue per connected piece of work, so that each packs one layer's weights and
 * the memory it needs is gone before the next.
 *
 * @param bound buffers that the main program reads beside the arguments: parameters, constants and
 *     results of prologues, in the order of its further inputs
 */
public record Programs(Program main, List<Value> bound, List<Program> prologues) {
    private static final Comparator<Value> BY_ID = Comparator.comparingInt(Value::id);

    public static Programs split(LaidOutGraph graph, List<Scheduled> steps, int phases) {
        Set<Value> fixed = new HashSet<>();
        for (Input in : graph.inputs()) {
            if (in.role().isInvariant()) {
                fixed.add(in.value());
            }
        }
        Set<Value> inputs = new HashSet<>(fixed);
        List<Scheduled> once = new ArrayList<>();
        List<Scheduled> each = new ArrayList<>();
        Set<Scheduled> sourceless = sourcelessInvariant(graph, steps, fixed);
        for (Scheduled s : steps) {
            boolean known =
                    s.reads().isEmpty()
                            ? sourceless.contains(s)
                            : s.reads().stream().allMatch(r -> fixed.contains(graph.root(r)));
            if (known && !writesInput(graph, s)) {
                once.add(s);
                fixed.addAll(s.writes());
            } else {
                each.add(s);
            }
        }
        Set<Value> made = new HashSet<>();
        once.forEach(s -> made.addAll(s.writes()));
        Set<Value> wanted = new LinkedHashSet<>();
        for (Scheduled s : each) {
            s.reads().forEach(r -> wanted.add(graph.root(r)));
        }
        graph.outputs().forEach(o -> wanted.add(graph.root(o)));
        List<Program> prologues = components(graph, once, wanted, inputs);

        List<Value> arguments = new ArrayList<>();
        graph.inputs().stream()
                .filter(in -> !in.role().isInvariant())
                .forEach(in -> arguments.add(in.value()));
        Set<Value> bound = new LinkedHashSet<>();
        for (Scheduled s : each) {
            for (Value r : s.reads()) {
                if (fixed.contains(graph.root(r))) {
                    bound.add(graph.root(r));
                }
            }
        }
        graph.writes().values().stream().filter(fixed::contains).sorted(BY_ID).forEach(bound::add);
        List<Value> mainInputs = new ArrayList<>(arguments);
        mainInputs.addAll(bound);
        Set<Value> madeByMain = new HashSet<>();
        each.forEach(s -> madeByMain.addAll(s.writes()));
        List<Value> outputs =
                graph.outputs().stream()
                        .map(graph::root)
                        .filter(madeByMain::contains)
                        .filter(o -> !graph.writes().containsKey(o))
                        .distinct()
                        .toList();
        return new Programs(
                new Program(mainInputs, each, outputs, graph.writes(), phases),
                List.copyOf(bound),
                prologues);
    }

    /** True for what changes an input: it belongs to every call, whatever it is computed from. */
    private static boolean writesInput(LaidOutGraph graph, Scheduled s) {
        return s.writes().stream().anyMatch(graph.writes()::containsKey);
    }

    /** Steps without operands whose results only invariant steps read. */
    private static Set<Scheduled> sourcelessInvariant(
            LaidOutGraph graph, List<Scheduled> steps, Set<Value> fixed) {
        if (steps.stream().noneMatch(s -> s.reads().isEmpty())) {
            return Set.of();
        }
        Set<Value> optimistic = new HashSet<>(fixed);
        for (Scheduled s : steps) {
            if (!writesInput(graph, s)
                    && s.reads().stream().allMatch(r -> optimistic.contains(graph.root(r)))) {
                optimistic.addAll(s.writes());
            }
        }
        Set<Value> readByEach = new HashSet<>();
        graph.outputs().forEach(o -> readByEach.add(graph.root(o)));
        for (Scheduled s : steps) {
            if (!optimistic.containsAll(s.writes())) {
                s.reads().forEach(r -> readByEach.add(graph.root(r)));
            }
        }
        Set<Scheduled> result = new HashSet<>();
        for (Scheduled s : steps) {
            if (s.reads().isEmpty() && s.writes().stream().noneMatch(readByEach::contains)) {
                result.add(s);
            }
        }
        return result;
    }

    private static List<Program> components(
            LaidOutGraph graph, List<Scheduled> once, Set<Value> wanted, Set<Value> inputs) {
        int[] parent = new int[once.size()];
        Map<Value, Integer> maker = new HashMap<>();
        for (int i = 0; i < parent.length; i++) {
            parent[i] = i;
            for (Value r : once.get(i).reads()) {
                Integer from = maker.get(graph.root(r));
                if (from != null) {
                    parent[find(parent, i)] = find(parent, from);
                }
            }
            for (Value w : once.get(i).writes()) {
                maker.put(w, i);
            }
        }
        Map<Integer, List<Scheduled>> parts = new LinkedHashMap<>();
        for (int i = 0; i < parent.length; i++) {
            parts.computeIfAbsent(find(parent, i), k -> new ArrayList<>()).add(once.get(i));
        }
        List<Program> result = new ArrayList<>();
        for (List<Scheduled> part : parts.values()) {
            Set<Value> reads = new LinkedHashSet<>();
            List<Value> outputs = new ArrayList<>();
            for (Scheduled s : part) {
                for (Value r : s.reads()) {
                    if (inputs.contains(graph.root(r))) {
                        reads.add(graph.root(r));
                    }
                }
                s.writes().stream().filter(wanted::contains).forEach(outputs::add);
            }
            if (!outputs.isEmpty()) {
                // Before all phases, whichever reads them first.
                List<Scheduled> steps =
                        part.stream().map(s -> new Scheduled(s.node(), s.kernel(), 0)).toList();
                result.add(new Program(List.copyOf(reads), steps, outputs, Map.of(), 1));
            }
        }
        return result;
    }

    private static int find(int[] parent, int i) {
        int root = i;
        while (parent[root] != root) {
            root = parent[root];
        }
        while (parent[i] != root) {
            int next = parent[i];
            parent[i] = root;
            i = next;
        }
        return root;
    }
}
