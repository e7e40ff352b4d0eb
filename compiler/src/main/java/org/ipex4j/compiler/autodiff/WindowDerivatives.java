package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.mask;

import java.util.List;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;

/** Convolutions and pools, by ATen's backward ops. */
final class WindowDerivatives {
    private WindowDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.add("aten.convolution", WindowDerivatives::convolution);
        for (int n = 2; n <= 3; n++) {
            String pool = "pool" + n + "d";
            t.unary(
                    "aten.max_" + pool + "_with_indices",
                    (g, c, e) ->
                            e.call(
                                    "aten.max_" + pool + "_with_indices_backward",
                                    g,
                                    c.in("self"),
                                    c.args().integers("kernel_size"),
                                    c.args().integers("stride"),
                                    c.args().integers("padding"),
                                    c.args().integers("dilation"),
                                    c.args().bool("ceil_mode"),
                                    c.results().get(1)));
            t.unary(
                    "aten.avg_" + pool,
                    (g, c, e) ->
                            e.call(
                                    "aten.avg_" + pool + "_backward",
                                    g,
                                    c.in("self"),
                                    c.args().integers("kernel_size"),
                                    c.args().integers("stride"),
                                    c.args().integers("padding"),
                                    c.args().bool("ceil_mode"),
                                    c.args().bool("count_include_pad"),
                                    c.args().optionalInteger("divisor_override").orElse(null)));
            t.unary(
                    "aten._adaptive_avg_" + pool,
                    (g, c, e) ->
                            e.call("aten._adaptive_avg_" + pool + "_backward", g, c.in("self")));
        }
        for (int n = 1; n <= 3; n++) {
            int spatial = n;
            t.unary("aten.adaptive_max_pool" + n + "d", (g, c, e) -> adaptiveMax(g, c, e, spatial));
        }
    }

    private static List<Value> convolution(ForwardCall c, List<Value> grads, Emitter e) {
        Value bias = Grads.optional(c, "bias");
        List<Value> g =
                e.callAll(
                        "aten.convolution_backward",
                        grads.getFirst(),
                        c.in("input"),
                        c.in("weight"),
                        bias == null ? null : bias.type().sizes().toArray(),
                        c.args().integers("stride"),
                        c.args().integers("padding"),
                        c.args().integers("dilation"),
                        c.args().bool("transposed"),
                        c.args().integers("output_padding"),
                        c.args().integer("groups"),
                        mask(c.needs("input"), c.needs("weight"), c.needs("bias")));
        return Grads.perOperand(
                c,
                e,
                name ->
                        switch (name) {
                            case "input" -> g.get(0);
                            case "weight" -> g.get(1);
                            default -> g.get(2);
                        });
    }

    /** The windows have no regular step, so the gradients are added by position. */
    private static Value adaptiveMax(Value g, ForwardCall c, Emitter e, int spatial) {
        TensorType x = c.type("self");
        long plane = 1;
        for (int d = x.rank() - spatial; d < x.rank(); d++) {
            plane *= x.sizes().get(d);
        }
        long planes = x.numel() / plane;
        long windows = planes == 0 ? 0 : g.type().numel() / planes;
        Value flat =
                e.call(
                        "aten.scatter_add",
                        Grads.zeros(e, TensorType.of(g.type().dtype(), planes, plane)),
                        1L,
                        e.view(c.results().get(1), planes, windows),
                        e.view(g, planes, windows));
        return e.view(flat, x.sizes().toArray());
    }
}
