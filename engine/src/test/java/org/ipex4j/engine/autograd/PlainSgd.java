package org.ipex4j.engine.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.training.optimizer.Optimizer;

/** weight -= rate * gradient, by ordinary array ops. */
final class PlainSgd extends Optimizer {
    private final float rate;

    PlainSgd(float rate) {
        super(new Builder());
        this.rate = rate;
    }

    private static final class Builder extends OptimizerBuilder<Builder> {
        @Override
        protected Builder self() {
            return this;
        }
    }

    @Override
    public void update(String parameterId, NDArray weight, NDArray grad) {
        try (NDArray change = grad.mul(rate)) {
            weight.subi(change);
        }
    }
}
