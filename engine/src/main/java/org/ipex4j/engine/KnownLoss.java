package org.ipex4j.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;

/**
 * A trainer's loss, whose value a compiled step may have computed together with the forward. Under
 * autocast it is computed in FP32.
 */
final class KnownLoss extends Loss {
    private final Loss loss;
    private final IpexTrainer trainer;

    KnownLoss(Loss loss, IpexTrainer trainer) {
        super(loss.getName());
        this.loss = loss;
        this.trainer = trainer;
    }

    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDArray known = trainer.knownLoss(labels, predictions);
        return known != null ? known : Autocast.evaluate(loss, labels, predictions);
    }

    @Override
    public void addAccumulator(String key) {
        loss.addAccumulator(key);
    }

    @Override
    public void updateAccumulator(String key, NDList labels, NDList predictions) {
        loss.updateAccumulator(key, labels, predictions);
    }

    @Override
    public void updateAccumulators(String[] keys, NDList labels, NDList predictions) {
        loss.updateAccumulators(keys, labels, predictions);
    }

    @Override
    public void resetAccumulator(String key) {
        loss.resetAccumulator(key);
    }

    @Override
    public float getAccumulator(String key) {
        return loss.getAccumulator(key);
    }
}
