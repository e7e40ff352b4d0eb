package org.ipex4j.compiler.autodiff;

import static org.ipex4j.compiler.autodiff.Grads.mask;
import static org.ipex4j.compiler.autodiff.Grads.optional;

import java.util.List;
import java.util.function.Function;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/**
 * Softmax, normalisations and losses, by ATen's backward ops. Statistics that an op gives beside
 * its result have no gradient, as in PyTorch.
 */
final class NormDerivatives {
    private NormDerivatives() {}

    static void addTo(DerivativeTable t) {
        for (String f : List.of("softmax", "log_softmax")) {
            for (String op : List.of("aten._" + f, "aten." + f + ".int")) {
                t.unary(
                        op,
                        (g, c, e) ->
                                e.call(
                                        "aten._" + f + "_backward_data",
                                        g,
                                        c.out(),
                                        c.args().integer("dim"),
                                        g.type().dtype()));
            }
        }
        t.add("aten.native_layer_norm", NormDerivatives::layerNorm);
        t.add("aten.native_group_norm", NormDerivatives::groupNorm);
        t.add("aten.native_batch_norm", (c, g, e) -> batchNorm(c, g, e, c.args().bool("training")));
        t.add(
                "aten._native_batch_norm_legit_functional",
                (c, g, e) -> batchNorm(c, g, e, c.args().bool("training")));
        t.add("aten._native_batch_norm_legit_no_training", (c, g, e) -> batchNorm(c, g, e, false));
        t.op("aten.nll_loss_forward")
                .of(
                        "self",
                        (g, c, e) ->
                                e.call(
                                        "aten.nll_loss_backward",
                                        g,
                                        c.in("self"),
                                        c.in("target"),
                                        optional(c, "weight"),
                                        c.args().integer("reduction"),
                                        c.args().integer("ignore_index"),
                                        c.results().get(1)))
                .none("weight");
    }

    private static List<Value> layerNorm(ForwardCall c, List<Value> grads, Emitter e) {
        if (grads.getFirst() == null) {
            return Derivative.ZERO.apply(c, grads, e);
        }
        List<Value> g =
                e.callAll(
                        "aten.native_layer_norm_backward",
                        grads.getFirst(),
                        c.in("input"),
                        c.args().integers("normalized_shape"),
                        c.results().get(1),
                        c.results().get(2),
                        optional(c, "weight"),
                        optional(c, "bias"),
                        mask(c.needs("input"), c.needs("weight"), c.needs("bias")));
        return affine(c, e, g);
    }

    private static List<Value> groupNorm(ForwardCall c, List<Value> grads, Emitter e) {
        if (grads.getFirst() == null) {
            return Derivative.ZERO.apply(c, grads, e);
        }
        List<Value> g =
                e.callAll(
                        "aten.native_group_norm_backward",
                        grads.getFirst(),
                        c.in("input"),
                        c.results().get(1),
                        c.results().get(2),
                        optional(c, "weight"),
                        c.args().integer("N"),
                        c.args().integer("C"),
                        c.args().integer("HxW"),
                        c.args().integer("group"),
                        mask(c.needs("input"), c.needs("weight"), c.needs("bias")));
        return affine(c, e, g);
    }

    private static List<Value> batchNorm(
            ForwardCall c, List<Value> grads, Emitter e, boolean training) {
        if (grads.getFirst() == null) {
            return Derivative.ZERO.apply(c, grads, e);
        }
        List<Value> g =
                e.callAll(
                        "aten.native_batch_norm_backward",
                        grads.getFirst(),
                        c.in("input"),
                        optional(c, "weight"),
                        training ? null : c.in("running_mean"),
                        training ? null : c.in("running_var"),
                        training ? c.results().get(1) : null,
                        training ? c.results().get(2) : null,
                        training,
                        c.args().real("eps"),
                        mask(c.needs("input"), c.needs("weight"), c.needs("bias")));
        return affine(c, e, g);
    }

    private static List<Value> affine(ForwardCall c, Emitter e, List<Value> g) {
        Function<String, Value> byName =
                name ->
                        switch (name) {
                            case "input" -> g.get(0);
                            case "weight" -> g.get(1);
                            case "bias" -> g.get(2);
                            // Running statistics carry no gradient.
                            default -> null;
                        };
        return Grads.perOperand(c, e, byName);
    }
}
