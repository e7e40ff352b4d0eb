package org.ipex4j.compiler.autodiff;

/** Dropout: what was kept carries the gradient, by the mask that forward drew. */
final class RandomDerivatives {
    private RandomDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.op("aten.native_dropout")
                .of(
                        "input",
                        (g, c, e) -> {
                            boolean train = c.args().isNone("train") || c.args().bool("train");
                            double p = c.args().real("p");
                            if (!train) {
                                return g;
                            }
                            return e.call(
                                    "aten.native_dropout_backward",
                                    g,
                                    c.results().get(1),
                                    p == 1 ? 0.0 : 1 / (1 - p));
                        });
    }
}
