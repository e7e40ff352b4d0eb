package org.ipex4j.compiler.pass;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Trait;

/**
 * Makes the random ops of a graph functions of a state that is given at each call: one more input
 * {@code random_state}, int64 [2], seed and position. Each op draws where the one before it has
 * ended, as draws one by one do. Done before differentiation, so that forward and backward see the
 * same numbers.
 */
public final class ThreadRandomState {
    /** Name of the input that is added. */
    public static final String STATE = "random_state";

    /**
     * A graph without random ops.
     *
     * @param graph its last input is the state, if it draws
     * @param blocks positions of the generator that a call takes; 0 if it does not draw
     */
    public record Threaded(Graph graph, long blocks) {}

    private final GraphBuilder out;
    private final Value state;
    private long blocks;

    private ThreadRandomState(GraphBuilder out, Value state) {
        this.out = out;
        this.state = state;
    }

    /**
     * The graph as a function of a random state; the graph itself if it does not draw.
     *
     * @throws IllegalArgumentException naming the op and its source if a random op cannot be held
     *     by a graph
     */
    public static Threaded run(Graph graph) {
        if (graph.nodes().stream().noneMatch(n -> n.op().is(Trait.RANDOM))) {
            return new Threaded(graph, 0);
        }
        GraphBuilder out = new GraphBuilder();
        java.util.Map<Value, Value> copies = new java.util.HashMap<>();
        for (Input in : graph.inputs()) {
            copies.put(in.value(), out.input(in.role(), in.name(), in.value().type()));
        }
        Value state = out.input(Input.Role.ARGUMENT, STATE, TensorType.of(DType.INT64, 2));
        ThreadRandomState pass = new ThreadRandomState(out, state);
        graph.nodes()
                .forEach(
                        n -> {
                            Args<Value> args = n.args().map(copies::get);
                            out.at(n.source());
                            List<Value> results =
                                    n.op().is(Trait.RANDOM)
                                            ? pass.draw(n.op().name(), args, n.source().suffix())
                                            : out.call(n.op(), args);
                            for (int i = 0; i < results.size(); i++) {
                                copies.put(n.results().get(i), results.get(i));
                            }
                        });
        Graph threaded = out.build(graph.outputs().stream().map(copies::get).toList());
        return new Threaded(threaded, pass.blocks);
    }

    private List<Value> draw(String op, Args<Value> a, String source) {
        return switch (op) {
            case "aten.native_dropout" ->
                    dropout(a, a.real("p"), a.isNone("train") || a.bool("train"));
            case "aten.dropout" -> dropout(a, a.real("p"), a.bool("train")).subList(0, 1);
            case "aten.rand" ->
                    List.of(
                            uniform(
                                    TensorType.of(
                                            a.dtype("dtype").orElse(DType.FLOAT32),
                                            a.integers("size"))));
            case "aten.uniform" -> List.of(uniform(a));
            case "aten.bernoulli.p" -> {
                TensorType t = a.tensor("self").type();
                Value unit = uniform(new TensorType(DType.FLOAT32, t.sizes()));
                Value hit = out.call("aten.lt.Scalar", unit, a.real("p"));
                yield List.of(out.call("aten._to_copy", hit, t.dtype()));
            }
            default ->
                    throw new IllegalArgumentException(
                            op
                                    + ": graphs cannot hold this way of drawing random numbers"
                                    + source);
        };
    }

    /** Kept where a number in [0, 1) reaches p, and scaled by 1 / (1 - p). */
    private List<Value> dropout(Args<Value> a, double p, boolean train) {
        Value x = a.tensor("input");
        TensorType flags = new TensorType(DType.BOOL, x.type().sizes());
        if (!train || p == 0) {
            Value all = out.call("aten.full", flags.sizes().toArray(), true, DType.BOOL);
            return List.of(out.call("aten.clone", x), all);
        }
        Value unit = uniform(new TensorType(DType.FLOAT32, x.type().sizes()));
        Value kept = out.call("aten.ge.Scalar", unit, p);
        Value scaled = out.call("aten.mul.Scalar", x, p == 1 ? 0.0 : 1 / (1 - p));
        return List.of(out.call("aten.mul.Tensor", scaled, kept), kept);
    }

    /**
     * As in ATen, bounds and range are rounded to the type; 16-bit numbers are scaled and moved in
     * float32 and rounded once.
     */
    private Value uniform(Args<Value> a) {
        Value unit = uniform(a.tensor("self").type());
        DType type = unit.type().dtype();
        double from = type.round(a.real("from"));
        double range = type.round(type.round(a.real("to")) - from);
        Value wide = type.byteSize() == 2 ? out.call("aten._to_copy", unit, DType.FLOAT32) : unit;
        Value scaled = out.call("aten.mul.Scalar", wide, range);
        Value moved = out.call("aten.add.Scalar", scaled, from);
        return type.byteSize() == 2 ? out.call("aten._to_copy", moved, type) : moved;
    }

    private Value uniform(TensorType type) {
        long offset = blocks;
        blocks += (type.numel() + 1) / 2;
        return out.call("ipex.philox_uniform", state, offset, type.sizes().toArray(), type.dtype());
    }
}
