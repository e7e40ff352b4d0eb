package org.ipex4j.compiler.decompose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.ipex4j.compiler.pass.Pass;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.GraphRewriter;

/** Replaces composite ops by those that lowering knows, by one table filled by explicit calls. */
public final class Decompose implements Pass {
    private static final Map<String, Decomposition> TABLE = table(false);
    private static final Map<String, Decomposition> EXACT = table(true);

    private final Map<String, Decomposition> table;

    private final Predicate<DType> library;

    /**
     * @param exact NaN must come through as in PyTorch, even where the library would drop it
     * @param library the types that the library computes in; others take other ways
     */
    public Decompose(boolean exact, Predicate<DType> library) {
        this.table = exact ? EXACT : TABLE;
        this.library = library;
    }

    private static Map<String, Decomposition> table(boolean exact) {
        Map<String, Decomposition> t = new LinkedHashMap<>();
        ConvDecompositions.addAll(t);
        ConvGradientDecompositions.addAll(t);
        MatmulDecompositions.addAll(t);
        NormDecompositions.addAll(t);
        ReductionDecompositions.addAll(t);
        PoolDecompositions.addAll(t, exact);
        ShapeDecompositions.addAll(t);
        PointwiseDecompositions.addAll(t);
        AttentionDecompositions.addAll(t);
        CreationDecompositions.addAll(t);
        PaddingDecompositions.addAll(t);
        RearrangeDecompositions.addAll(t);
        ScatterDecompositions.addAll(t);
        BackwardDecompositions.addAll(t);
        NormBackward.addAll(t);
        PoolBackward.addAll(t);
        Widening.wrapAll(t);
        return t;
    }

    /** Names of the ops that have a decomposition. */
    public static Set<String> decomposed() {
        return Set.copyOf(TABLE.keySet());
    }

    @Override
    public String name() {
        return "decompose";
    }

    @Override
    public boolean optional() {
        return false;
    }

    @Override
    public Graph run(Graph graph) {
        Emitter[] emitter = new Emitter[1];
        return GraphRewriter.rewrite(
                graph,
                (old, args, out) -> {
                    if (emitter[0] == null) {
                        emitter[0] = new Emitter(out, table, library);
                    }
                    boolean valuesOnly =
                            PoolDecompositions.hasIndices(old.op())
                                    && graph.users(old.results().get(1)).isEmpty()
                                    && !graph.isOutput(old.results().get(1));
                    if (valuesOnly) {
                        return List.of(
                                PoolDecompositions.withoutIndices(args, emitter[0]),
                                out.fresh(old.results().get(1).type()));
                    }
                    return emitter[0].emit(old.op(), args);
                });
    }

    /**
     * An emitter that decomposes only these ops.
     *
     * @param instead rules that take the place of the table's
     */
    public static Emitter emitter(
            GraphBuilder out, Predicate<String> decomposed, Map<String, Decomposition> instead) {
        Map<String, Decomposition> chosen = new LinkedHashMap<>(TABLE);
        chosen.keySet().removeIf(decomposed.negate());
        chosen.putAll(instead);
        return new Emitter(out, chosen, t -> t == DType.FLOAT32);
    }

    /** A builder-side emitter with the whole table, for passes that emit composites. */
    public static Emitter emitter(GraphBuilder out) {
        return new Emitter(out, TABLE, t -> t == DType.FLOAT32);
    }
}
