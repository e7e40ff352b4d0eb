package org.ipex4j.compiler.autodiff;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Param;

/** What derivatives of all families share. */
final class Grads {
    private Grads() {}

    /**
     * The gradients of all operands, fitted to their types.
     *
     * @param gradient of the operand with this name; asked only where one is needed, may be null
     */
    static List<Value> perOperand(ForwardCall call, Emitter e, Function<String, Value> gradient) {
        List<Value> out = new ArrayList<>();
        List<Param> params = call.args().schema().params();
        for (int i = 0; i < params.size(); i++) {
            for (Value operand : call.args().values().get(i).tensors()) {
                Value g = call.needs()[out.size()] ? gradient.apply(params.get(i).name()) : null;
                out.add(g == null ? null : fit(e, g, operand.type()));
            }
        }
        return out;
    }

    /** Sums what was broadcast, repeats what is still to be, and casts. */
    static Value fit(Emitter e, Value g, TensorType type) {
        Value summed = sumTo(e, g, type.sizes());
        Value cast = e.cast(summed, type.dtype());
        return cast.type().equals(type)
                ? cast
                : e.call("aten.expand", cast, type.sizes().toArray(), false);
    }

    /** Sums over the dimensions that were broadcast from these sizes. */
    static Value sumTo(Emitter e, Value g, Sizes sizes) {
        Sizes from = g.type().sizes();
        int lead = from.rank() - sizes.rank();
        if (lead < 0) {
            return g;
        }
        long[] dims =
                LongStream.range(0, from.rank())
                        .filter(
                                d ->
                                        d < lead
                                                || (sizes.get((int) d - lead) == 1
                                                        && from.get((int) d) != 1))
                        .toArray();
        if (dims.length == 0) {
            return g;
        }
        long[] kept = from.toArray();
        for (long d : dims) {
            kept[(int) d] = 1;
        }
        Value sum = e.sum(g, dims, true);
        return lead == 0 ? sum : e.view(sum, java.util.Arrays.copyOfRange(kept, lead, kept.length));
    }

    /** {@code g} where the condition holds, 0 elsewhere (also where g is NaN). */
    static Value where(Emitter e, Value condition, Value g) {
        return e.call("aten.where.ScalarOther", condition, g, 0.0);
    }

    /** 0 where the condition holds, {@code g} elsewhere. */
    static Value unless(Emitter e, Value condition, Value g) {
        return e.call("aten.where.ScalarSelf", condition, 0.0, g);
    }

    static Value zeros(Emitter e, TensorType type) {
        return e.full(type, Scalar.of(0.0));
    }

    static Value neg(Emitter e, Value v) {
        return e.call("aten.neg", v);
    }

    static Value square(Emitter e, Value v) {
        return e.mul(v, v);
    }

    static Value scaled(Emitter e, Value v, Scalar factor) {
        return e.mul(v, factor.toDouble());
    }

    /** 0, 1, … as INT64, lying along one dimension of tensors of this rank. */
    static Value positions(Emitter e, long count, int dim, int rank) {
        Value range = e.call("aten.arange.start_step", 0L, count, 1L, DType.INT64);
        if (rank == 0) {
            return e.view(range);
        }
        long[] sizes = new long[rank];
        java.util.Arrays.fill(sizes, 1);
        sizes[dim] = count;
        return e.view(range, sizes);
    }

    /**
     * {@code g} at the position along {@code dim} that the index names, 0 at the others: a scatter
     * as a comparison, so that it fuses.
     *
     * @param g of size 1 in {@code dim}
     * @param index INT64 of {@code g}'s sizes
     * @param size of the result in {@code dim}
     */
    static Value oneHot(Emitter e, Value g, Value index, int dim, long size) {
        Value hit = e.call("aten.eq.Tensor", positions(e, size, dim, g.type().rank()), index);
        return where(e, hit, g);
    }

    /** One flag per tensor, for the argument output_mask of ATen's backward ops. */
    static List<Boolean> mask(boolean... flags) {
        List<Boolean> out = new ArrayList<>();
        for (boolean f : flags) {
            out.add(f);
        }
        return out;
    }

    /** An optional operand, or null. */
    static Value optional(ForwardCall c, String name) {
        return c.args().get(name) instanceof Arg.Tensor<Value>(Value v) ? v : null;
    }
}
