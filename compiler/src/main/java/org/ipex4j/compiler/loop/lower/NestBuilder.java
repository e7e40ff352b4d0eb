package org.ipex4j.compiler.loop.lower;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.loop.expr.Access;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.compiler.loop.expr.ReducedRef;
import org.ipex4j.compiler.loop.nest.Domain;
import org.ipex4j.compiler.loop.nest.Nest;
import org.ipex4j.compiler.loop.nest.ReduceKind;
import org.ipex4j.compiler.loop.nest.Reduction;
import org.ipex4j.compiler.loop.nest.Store;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Trait;

/**
 * Builds one nest: asks the lowerings for elements and inlines producers of the group into their
 * users.
 */
public final class NestBuilder {
    private record Element(Value value, List<Index> at, Expr guard) {}

    private final Map<Value, Node> producers;
    private final Domain domain;
    private final Exprs exprs;
    private final Map<Element, Expr> elements = new HashMap<>();
    private final Map<Node, Integer> reductionOf = new IdentityHashMap<>();
    private final List<Reduction> reductions = new ArrayList<>();
    private final List<Store> stores = new ArrayList<>();
    private boolean scan;
    private boolean reduction;

    /** Where it is false, memory is not read; null outside of {@link #guardedAt}. */
    private Expr guard;

    /**
     * @param producers the nodes of the group, by result
     */
    public NestBuilder(Map<Value, Node> producers, Domain domain) {
        this.producers = producers;
        this.domain = domain;
        this.exprs = new Exprs(domain.rowDims(), domain.allDims());
    }

    public Exprs exprs() {
        return exprs;
    }

    public Domain domain() {
        return domain;
    }

    /** Adds a store of a value's element. */
    public void store(Value value, List<Index> to, Expr element) {
        stores.add(new Store(new Access(value, to), exprs.toStore(element, value.type().dtype())));
    }

    /** The nest of all stores so far. */
    public Nest build() {
        if (scan && reduction) {
            throw new CannotFuse("a scan and a reduction in one nest");
        }
        return new Nest(domain, reductions, stores, scan);
    }

    /** The element of a value: computed if the group makes it, else read from memory. */
    public Expr at(Value value, List<Index> at) {
        Element key = new Element(value, at, guard);
        Expr known = elements.get(key);
        if (known != null) {
            return known;
        }
        Node producer = producers.get(value);
        Expr e;
        if (producer == null) {
            e = exprs.load(new Access(value, at), guard);
        } else if (guard != null && !keepsZero(producer)) {
            throw new CannotFuse("a guarded read of a value computed in the same kernel");
        } else {
            e =
                    LoweringTable.get(producer.op())
                            .lower(this, producer, producer.results().indexOf(value), at);
            e = exprs.cast(e, value.type().dtype());
        }
        elements.put(key, e);
        return e;
    }

    /** The element of a value under a guard: zero where it is false, and nothing is read there. */
    public Expr guardedAt(Value value, List<Index> at, Expr inside) {
        if (readsNothing(value)) {
            Expr e = at(value, at);
            return exprs.select(inside, e, exprs.scalar(e.type(), Scalar.of(0)));
        }
        Expr outer = guard;
        guard = outer == null ? inside : exprs.and(outer, inside);
        try {
            return at(value, at);
        } finally {
            guard = outer;
        }
    }

    /** True for what gives zero for zero: casts and changes of position. */
    private static boolean keepsZero(Node producer) {
        return producer.is("aten._to_copy") || producer.op().is(Trait.VIEW);
    }

    /** True for what the group computes from numbers and positions alone. */
    private boolean readsNothing(Value value) {
        Node producer = producers.get(value);
        return producer != null && producer.operands().stream().allMatch(this::readsNothing);
    }

    /**
     * The element of an operand broadcast to the result's sizes, converted to {@code type} as ATen
     * converts operands to their common type: a wider one is rounded.
     */
    public Expr broadcast(Value operand, Sizes result, List<Index> at, DType type) {
        Expr x = at(operand, broadcastIndex(operand.type().sizes(), result, at));
        return operand.type().dtype() == type ? x : exprs.roundTo(x, type);
    }

    /** Positions in an operand that is broadcast to {@code result}. */
    public static List<Index> broadcastIndex(Sizes operand, Sizes result, List<Index> at) {
        List<Index> out = new ArrayList<>();
        int skip = result.rank() - operand.rank();
        for (int d = 0; d < operand.rank(); d++) {
            out.add(
                    operand.get(d) == 1 && result.get(d + skip) != 1
                            ? Index.Affine.ZERO
                            : at.get(d + skip));
        }
        return out;
    }

    /** An argument that is a tensor or a number, at the result's position, cast to {@code type}. */
    public Expr argument(Node n, String name, List<Index> at, DType type) {
        Sizes result = n.results().getFirst().type().sizes();
        return switch (n.args().get(name)) {
            case Arg.Tensor<Value>(Value v) -> broadcast(v, result, at, type);
            case Arg.Number<Value>(Scalar s) -> exprs.scalar(type, s);
            case Arg.Real<Value>(double d) -> exprs.scalar(type, Scalar.of(d));
            case Arg.Int<Value>(long l) -> exprs.scalar(type, Scalar.of(l));
            default ->
                    throw new IllegalArgumentException(
                            n.op() + ": argument '" + name + "' is neither tensor nor number");
        };
    }

    /**
     * A component of a reduction of {@code operand} over the dimensions {@code dims}.
     *
     * @param elements gives the elements to combine at the domain's full index; called once per
     *     node
     */
    public Expr reduce(
            Node n,
            Value operand,
            long dims,
            List<Index> at,
            ReduceKind kind,
            int component,
            java.util.function.Function<List<Index>, List<Expr>> elements) {
        requireSpace(n, operand.type(), dims);
        int rank = operand.type().rank();
        boolean keep = at.size() == rank;
        int i = 0;
        for (int d = 0; d < rank; d++) {
            boolean reduced = domain.isReduced(d);
            if (!reduced
                    && domain.sizes().get(d) != 1
                    && !at.get(i).equals(domain.index().get(d))) {
                throw new CannotFuse(n.op() + ": its result is read elsewhere than in its own row");
            }
            i += reduced && !keep ? 0 : 1;
        }
        reduction = true;
        int id = register(n, kind, elements);
        List<Expr> operands = reductions.get(id).operands();
        return exprs.reduced(
                ExprOp.REDUCED,
                operands.get(component).type(),
                new ReducedRef(id, component),
                operands);
    }

    /** The running value of a scan of {@code operand} along one dimension. */
    public Expr scan(
            Node n,
            Value operand,
            int dim,
            List<Index> at,
            ReduceKind kind,
            java.util.function.Function<List<Index>, List<Expr>> elements) {
        requireSpace(n, operand.type(), operand.type().rank() == 0 ? 0 : 1L << dim);
        if (!at.equals(domain.index())) {
            throw new CannotFuse(n.op() + ": its result is read in another order");
        }
        int id = register(n, kind, elements);
        scan = true;
        List<Expr> operands = reductions.get(id).operands();
        return exprs.reduced(
                ExprOp.SCANNED, operands.getFirst().type(), new ReducedRef(id, 0), operands);
    }

    private int register(
            Node n,
            ReduceKind kind,
            java.util.function.Function<List<Index>, List<Expr>> elements) {
        Integer known = reductionOf.get(n);
        if (known != null) {
            return known;
        }
        List<Expr> operands = elements.apply(domain.index());
        int id = reductions.size();
        if (id >= 60) {
            throw new CannotFuse("too many reductions");
        }
        reductions.add(new Reduction(id, kind, operands));
        reductionOf.put(n, id);
        return id;
    }

    private void requireSpace(Node n, TensorType operand, long dims) {
        if (!operand.sizes().equals(domain.sizes()) || dims != domain.reducedLogical()) {
            throw new CannotFuse(
                    n.op()
                            + " of "
                            + operand.sizes()
                            + " does not fit the loops over "
                            + domain.sizes());
        }
    }
}
