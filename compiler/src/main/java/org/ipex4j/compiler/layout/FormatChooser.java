package org.ipex4j.compiler.layout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.ipex4j.compiler.kernel.KernelGraph;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.Target;

/**
 * Chooses a format for each node with spatial results, so that the time of the library calls plus
 * that of the reorders between nodes of different formats is least.
 */
final class FormatChooser {
    private static final Format[] FORMATS = Format.values();

    /** Cost of what cannot be done: above any real sum, below what would swallow other terms. */
    private static final double IMPOSSIBLE = 1e6;

    private final KernelGraph graph;
    private final LibraryCosts costs;
    private final int block;
    private final Set<Value> invariant;
    private final LibraryCasts casts;
    private FormatSolver solver;
    private final Map<Value, Integer> variables = new HashMap<>();
    private final Map<KernelNode, Integer> ofNode = new java.util.IdentityHashMap<>();
    private final Map<KernelNode.Loop, LoopSpace> spaces = new java.util.IdentityHashMap<>();

    FormatChooser(
            KernelGraph graph,
            LibraryCosts costs,
            Target target,
            Set<Value> invariant,
            LibraryCasts casts) {
        this.graph = graph;
        this.costs = costs;
        this.block = block(target);
        this.invariant = invariant;
        this.casts = casts;
    }

    /** Channels of a block: one vector of floats. */
    static int block(Target target) {
        return target.vectorBytes() >= 64 ? 16 : 8;
    }

    /** The format of each node that has a choice. */
    Map<KernelNode, Format> choose() {
        Map<KernelNode, Format> chosen = new java.util.IdentityHashMap<>();
        if (graph.nodes().stream().noneMatch(FormatChooser::isSpatialCall)) {
            return chosen; // nothing prefers another format than row-major
        }
        // The library is asked about what is chosen on what calls take at least, until nothing new
        // is chosen: the choice is then the best, for all others take at least as long as assumed.
        List<LibraryCall> asked = askedAtOnce();
        while (!asked.isEmpty()) {
            costs.prepare(asked);
            asked.forEach(costs::choose);
            int[] states = solve();
            chosen.clear();
            ofNode.forEach((n, v) -> chosen.put(n, FORMATS[states[v]]));
            asked = new ArrayList<>();
            for (Map.Entry<KernelNode, Format> e : chosen.entrySet()) {
                if (isSpatialCall(e.getKey())) {
                    LibraryCall call =
                            candidate((KernelNode.Library) e.getKey(), e.getValue(), e.getValue());
                    if (!costs.isKnown(call)) {
                        asked.add(call);
                    }
                }
            }
        }
        return chosen;
    }

    /**
     * Calls whose exact costs are needed from the start: all that are to be measured, and those of
     * nodes that may read another format than they write. One in the likeliest format otherwise.
     */
    private List<LibraryCall> askedAtOnce() {
        List<LibraryCall> out = new ArrayList<>();
        for (KernelNode n : graph.nodes()) {
            if (!(n instanceof KernelNode.Library l) || !isSpatialCall(n)) {
                continue;
            }
            boolean direct = readsDirectly(l.call(), Format.PLAIN, Format.BLOCKED);
            for (Format f : FORMATS) {
                if (direct || costs.measures() || f == Format.BLOCKED) {
                    out.add(candidate(l, f, f));
                }
                if (direct && f != Format.PLAIN) {
                    out.add(candidate(l, Format.PLAIN, f));
                }
            }
        }
        return out;
    }

    private int[] solve() {
        solver = new FormatSolver(FORMATS.length);
        variables.clear();
        ofNode.clear();
        for (KernelNode n : graph.nodes()) {
            // Invariant loops run once, in any format; library calls may exist in some formats
            // only.
            if (hasChoice(n)
                    && casts.of(n).isEmpty()
                    && (isSpatialCall(n) || !invariant.containsAll(n.writes()))) {
                addNode(n);
            }
        }
        for (KernelNode n : graph.nodes()) {
            addEdges(n);
        }
        for (Value out : graph.outputs()) {
            Integer v = variables.get(out);
            if (v != null) {
                mustBe(v, Format.PLAIN, out);
            }
        }
        return solver.solve();
    }

    private static boolean isSpatialCall(KernelNode n) {
        return n instanceof KernelNode.Library l && !(l.call() instanceof LibraryCall.MatMul);
    }

    private static boolean hasChoice(KernelNode n) {
        return isSpatialCall(n)
                || n instanceof KernelNode.Loop
                        && Stream.concat(n.writes().stream(), n.reads().stream())
                                .anyMatch(FormatChooser::isSpatial);
    }

    private static boolean isSpatial(Value v) {
        return v.type().rank() >= 3 && v.type().rank() <= 5;
    }

    private void addNode(KernelNode n) {
        double[] unary = new double[FORMATS.length];
        for (Format f : FORMATS) {
            unary[f.ordinal()] =
                    switch (n) {
                        case KernelNode.Library l -> libraryCost(l, f, f);
                        case KernelNode.Loop l -> loopCost(l, f);
                        default -> 0;
                    };
        }
        int v = solver.variable(unary);
        ofNode.put(n, v);
        for (Value w : n.writes()) {
            boolean inFormat =
                    n instanceof KernelNode.Loop l ? space(l).follows(w) : !makesWeights(n);
            if (inFormat) {
                variables.put(w, v);
            }
        }
    }

    /**
     * What a format costs a kernel beyond its best one. A reduction to one number per channel over
     * channels-last memory shares its work out by channels, and so strides through memory in thin
     * columns, with little to share where channels are few.
     */
    private double loopCost(KernelNode.Loop l, Format f) {
        LoopSpace space = space(l);
        if (f == Format.BLOCKED) {
            return space.allowsBlocks(block) ? 0 : IMPOSSIBLE;
        }
        if (f == Format.PLAIN || !space.reducesPixels()) {
            return 0;
        }
        double seconds = 0;
        for (Value v : Stream.concat(l.reads().stream(), l.writes().stream()).toList()) {
            seconds += space.isFull(v) ? reorder(v) / 2 : 0;
        }
        return seconds;
    }

    /** True for calls whose result lies as the library likes, whatever the activations' format. */
    private static boolean makesWeights(KernelNode n) {
        return n instanceof KernelNode.Library l
                && l.call() instanceof LibraryCall.ConvolutionBackwardWeights;
    }

    private double libraryCost(KernelNode.Library l, Format source, Format output) {
        double s = costs.atLeast(candidate(l, source, output));
        return Double.isInfinite(s) ? IMPOSSIBLE : s;
    }

    private LibraryCall candidate(KernelNode.Library l, Format source, Format output) {
        Sizes in = l.call().inputs().getFirst().sizes();
        Sizes out = LibraryCosts.second(l.call()).sizes();
        return LibraryCosts.with(l.call(), source.of(in, block), output.of(out, block));
    }

    private void addEdges(KernelNode n) {
        if (casts.of(n).isPresent()) {
            return;
        }
        Integer own = ofNode.get(n);
        for (int i = 0; i < n.reads().size(); i++) {
            Value v = n.reads().get(i);
            if (casts.makes(v)) {
                if (own != null && n instanceof KernelNode.Library l && i == 0) {
                    castEdge(l, own);
                }
                continue; // the cast writes whatever layout is wanted
            }
            Integer from = variables.get(v);
            if (own == null) {
                if (from != null) {
                    mustBeReadable(from, n, v);
                }
            } else if (n instanceof KernelNode.Library l) {
                libraryEdge(l, i, v, from, own);
            } else {
                loopEdge((KernelNode.Loop) n, v, from, own);
            }
        }
    }

    /**
     * A node without a choice reads plain memory; kernels of any strides, views of any layout that
     * they can be taken of.
     */
    private void mustBeReadable(int from, KernelNode n, Value v) {
        for (Format f : FORMATS) {
            boolean readable =
                    sameMemory(f, Format.PLAIN, v)
                            || switch (n) {
                                case KernelNode.Loop l -> f != Format.BLOCKED;
                                case KernelNode.Alias a -> viewable(a, v, f);
                                default -> false;
                            };
            if (!readable) {
                solver.addUnary(from, f.ordinal(), reorder(v));
            }
        }
    }

    private boolean viewable(KernelNode.Alias a, Value base, Format f) {
        if (f == Format.BLOCKED && base.type().sizes().get(1) % block != 0) {
            return false;
        }
        Layout layout = f.of(base.type().sizes(), block);
        BufferType type = new BufferType(base.type().dtype(), base.type().sizes(), layout);
        return Views.place(a, new Placement(base, type, 0)).isPresent();
    }

    private void mustBe(int from, Format wanted, Value v) {
        for (Format f : FORMATS) {
            if (!sameMemory(f, wanted, v)) {
                solver.addUnary(from, f.ordinal(), reorder(v));
            }
        }
    }

    /**
     * True if the two formats of these sizes are the same bytes: [N, C, 1, 1] row-major and
     * channels-last.
     */
    private boolean sameMemory(Format a, Format b, Value v) {
        if (a == b) {
            return true;
        }
        Sizes s = v.type().sizes();
        if (a != Format.BLOCKED && b != Format.BLOCKED) {
            return Format.CHANNELS_LAST.of(s, block).isContiguous(s);
        }
        return Format.isSinglePixelOfBlocks(
                new BufferType(v.type().dtype(), s, Format.BLOCKED.of(s, block)));
    }

    private void libraryEdge(KernelNode.Library l, int operand, Value v, Integer from, int own) {
        boolean source = operand == 0 || l.call() instanceof LibraryCall.PoolingBackward;
        boolean whole =
                makesWeights(l)
                        ? operand == 1
                        : v.type().sizes().equals(l.result().type().sizes())
                                && operand >= l.call().inputs().size();
        if (!source && !whole) {
            return;
        }
        for (Format to : FORMATS) {
            if (from == null) {
                solver.addUnary(own, to.ordinal(), transfer(l, source, v, Format.PLAIN, to));
            } else {
                for (Format f : FORMATS) {
                    solver.addPair(
                            from, own, f.ordinal(), to.ordinal(), transfer(l, source, v, f, to));
                }
            }
        }
    }

    /** What a call saves that reads a cast in another format than it writes. */
    private void castEdge(KernelNode.Library l, int own) {
        for (Format to : FORMATS) {
            if (readsDirectly(l.call(), Format.PLAIN, to)) {
                double direct = libraryCost(l, Format.PLAIN, to) - libraryCost(l, to, to);
                solver.addUnary(own, to.ordinal(), Math.min(0, direct));
            }
        }
    }

    /** What it costs that a value comes in one format and the call's output is in another. */
    private double transfer(KernelNode.Library l, boolean source, Value v, Format from, Format to) {
        if (sameMemory(from, to, v)) {
            return 0;
        }
        double cost = reorder(v);
        if (source && readsDirectly(l.call(), from, to)) {
            cost = Math.min(cost, libraryCost(l, from, to) - libraryCost(l, to, to));
        }
        return cost;
    }

    /**
     * Only a network's first convolution, with few input channels, can read row-major images fast.
     */
    static boolean readsDirectly(LibraryCall call, Format from, Format to) {
        BufferType source =
                switch (call) {
                    case LibraryCall.Convolution c when c.groups() == 1 -> c.source();
                    case LibraryCall.ConvolutionBackwardWeights c when c.groups() == 1 ->
                            c.source();
                    default -> null;
                };
        return from == Format.PLAIN
                && to != Format.PLAIN
                && source != null
                && source.sizes().get(1) <= 4;
    }

    private void loopEdge(KernelNode.Loop l, Value v, Integer from, int own) {
        LoopSpace space = space(l);
        boolean full = space.isAligned() && space.isFull(v);
        for (Format to : FORMATS) {
            for (Format f : FORMATS) {
                double cost;
                if (full) {
                    cost =
                            sameMemory(f, to, v)
                                    ? 0
                                    : f == Format.BLOCKED || to == Format.BLOCKED
                                            ? reorder(v)
                                            : reorder(v) / 2; // strided reads
                } else {
                    cost = f == Format.BLOCKED ? reorder(v) : 0;
                }
                if (from != null) {
                    solver.addPair(from, own, f.ordinal(), to.ordinal(), cost);
                } else if (f == Format.PLAIN) {
                    solver.addUnary(own, to.ordinal(), cost);
                }
            }
        }
    }

    private LoopSpace space(KernelNode.Loop l) {
        return spaces.computeIfAbsent(l, x -> LoopSpace.of(x.group()));
    }

    private double reorder(Value v) {
        return costs.reorderSeconds(BufferType.contiguous(v.type()));
    }
}
