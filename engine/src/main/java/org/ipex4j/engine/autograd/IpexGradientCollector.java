package org.ipex4j.engine.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.runtime.Tensor;

/**
 * Records what its thread does with arrays that require a gradient, and computes gradients. They
 * add up within one collector; opening another begins with none. One can be open at a time.
 */
public final class IpexGradientCollector implements GradientCollector {
    private final Tape tape;
    private boolean closed;

    /**
     * Opens a collector; gradients of earlier ones are dropped.
     *
     * @throws IllegalStateException if one is open already
     */
    public IpexGradientCollector() {
        tape = Tape.open();
        Gradients.reset();
    }

    /**
     * Adds the gradients of the sum of the target's elements; what was saved on the way is freed.
     */
    @Override
    public void backward(NDArray target) {
        backward(target, false);
    }

    /**
     * Adds the gradients of the sum of the target's elements.
     *
     * @param retainGraph whether backward may go through the same ops again
     */
    public void backward(NDArray target, boolean retainGraph) {
        backward(new NDList(target), null, retainGraph);
    }

    /**
     * Adds the gradients of several targets in one walk.
     *
     * @param gradients of something after the targets with respect to each; null for ones
     * @param retainGraph whether backward may go through the same ops again
     * @throws IllegalStateException if a target depends on no array that requires a gradient, if
     *     what backward needs was freed, or changed in place since
     */
    public void backward(NDList targets, NDList gradients, boolean retainGraph) {
        if (closed) {
            throw new IllegalStateException("backward: the gradient collector is closed");
        }
        if (gradients != null && gradients.size() != targets.size()) {
            throw new IllegalArgumentException(
                    "backward: "
                            + targets.size()
                            + " targets need as many gradients, got "
                            + gradients.size());
        }
        IpexNDArray[] arrays = new IpexNDArray[targets.size()];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = own(targets.get(i));
            if (gradients != null && !own(gradients.get(i)).type().equals(arrays[i].type())) {
                throw new IllegalArgumentException(
                        "backward: a target "
                                + arrays[i].type()
                                + " needs a gradient of the same type, got "
                                + own(gradients.get(i)).type());
            }
        }
        Tensor[] seeds = new Tensor[arrays.length];
        for (int i = 0; i < seeds.length; i++) {
            seeds[i] = gradients == null ? null : own(gradients.get(i)).tensor().alias();
        }
        tape.backward(arrays, seeds, retainGraph);
    }

    private static IpexNDArray own(NDArray array) {
        if (array instanceof IpexNDArray a) {
            return a;
        }
        throw new IllegalArgumentException(
                "backward: an array of the engine IPEX expected, got "
                        + (array == null ? "null" : "one of " + array.getManager().getEngine()));
    }

    /** Drops all gradients: arrays that require one show zeros again. */
    @Override
    public void zeroGradients() {
        Gradients.reset();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            tape.close();
        }
    }
}
