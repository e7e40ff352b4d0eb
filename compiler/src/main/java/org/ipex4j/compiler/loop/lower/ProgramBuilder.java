package org.ipex4j.compiler.loop.lower;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.compiler.loop.nest.Domain;
import org.ipex4j.compiler.loop.nest.Nest;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/**
 * Builds the nests of a group of nodes: one nest in general; one per piece for assembly ops, whose
 * result is put together from independent parts (cat, stack, roll, repeat).
 */
public final class ProgramBuilder {
    private static final Set<String> ASSEMBLY =
            Set.of("aten.cat", "aten.stack", "aten.roll", "aten.repeat");

    private final Map<Value, Node> producers = new HashMap<>();
    private final List<Node> nodes;
    private final List<Value> outputs;
    private final List<Map<Integer, Integer>> splits;
    private final List<Nest> nests = new ArrayList<>();

    private ProgramBuilder(
            List<Node> nodes, List<Value> outputs, List<Map<Integer, Integer>> splits) {
        this.nodes = nodes;
        this.outputs = outputs;
        this.splits = splits;
        for (Node n : nodes) {
            n.results().forEach(r -> producers.put(r, n));
        }
    }

    /** Names of the ops that are put together from parts. */
    public static Set<String> assemblyOps() {
        return ASSEMBLY;
    }

    /** True for ops that are put together from parts. */
    public static boolean isAssembly(String op) {
        return ASSEMBLY.contains(op);
    }

    /**
     * The nests that compute {@code outputs}.
     *
     * @param splits per nest, block size by logical dimension; nests past the list's end have none
     * @throws CannotFuse if the nodes do not fit
     */
    public static List<Nest> build(
            List<Node> nodes, List<Value> outputs, List<Map<Integer, Integer>> splits) {
        ProgramBuilder b = new ProgramBuilder(nodes, outputs, splits);
        b.build();
        return b.nests;
    }

    private void build() {
        Node assembly = null;
        Node reduction = null;
        for (Node n : nodes) {
            if (isAssembly(n.op().name())) {
                if (assembly != null) {
                    throw new CannotFuse("two assembly ops");
                }
                assembly = n;
            } else if (ReductionLowerings.operand(n).isPresent()) {
                reduction = reduction == null ? n : reduction;
            }
        }
        if (assembly != null) {
            if (reduction != null
                    || outputs.size() != 1
                    || !assembly.results().contains(outputs.getFirst())) {
                throw new CannotFuse(assembly.op() + " takes nothing but elements into its kernel");
            }
            assemble(assembly);
            return;
        }
        Sizes sizes = outputs.getFirst().type().sizes();
        long reduced = 0;
        if (reduction != null) {
            sizes = ReductionLowerings.operand(reduction).orElseThrow().type().sizes();
            reduced = ReductionLowerings.dims(reduction);
        }
        NestBuilder b = nest(sizes, reduced);
        for (Value v : outputs) {
            List<Index> at = outputIndex(b.domain(), v.type().sizes());
            b.store(v, at, b.at(v, at));
        }
        nests.add(b.build());
    }

    private NestBuilder nest(Sizes sizes, long reduced) {
        Map<Integer, Integer> split =
                nests.size() < splits.size() ? splits.get(nests.size()) : Map.of();
        return new NestBuilder(producers, new Domain(sizes, reduced, split));
    }

    /**
     * Where an output lies in the domain: every element, or one per row. Dimensions of size 1 are
     * free.
     */
    private static List<Index> outputIndex(Domain domain, Sizes sizes) {
        List<Index> full = match(domain, sizes, false);
        List<Index> found = full != null ? full : match(domain, sizes, true);
        if (found == null) {
            throw new CannotFuse(
                    "an output of sizes " + sizes + " in loops over " + domain.sizes());
        }
        return found;
    }

    private static List<Index> match(Domain domain, Sizes sizes, boolean rowOnly) {
        List<Integer> wanted = new ArrayList<>();
        for (int d = 0; d < domain.sizes().rank(); d++) {
            if (domain.sizes().get(d) != 1 && !(rowOnly && domain.isReduced(d))) {
                wanted.add(d);
            }
        }
        List<Index> at = new ArrayList<>();
        int next = 0;
        for (int d = 0; d < sizes.rank(); d++) {
            if (sizes.get(d) == 1) {
                boolean same =
                        sizes.rank() == domain.sizes().rank()
                                && domain.sizes().get(d) == 1
                                && !(rowOnly && domain.isReduced(d));
                at.add(same ? domain.index().get(d) : Index.Affine.ZERO);
            } else if (next < wanted.size()
                    && domain.sizes().get(wanted.get(next)) == sizes.get(d)) {
                at.add(domain.index().get(wanted.get(next++)));
            } else {
                return null;
            }
        }
        return next == wanted.size() ? List.copyOf(at) : null;
    }

    private void assemble(Node n) {
        switch (n.op().name()) {
            case "aten.cat" -> cat(n);
            case "aten.stack" -> stack(n);
            case "aten.roll" -> roll(n);
            case "aten.repeat" -> repeat(n);
            default -> throw new IllegalStateException(n.op().name());
        }
    }

    private void cat(Node n) {
        Value out = n.result();
        int dim = out.type().sizes().wrap(n.args().integer("dim"));
        long offset = 0;
        for (Value piece : n.args().tensors("tensors")) {
            Sizes sizes = piece.type().sizes();
            if (sizes.rank() != out.type().rank()) {
                continue; // ATen skips empty tensors of rank 1
            }
            NestBuilder b = nest(sizes, 0);
            List<Index> at = b.domain().index();
            Index to = ((Index.Affine) at.get(dim)).plus(offset);
            b.store(out, ViewLowerings.with(at, dim, to), b.at(piece, at));
            nests.add(b.build());
            offset += sizes.get(dim);
        }
    }

    private void stack(Node n) {
        Value out = n.result();
        int dim = out.type().sizes().wrap(n.args().integer("dim"));
        long k = 0;
        for (Value piece : n.args().tensors("tensors")) {
            NestBuilder b = nest(piece.type().sizes(), 0);
            List<Index> to = new ArrayList<>(b.domain().index());
            to.add(dim, Index.Affine.constant(k++));
            b.store(out, to, b.at(piece, b.domain().index()));
            nests.add(b.build());
        }
    }

    private void roll(Node n) {
        Value self = n.args().tensor("self");
        Sizes sizes = self.type().sizes();
        long[] shifts = n.args().integers("shifts");
        long[] dims = n.args().integers("dims");
        if (dims.length == 0) {
            throw new IllegalArgumentException(
                    n.op() + ": without dims it must be flattened first");
        }
        long[] by = new long[sizes.rank()];
        for (int i = 0; i < dims.length; i++) {
            int d = sizes.wrap(dims[i]);
            by[d] = sizes.get(d) == 0 ? 0 : Math.floorMod(by[d] + shifts[i], sizes.get(d));
        }
        rollPiece(n.result(), self, by, 0, new long[sizes.rank()], new long[sizes.rank()], sizes);
    }

    /** Splits dimension after dimension at its shift; a piece has source and target offsets. */
    private void rollPiece(
            Value out, Value self, long[] by, int d, long[] from, long[] to, Sizes piece) {
        if (d == by.length) {
            NestBuilder b = nest(piece, 0);
            List<Index> source = new ArrayList<>();
            List<Index> target = new ArrayList<>();
            for (int k = 0; k < by.length; k++) {
                Index.Affine i = (Index.Affine) b.domain().index().get(k);
                source.add(i.plus(from[k]));
                target.add(i.plus(to[k]));
            }
            b.store(out, target, b.at(self, source));
            nests.add(b.build());
            return;
        }
        long size = self.type().sizes().get(d);
        if (by[d] == 0) {
            rollPiece(out, self, by, d + 1, from, to, piece);
            return;
        }
        long[] tail = from.clone();
        tail[d] = size - by[d];
        rollPiece(out, self, by, d + 1, tail, to, piece.with(d, by[d]));
        long[] head = to.clone();
        head[d] = by[d];
        rollPiece(out, self, by, d + 1, from, head, piece.with(d, size - by[d]));
    }

    private void repeat(Node n) {
        Value self = n.args().tensor("self");
        Sizes sizes = self.type().sizes();
        long[] repeats = n.args().integers("repeats");
        int skip = repeats.length - sizes.rank();
        long[] loops = new long[repeats.length + sizes.rank()];
        int k = 0;
        for (int d = 0; d < repeats.length; d++) {
            loops[k++] = repeats[d];
            if (d >= skip) {
                loops[k++] = sizes.get(d - skip);
            }
        }
        NestBuilder b = nest(Sizes.of(loops), 0);
        List<Index> source = new ArrayList<>();
        List<Index> target = new ArrayList<>();
        k = 0;
        for (int d = 0; d < repeats.length; d++) {
            Index.Affine copy = (Index.Affine) b.domain().index().get(k++);
            if (d < skip) {
                target.add(copy);
            } else {
                Index.Affine i = (Index.Affine) b.domain().index().get(k++);
                source.add(i);
                target.add(copy.times(sizes.get(d - skip)).plus(i));
            }
        }
        b.store(n.result(), target, b.at(self, source));
        nests.add(b.build());
    }
}
