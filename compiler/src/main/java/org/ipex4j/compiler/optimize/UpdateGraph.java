package org.ipex4j.compiler.optimize;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;

/** The updates of many parameters in one graph. */
public final class UpdateGraph {
    /** As in {@code torch.nn.utils.clip_grad_norm_}. */
    private static final double NORM_EPSILON = 1e-6;

    private UpdateGraph() {}

    /** One parameter's part; see {@link UpdateRule#apply}. */
    public record Entry(
            UpdateRule rule,
            Value parameter,
            Value gradient,
            List<Value> state,
            List<Value> numbers) {
        public Entry {
            state = List.copyOf(state);
            numbers = List.copyOf(numbers);
        }
    }

    /**
     * Appends the updates.
     *
     * @param maxNorm if given, all gradients are first scaled down together so that the Euclidean
     *     norm of all their elements is at most this
     * @return one result per entry
     */
    public static List<UpdateRule.Updated> append(
            Emitter e, List<Entry> entries, OptionalDouble maxNorm) {
        Value scale =
                maxNorm.isEmpty() || entries.isEmpty()
                        ? null
                        : scale(e, entries, maxNorm.getAsDouble());
        List<UpdateRule.Updated> out = new ArrayList<>();
        for (Entry u : entries) {
            Value gradient = scale == null ? u.gradient : e.mul(u.gradient, scale);
            out.add(u.rule.apply(e, u.parameter, gradient, u.state, u.numbers));
        }
        return out;
    }

    /**
     * min(1, maxNorm / (norm of all gradients + 1e-6)), FP32. The parameters' shares are added in
     * FP64: trainers go through their parameters in an order of their own, which must not show.
     */
    private static Value scale(Emitter e, List<Entry> entries, double maxNorm) {
        List<Value> squares = new ArrayList<>();
        for (Entry u : entries) {
            Value g = u.gradient;
            if (g.type().numel() == 0) {
                continue;
            }
            squares.add(e.view(e.cast(sumOfSquares(e, g), DType.FLOAT64), 1));
        }
        if (squares.isEmpty()) {
            return e.full(
                    new org.ipex4j.ir.TensorType(DType.FLOAT32, Sizes.of()),
                    org.ipex4j.ir.Scalar.of(1.0));
        }
        Value all = squares.size() == 1 ? squares.getFirst() : e.call("aten.cat", squares, 0L);
        Value norm = e.call("aten.sqrt", e.sum(all, new long[] {0}, false));
        Value ratio = e.mul(e.call("aten.reciprocal", e.add(norm, NORM_EPSILON)), maxNorm);
        return e.cast(e.call("aten.clamp", ratio, null, 1.0), DType.FLOAT32);
    }

    /** Row by row first, so that several threads share the work. */
    private static Value sumOfSquares(Emitter e, Value g) {
        Value square = e.mul(g, g);
        int rank = g.type().rank();
        if (rank <= 1) {
            return rank == 0 ? square : e.sum(square, new long[] {0}, false);
        }
        long[] inner = new long[rank - 1];
        for (int d = 1; d < rank; d++) {
            inner[d - 1] = d;
        }
        return e.sum(e.sum(square, inner, false), new long[] {0}, false);
    }
}
