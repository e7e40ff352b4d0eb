package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.ipex4j.compiler.optimize.DjlUpdates;
import org.ipex4j.compiler.optimize.Gradient;
import org.ipex4j.compiler.optimize.UpdateRule;
import org.ipex4j.engine.optim.Updates;

/**
 * Optimizer steps, in place. {@code inputs} are the weight, the gradient and the state; see {@link
 * DjlUpdates} for the formulas. Gradients are dense, so lazy updates are ordinary ones.
 */
interface UpdatesEx extends ExOps {
    private void update(String method, UpdateRule rule, NDList inputs, float... numbers) {
        int expected = 2 + rule.state().size();
        if (inputs.size() != expected) {
            throw new IllegalArgumentException(
                    method
                            + ": inputs should be the weight, the gradient and the state "
                            + rule.state()
                            + ", got "
                            + inputs.size()
                            + " arrays");
        }
        IpexNDManager manager = getArray().getManager();
        IpexNDArray[] own = new IpexNDArray[expected];
        for (int i = 0; i < expected; i++) {
            NDArray a = inputs.get(i);
            if (!(a instanceof IpexNDArray)) {
                throw new IllegalArgumentException(
                        method + ": input " + i + " is of another engine: " + a.getClass());
            }
            own[i] = manager.from(a);
        }
        Updates.submit(method, rule, own, numbers);
    }

    @Override
    default void adadeltaUpdate(
            NDList inputs,
            NDList weights,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float rho,
            float epsilon) {
        Gradient gradient = new Gradient(rescaleGrad, clipGrad, weightDecay);
        update("adadeltaUpdate", new DjlUpdates.Adadelta(rho, epsilon, gradient), inputs);
    }

    @Override
    default void adagradUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float epsilon) {
        Gradient gradient = new Gradient(rescaleGrad, clipGrad, weightDecay);
        update("adagradUpdate", new DjlUpdates.Adagrad(epsilon, gradient), inputs, learningRate);
    }

    @Override
    default void adamUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float learningRateBiasCorrection,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float beta1,
            float beta2,
            float epsilon,
            boolean lazyUpdate,
            boolean adamw) {
        Gradient gradient = new Gradient(rescaleGrad, clipGrad, weightDecay);
        update(
                "adamUpdate",
                new DjlUpdates.Adam(beta1, beta2, epsilon, adamw, gradient),
                inputs,
                learningRate,
                learningRateBiasCorrection);
    }

    @Override
    default void nagUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float momentum) {
        Gradient gradient = new Gradient(rescaleGrad, clipGrad, weightDecay);
        update("nagUpdate", new DjlUpdates.Nag(momentum, gradient), inputs, learningRate);
    }

    @Override
    default void rmspropUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float rho,
            float momentum,
            float epsilon,
            boolean centered) {
        Gradient gradient = new Gradient(rescaleGrad, clipGrad, weightDecay);
        UpdateRule rule =
                centered
                        ? new DjlUpdates.CenteredRmsProp(rho, momentum, epsilon, gradient)
                        : new DjlUpdates.RmsProp(rho, epsilon, gradient);
        update("rmspropUpdate", rule, inputs, learningRate);
    }

    @Override
    default void sgdUpdate(
            NDList inputs,
            NDList weights,
            float learningRate,
            float weightDecay,
            float rescaleGrad,
            float clipGrad,
            float momentum,
            boolean lazyUpdate) {
        Gradient gradient = new Gradient(rescaleGrad, clipGrad, weightDecay);
        update("sgdUpdate", new DjlUpdates.Sgd(momentum, gradient), inputs, learningRate);
    }
}
