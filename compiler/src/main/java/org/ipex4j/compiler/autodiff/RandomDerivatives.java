package org.ipex4j.compiler.autodiff;

import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/** Dropout: what was kept carries the gradient, by the mask that forward drew. */
final class RandomDerivatives {
    private RandomDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.op("aten.native_dropout").of("input", RandomDerivatives::dropout);
        t.limit(
                "gives no mask; graphs hold aten.native_dropout or its form by a random state",
                "aten.dropout");
    }

    private static Value dropout(Value g, ForwardCall c, Emitter e) {
        boolean train = c.args().isNone("train") || c.args().bool("train");
        double p = c.args().real("p");
        return train
                ? e.call(
                        "aten.native_dropout_backward",
                        g,
                        c.results().get(1),
                        p == 1 ? 0.0 : 1 / (1 - p))
                : g;
    }
}
