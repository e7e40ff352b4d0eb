package org.ipex4j.compiler.autodiff;

import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;

/**
 * Image resizing is linear in rows and in columns: result = R · x · Cᵀ with a weight of each source
 * row (column) for each result row (column). So backward is Rᵀ · g · C.
 */
final class ResizeDerivatives {
    private ResizeDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.unary(
                "aten.upsample_nearest2d",
                (g, c, e) -> resized(g, c, e, nearest(c, e, 2), nearest(c, e, 3)));
        t.unary(
                "aten.upsample_bilinear2d",
                (g, c, e) -> resized(g, c, e, linear(c, e, 2), linear(c, e, 3)));
    }

    private static Value resized(
            Value g, ForwardCall c, Emitter e, Value rowWeights, Value columnWeights) {
        Sizes from = g.type().sizes();
        Sizes to = c.type("self").sizes();
        if (g.type().numel() == 0) {
            return Grads.zeros(e, c.type("self"));
        }
        DType dtype = columnWeights.type().dtype();
        long planes = from.get(0) * from.get(1);
        Value lines =
                e.call(
                        "aten.reshape",
                        e.cast(g, dtype),
                        new long[] {planes * from.get(2), from.get(3)});
        Value narrow =
                e.view(e.call("aten.mm", lines, columnWeights), planes, from.get(2), to.get(3));
        Value out = e.call("aten.matmul", e.transpose(rowWeights, 0, 1), narrow);
        return e.view(out, to.toArray());
    }

    /** One row per result position, one column per source position along dimension {@code d}. */
    private static Value nearest(ForwardCall c, Emitter e, int d) {
        long in = c.type("self").sizes().get(d);
        long out = c.out().type().sizes().get(d);
        double scale = scale(c, d);
        float ratio = scale > 0 ? (float) (1 / scale) : (float) in / out;
        Value position = e.mul(range(e, out, DType.FLOAT32), (double) ratio);
        Value source = e.call("aten.clamp_max", e.call("aten.floor", position), (double) (in - 1));
        Value hit =
                e.call(
                        "aten.eq.Tensor",
                        e.view(source, out, 1),
                        e.view(range(e, in, DType.FLOAT32), 1, in));
        return e.cast(hit, wide(c));
    }

    /** Weights fall linearly with the distance from the source position. */
    private static Value linear(ForwardCall c, Emitter e, int d) {
        long in = c.type("self").sizes().get(d);
        long out = c.out().type().sizes().get(d);
        DType dtype = wide(c);
        Value position = range(e, out, dtype);
        if (c.args().bool("align_corners")) {
            position = e.mul(position, out > 1 ? (double) (in - 1) / (out - 1) : 0);
        } else {
            double scale = scale(c, d);
            double ratio = scale > 0 ? 1 / scale : (double) in / out;
            Value center = e.add(e.mul(e.add(position, 0.5), ratio), -0.5);
            position = e.call("aten.clamp_min", center, 0.0);
        }
        Value source = e.view(e.call("aten.clamp_max", position, (double) (in - 1)), out, 1);
        Value distance = e.call("aten.abs", e.sub(source, e.view(range(e, in, dtype), 1, in)));
        return e.call("aten.clamp_min", e.call("aten.rsub.Scalar", distance, 1.0), 0.0);
    }

    private static double scale(ForwardCall c, int d) {
        return c.args().optionalReal(d == 2 ? "scales_h" : "scales_w").orElse(0.0);
    }

    private static Value range(Emitter e, long n, DType dtype) {
        return e.call("aten.arange.start_step", 0L, n, 1L, dtype);
    }

    private static DType wide(ForwardCall c) {
        return c.type("self").dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    }
}
